/**
 * The exact numbers behind the pictures of the timeline. A picture crosses as bytes; a chain that went on from these would be a slightly other
 * one, and 8 and 8 steps would not be 16.
 */
import { createHash } from 'node:crypto'
import { type Picture, type Pictures, stackPictures } from '../../../domain/picture.ts'

/** Some hundred steps of 256x256 pictures. */
const MOST_NUMBERS = 2 ** 24

export class DrawnFrames {
  readonly #frames = new Map<string, Pictures>()
  readonly #most: number
  #numbers = 0

  constructor(mostNumbers = MOST_NUMBERS) {
    this.#most = mostNumbers
  }

  /** @param picture what was sent of it @param exact a single picture */
  remember(step: number, picture: Picture, exact: Pictures): void {
    const key = keyOf(step, picture)
    this.#forget(key)
    this.#frames.set(key, exact)
    this.#numbers += exact.data.length
    for (const oldest of this.#frames.keys()) {
      if (this.#numbers <= this.#most || oldest === key) break
      this.#forget(oldest)
    }
  }

  /** The numbers that were sent as this picture of this step; where nobody remembers, the bytes' own. */
  exact(step: number, picture: Picture): Pictures {
    return this.#frames.get(keyOf(step, picture)) ?? stackPictures([picture])
  }

  #forget(key: string): void {
    this.#numbers -= this.#frames.get(key)?.data.length ?? 0
    this.#frames.delete(key)
  }
}

function keyOf(step: number, { width, height, channels, data }: Picture): string {
  return [step, width, height, channels, createHash('sha256').update(data).digest('hex')].join(' ')
}

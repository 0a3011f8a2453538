/** Small made-up pictures and folders for the tests of this room. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import type { Picture } from '../domain/picture.ts'
import { Random } from '../domain/random.ts'

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'tandem-data-'))
}

/** Writes files (path inside the folder -> bytes), creating the folders on the way. */
export function writeFiles(folder: string, files: Record<string, Uint8Array | string>): void {
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), bytes)
  }
}

export function flat(width: number, height: number, colour: readonly number[]): Picture {
  const data = Uint8Array.from({ length: width * height * colour.length }, (_, i) => colour[i % colour.length])
  return { width, height, channels: colour.length === 1 ? 1 : 3, data }
}

/** Coloured noise: looks like a very busy photograph. */
export function noisy(width: number, height: number, seed: number): Picture {
  const random = new Random(seed)
  return {
    width,
    height,
    channels: 3,
    data: Uint8Array.from({ length: width * height * 3 }, () => random.integer(256)),
  }
}

/** A black frame whose place depends on the seed, on white: looks like a drawing. */
export function drawn(width: number, height: number, seed: number): Picture {
  const edge = 1 + (seed % Math.floor(width / 3))
  const data = new Uint8Array(width * height * 3).fill(255)
  for (let y = 0; y < height; y++) data.fill(0, (y * width + edge) * 3, (y * width + edge + 1) * 3)
  return { width, height, channels: 3, data }
}

export function beside(left: Picture, right: Picture): Picture {
  const width = left.width + right.width
  const data = new Uint8Array(width * left.height * 3)
  for (let y = 0; y < left.height; y++) {
    data.set(left.data.subarray(y * left.width * 3, (y + 1) * left.width * 3), y * width * 3)
    data.set(right.data.subarray(y * right.width * 3, (y + 1) * right.width * 3), (y * width + left.width) * 3)
  }
  return { width, height: left.height, channels: 3, data }
}

export function toSharp({ data, width, height, channels }: Picture) {
  return sharp(data, { raw: { width, height, channels } })
}

export function png(picture: Picture): Promise<Uint8Array> {
  return toSharp(picture).png().toBuffer()
}

/** `count` different noisy PNGs: prefix0.png, prefix1.png ... */
export async function noisyFiles(
  prefix: string,
  count: number,
  side = 16,
  seed = 0,
): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {}
  for (let i = 0; i < count; i++) files[`${prefix}${i}.png`] = await png(noisy(side, side, seed + i))
  return files
}

/** An IDX file of unsigned bytes. */
export function idx(dimensions: readonly number[], values: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * dimensions.length)
  header.writeUInt32BE(0x800 + dimensions.length)
  dimensions.forEach((dimension, i) => header.writeUInt32BE(dimension, 4 + 4 * i))
  return Buffer.concat([header, values])
}

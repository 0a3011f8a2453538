/** Masks for inpainting: one channel, 1 where the picture is hidden (the convention of Batch.mask), else 0. */
import { basename } from 'node:path'
import { AppError, assertNever } from '../domain/errors.ts'
import type { Picture } from '../domain/picture.ts'
import type { Random } from '../domain/random.ts'
import { readPicture } from './pictureFile.ts'

/**
 * `centre`: the middle square of half the side, as in the paper. `rectangles`: some boxes. `brush`: free strokes.
 * The last two hide between 10 % and 40 % of the picture.
 */
export type MaskKind = 'centre' | 'rectangles' | 'brush'

const leastHidden = 0.1
const mostHidden = 0.4

/** A mask of size x size; `random` decides the shapes and is not used for `centre`. */
export function createMask(kind: MaskKind, size: number, random: Random): Picture {
  if (!Number.isInteger(size) || size < 8) throw new RangeError(`a mask has a side of at least 8 pixels, not ${size}`)
  const mask = { width: size, height: size, channels: 1, data: new Uint8Array(size * size) } as const
  switch (kind) {
    case 'centre':
      fillBox(mask, Math.floor(size / 4), Math.floor(size / 4), Math.floor(size / 2), Math.floor(size / 2))
      return mask
    case 'rectangles':
      return growMask(mask, random, addRectangle)
    case 'brush':
      return growMask(mask, random, addStroke)
    default:
      return assertNever(kind)
  }
}

/**
 * A mask from a picture file: white (above half) is hidden. Throws AppError('mismatch') for another size than
 * `width` x `height`, AppError('bad-input') for a file that is no picture or hides nothing.
 */
export async function readMask(file: string, size: { width: number; height: number }): Promise<Picture> {
  const { width, height, channels, data } = await readPicture(file)
  const name = basename(file)
  if (width !== size.width || height !== size.height) {
    const message = `The mask “${name}” is ${width} x ${height} and the picture ${size.width} x ${size.height}: both must be equal.`
    throw new AppError('mismatch', message)
  }
  const hidden = new Uint8Array(width * height)
  for (let i = 0; i < hidden.length; i++) hidden[i] = data[i * channels] > 127 ? 1 : 0
  if (!hidden.includes(1))
    throw new AppError('bad-input', `The mask “${name}” hides nothing: white marks what is to be painted anew.`)
  return { width, height, channels: 1, data: hidden }
}

/** Share of hidden pixels, 0..1. */
export function hiddenShare(mask: Picture): number {
  return mask.data.reduce((sum, value) => sum + value, 0) / mask.data.length
}

/** Adds shapes until a random share between the two limits is reached; a shape that hides too much is left out. */
function growMask(mask: Picture, random: Random, addShape: (mask: Picture, random: Random) => void): Picture {
  const wanted = leastHidden + random.uniform() * (mostHidden - leastHidden) * 0.7
  for (let tries = 0; tries < 100 && hiddenShare(mask) < wanted; tries++) {
    const before = mask.data.slice()
    addShape(mask, random)
    if (hiddenShare(mask) > mostHidden) mask.data.set(before)
  }
  return mask
}

function addRectangle(mask: Picture, random: Random): void {
  const side = () => Math.round(mask.width * (0.2 + 0.35 * random.uniform()))
  const [width, height] = [side(), side()]
  fillBox(mask, random.integer(mask.width - width + 1), random.integer(mask.height - height + 1), width, height)
}

/** A wandering line drawn with a round brush, reflected at the border. */
function addStroke(mask: Picture, random: Random): void {
  const side = mask.width
  const radius = Math.max(1, side * (0.02 + 0.04 * random.uniform()))
  let x = random.uniform() * side
  let y = random.uniform() * side
  let direction = random.uniform() * 2 * Math.PI
  const length = side * (0.4 + 0.8 * random.uniform())
  // Half a radius per dab leaves no gaps.
  for (let drawn = 0; drawn < length; drawn += radius / 2) {
    fillDisc(mask, x, y, radius)
    direction += random.normal() * 0.25
    x += (Math.cos(direction) * radius) / 2
    y += (Math.sin(direction) * radius) / 2
    if (x < 0 || x > side) direction = Math.PI - direction
    if (y < 0 || y > side) direction = -direction
  }
}

function fillDisc(mask: Picture, centreX: number, centreY: number, radius: number): void {
  const { width, height, data } = mask
  for (let y = Math.max(0, Math.ceil(centreY - radius)); y <= Math.min(height - 1, centreY + radius); y++)
    for (let x = Math.max(0, Math.ceil(centreX - radius)); x <= Math.min(width - 1, centreX + radius); x++)
      if ((x - centreX) ** 2 + (y - centreY) ** 2 <= radius ** 2) data[y * width + x] = 1
}

function fillBox({ width: stride, data }: Picture, left: number, top: number, width: number, height: number): void {
  for (let y = top; y < top + height; y++) data.fill(1, y * stride + left, y * stride + left + width)
}

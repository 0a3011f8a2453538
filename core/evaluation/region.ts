/** What every measure of pictures begins with: a rectangle to look at, and pictures that are fit to be measured. */
import { createPictures } from '../domain/picture.ts'
import type { Pictures } from '../domain/picture.ts'

/** A rectangle of pixels; `top` and `left` count from 0. */
export interface Region {
  readonly top: number
  readonly left: number
  readonly height: number
  readonly width: number
}

/**
 * A copy of the pictures, cropped to the region (default: everything) and clamped to [-1, 1].
 * Throws RangeError when there is no picture, the region lies outside, or a value is not finite.
 */
export function prepareForMeasuring(pictures: Pictures, region: Region = wholeOf(pictures)): Pictures {
  const { top, left, height, width } = region
  if (pictures.count < 1) throw new RangeError('there are no pictures to measure')
  const isWhole = [top, left, height, width].every(Number.isInteger)
  const isInside =
    top >= 0 &&
    left >= 0 &&
    top + height <= pictures.height &&
    left + width <= pictures.width &&
    height > 0 &&
    width > 0
  if (!isWhole || !isInside)
    throw new RangeError(`region ${JSON.stringify(region)} is not inside ${pictures.height}x${pictures.width}`)
  const cropped = createPictures(pictures.count, height, width, pictures.channels)
  const run = width * pictures.channels
  for (let index = 0, to = 0; index < pictures.count; index++) {
    for (let row = 0; row < height; row++) {
      const from = ((index * pictures.height + top + row) * pictures.width + left) * pictures.channels
      for (let i = 0; i < run; i++, to++) {
        const value = pictures.data[from + i]
        if (!Number.isFinite(value))
          throw new RangeError(`picture ${index} holds ${value}: only finite pictures can be measured`)
        cropped.data[to] = Math.max(-1, Math.min(1, value))
      }
    }
  }
  return cropped
}

/** Throws RangeError when two stacks cannot be compared picture by picture. */
export function assertSameShape(a: Pictures, b: Pictures): void {
  if (a.count !== b.count || a.height !== b.height || a.width !== b.width || a.channels !== b.channels)
    throw new RangeError(`cannot compare ${describeShape(a)} with ${describeShape(b)}`)
}

export function describeShape({ count, height, width, channels }: Pictures): string {
  return `${count} pictures of ${height}x${width}x${channels}`
}

function wholeOf({ height, width }: Pictures): Region {
  return { top: 0, left: 0, height, width }
}

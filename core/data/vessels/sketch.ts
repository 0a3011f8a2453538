/** Strokes as a picture: dark ink on white paper, at any size. */
import type { Picture } from '../../domain/picture.ts'
import type { Stroke } from './strokes.ts'

const ink = 22
const paper = 255

/** Draws the strokes, anti-aliased; the pen is about 1.3 pixels wide at 64 and 2.2 at 256. Answers an RGB picture. */
export function drawVesselSketch(strokes: readonly Stroke[], size: number): Picture {
  if (!Number.isInteger(size) || size < 16) throw new RangeError(`sketch size ${size}: a whole number from 16`)
  const cover = new Float32Array(size * size)
  const pen = 1.3 * (size / 64) ** 0.38
  for (const { points } of strokes)
    for (let i = 1; i < points.length; i++) {
      const from = points[i - 1]
      const to = points[i]
      const width = (pressure: number): number => pen * (0.5 + 0.8 * pressure)
      drawSegment(cover, size, {
        x: from.x * size - 0.5,
        y: from.y * size - 0.5,
        dx: (to.x - from.x) * size,
        dy: (to.y - from.y) * size,
        radius: width(from.pressure) / 2,
        growth: (width(to.pressure) - width(from.pressure)) / 2,
      })
    }
  const data = new Uint8Array(size * size * 3)
  cover.forEach((amount, i) => data.fill(Math.round(paper + (ink - paper) * amount), 3 * i, 3 * i + 3))
  return { width: size, height: size, channels: 3, data }
}

interface Segment {
  readonly x: number
  readonly y: number
  readonly dx: number
  readonly dy: number
  readonly radius: number
  readonly growth: number
}

/** A round-ended piece of line; where pieces overlap the darker counts, so joints do not show. */
function drawSegment(cover: Float32Array, size: number, { x, y, dx, dy, radius, growth }: Segment): void {
  const reach = radius + Math.max(0, growth) + 1
  const left = Math.max(0, Math.ceil(Math.min(x, x + dx) - reach))
  const right = Math.min(size - 1, Math.floor(Math.max(x, x + dx) + reach))
  const top = Math.max(0, Math.ceil(Math.min(y, y + dy) - reach))
  const bottom = Math.min(size - 1, Math.floor(Math.max(y, y + dy) + reach))
  const length = dx * dx + dy * dy + 1e-9
  for (let row = top; row <= bottom; row++)
    for (let column = left; column <= right; column++) {
      const t = Math.min(1, Math.max(0, ((column - x) * dx + (row - y) * dy) / length))
      const away = Math.hypot(column - x - t * dx, row - y - t * dy)
      const half = radius + t * growth
      // A line thinner than a pixel covers no more than its own width of it.
      const amount = Math.min(1, 2 * half, Math.max(0, half + 0.5 - away))
      const index = row * size + column
      if (amount > cover[index]) cover[index] = amount
    }
}

/**
 * A line drawing from a photograph: the colour version of Canny's edge detector (J. Canny, IEEE PAMI 8(6), 1986) with the
 * gradient of S. Di Zenzo (CVGIP 33, 1986), which also sees edges between colours of equal brightness. Dark lines on white.
 *
 * Blur (Gaussian) -> gradient by Sobel, joined over the channels -> thin to ridges (non-maximum suppression) -> keep what is
 * strong, and what is weaker but touches it (hysteresis) -> drop short pieces -> draw.
 */
import type { Picture } from '../domain/picture.ts'
import { resizePicture } from './pictureFile.ts'

/** Everything that decides the lines; stored with a data set so that drawing can use the very same extractor. */
export interface EdgeSettings {
  /** Deviation of the blur in pixels; more = only larger shapes. */
  readonly blur: number
  /** Contrast at which a line starts, 0..1 of the picture's strongest edges (99.5th percentile). */
  readonly strong: number
  /** Contrast down to which a line continues, same unit. */
  readonly weak: number
  /** Contrast below which nothing is a line, in grey levels per pixel: keeps noise of flat pictures out. */
  readonly floor: number
  /** Lines of fewer pixels are dropped. */
  readonly shortest: number
}

export const defaultEdges: EdgeSettings = { blur: 1.4, strong: 0.24, weak: 0.1, floor: 3, shortest: 10 }

/** One-channel drawing of the same size: 0 on a line, 255 elsewhere. */
export function extractEdges(photo: Picture, settings: EdgeSettings = defaultEdges): Picture {
  const { width, height } = photo
  const { magnitude, along } = colourGradient(photo, settings.blur)
  const ridges = thin(magnitude, along, width, height)
  const strongest = percentile(magnitude, 0.995)
  const strong = Math.max(settings.floor, settings.strong * strongest)
  const weak = Math.max(settings.floor * 0.6, settings.weak * strongest)
  const data = new Uint8Array(width * height).fill(255)
  for (const line of connectedLines(ridges, width, height, weak))
    if (line.length >= settings.shortest && line.some((at) => ridges[at] >= strong)) for (const at of line) data[at] = 0
  return { width, height, channels: 1, data }
}

/**
 * The drawing of a photo at size x size. Small drawings are made at twice their size and then averaged: lines
 * stay thin and soft, as in drawings made on a larger canvas.
 */
export async function drawEdges(photo: Picture, size: number, settings: EdgeSettings = defaultEdges): Promise<Picture> {
  const side = edgeSide(size)
  const drawing = extractEdges(await resizePicture(photo, side, side), settings)
  return resizePicture(drawing, size, size, { kernel: 'area' })
}

/** The side at which a drawing of `size` is extracted, in pixels. */
export function edgeSide(size: number): number {
  return Math.max(size, Math.min(256, 2 * size))
}

/** Strength of the steepest change in grey levels per pixel, and its direction in [0, pi). */
function colourGradient(photo: Picture, blur: number): { magnitude: Float32Array; along: Float32Array } {
  const { width, height, channels } = photo
  const size = width * height
  const xx = new Float32Array(size)
  const yy = new Float32Array(size)
  const xy = new Float32Array(size)
  for (let channel = 0; channel < channels; channel++) {
    const levels = new Float32Array(size)
    for (let i = 0; i < size; i++) levels[i] = photo.data[i * channels + channel]
    const plane = blurred(levels, width, height, blur)
    for (let y = 0; y < height; y++) {
      const above = Math.max(y - 1, 0) * width
      const here = y * width
      const below = Math.min(y + 1, height - 1) * width
      for (let x = 0; x < width; x++) {
        const left = Math.max(x - 1, 0)
        const right = Math.min(x + 1, width - 1)
        const upper = plane[above + right] - plane[above + left]
        const lower = plane[below + right] - plane[below + left]
        const dx = (upper + 2 * (plane[here + right] - plane[here + left]) + lower) / 8
        const dy =
          (plane[below + left] -
            plane[above + left] +
            2 * (plane[below + x] - plane[above + x]) +
            plane[below + right] -
            plane[above + right]) /
          8
        xx[here + x] += dx * dx
        yy[here + x] += dy * dy
        xy[here + x] += dx * dy
      }
    }
  }
  const along = new Float32Array(size)
  for (let i = 0; i < size; i++) {
    // Larger eigenvalue and its direction of the 2x2 matrix of summed products.
    const difference = xx[i] - yy[i]
    const root = Math.sqrt(difference * difference + 4 * xy[i] * xy[i])
    along[i] = root === 0 ? 0 : (0.5 * Math.atan2(2 * xy[i], difference) + Math.PI) % Math.PI
    xx[i] = Math.sqrt(Math.max(0, (xx[i] + yy[i] + root) / (2 * channels)))
  }
  return { magnitude: xx, along }
}

/** Gaussian blur, rows then columns; borders repeat. */
function blurred(plane: Float32Array, width: number, height: number, deviation: number): Float32Array {
  if (deviation <= 0) return plane
  const radius = Math.ceil(2.5 * deviation)
  const weights = Float32Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * deviation ** 2)),
  )
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const padded = new Float32Array(Math.max(width, height) + 2 * radius)
  const pass = (from: Float32Array, lines: number, length: number, lineStride: number, stride: number) => {
    const to = new Float32Array(from.length)
    for (let line = 0; line < lines; line++) {
      const start = line * lineStride
      for (let i = 0; i < length; i++) padded[i + radius] = from[start + i * stride]
      padded.fill(padded[radius], 0, radius)
      padded.fill(padded[radius + length - 1], radius + length, length + 2 * radius)
      for (let i = 0; i < length; i++) {
        let sum = 0
        for (let k = 0; k <= 2 * radius; k++) sum += weights[k] * padded[i + k]
        to[start + i * stride] = sum / total
      }
    }
    return to
  }
  return pass(pass(plane, height, width, width, 1), width, height, 1, width)
}

/** Keeps the strength where it is the largest across the edge; 0 elsewhere and on the border. */
function thin(magnitude: Float32Array, along: Float32Array, width: number, height: number): Float32Array {
  const ridges = new Float32Array(magnitude.length)
  const neighbours = [1, width + 1, width, width - 1]
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x
      const step = neighbours[Math.round(along[at] / (Math.PI / 4)) % 4]
      // One strict comparison, so that two equal neighbours leave one line and not none or two.
      if (magnitude[at] > magnitude[at - step] && magnitude[at] >= magnitude[at + step]) ridges[at] = magnitude[at]
    }
  return ridges
}

/** Groups of touching pixels (8 neighbours) whose strength is at least `weak`. */
function* connectedLines(ridges: Float32Array, width: number, height: number, weak: number): Generator<number[]> {
  const seen = new Uint8Array(width * height)
  const around = [-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1]
  for (let start = 0; start < ridges.length; start++) {
    if (seen[start] === 1 || ridges[start] < weak) continue
    const line = [start]
    seen[start] = 1
    // The list grows while it is read: every pixel found brings its neighbours.
    for (const at of line)
      for (const step of around) {
        const next = at + step
        if (seen[next] === 0 && ridges[next] >= weak) {
          seen[next] = 1
          line.push(next)
        }
      }
    yield line
  }
}

/** The strength that `fraction` of the pixels do not exceed, to an eighth of a grey level. */
function percentile(values: Float32Array, fraction: number): number {
  const counts = new Uint32Array(1024)
  for (const value of values) counts[Math.min(1023, Math.floor(value * 8))]++
  let left = values.length * fraction
  return (
    Math.max(
      0,
      counts.findIndex((count) => (left -= count) < 0),
    ) / 8
  )
}

/** Laplacian pyramid of Burt and Adelson (1983): each level holds the detail of one scale, the last one the rest. */
import { createPictures } from '../domain/picture.ts'
import type { Pictures } from '../domain/picture.ts'

const weights = [1, 4, 6, 4, 1].map((weight) => weight / 16)

/** `levels` stacks, each half the height and width of the one before (rounded up). Borders are mirrored. */
export function buildLaplacianPyramid(pictures: Pictures, levels: number): Pictures[] {
  const pyramid: Pictures[] = []
  let finer = pictures
  for (let level = 1; level < levels; level++) {
    const coarser = halve(blur(finer))
    const guess = blur(spread(coarser, finer))
    const detail = { ...finer, data: finer.data.map((value, i) => value - guess.data[i]) }
    pyramid.push(detail)
    finer = coarser
  }
  return [...pyramid, finer]
}

/** Every second pixel of every second row. */
function halve(pictures: Pictures): Pictures {
  const { count, height, width, channels, data } = pictures
  const half = createPictures(count, Math.ceil(height / 2), Math.ceil(width / 2), channels)
  eachPixel(half, (index, row, column, to) => {
    const from = ((index * height + 2 * row) * width + 2 * column) * channels
    for (let channel = 0; channel < channels; channel++) half.data[to + channel] = data[from + channel]
  })
  return half
}

/** The opposite of halve: zeros between the pixels, which count four times so that a blur keeps the brightness. */
function spread(half: Pictures, { height, width }: Pictures): Pictures {
  const { count, channels, data } = half
  const wide = createPictures(count, height, width, channels)
  eachPixel(half, (index, row, column, from) => {
    const to = ((index * height + 2 * row) * width + 2 * column) * channels
    for (let channel = 0; channel < channels; channel++) wide.data[to + channel] = 4 * data[from + channel]
  })
  return wide
}

function blur(pictures: Pictures): Pictures {
  const { height, width, channels } = pictures
  return blurAlong(blurAlong(pictures, width, channels), height, width * channels)
}

/** Blurs along one axis of `length` places that lie `stride` numbers apart. */
function blurAlong(pictures: Pictures, length: number, stride: number): Pictures {
  const { data } = pictures
  const out = new Float32Array(data.length)
  const offsets = Array.from({ length }, (_, place) =>
    weights.map((_, tap) => stride * mirror(place + tap - 2, length)),
  )
  for (let block = 0; block < data.length; block += length * stride) {
    for (let place = 0; place < length; place++) {
      const [first, second, third, fourth, fifth] = offsets[place]
      for (let i = block; i < block + stride; i++) {
        out[i + place * stride] =
          weights[0] * (data[i + first] + data[i + fifth]) +
          weights[1] * (data[i + second] + data[i + fourth]) +
          weights[2] * data[i + third]
      }
    }
  }
  return { ...pictures, data: out }
}

/** The border pixel itself is not repeated: -1 is 1, `length` is length - 2. */
function mirror(place: number, length: number): number {
  const last = length - 1
  return last - Math.abs(last - Math.abs(place))
}

function eachPixel(pictures: Pictures, visit: (index: number, row: number, column: number, at: number) => void): void {
  const { count, height, width, channels } = pictures
  for (let index = 0, at = 0; index < count; index++)
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++, at += channels) visit(index, row, column, at)
}

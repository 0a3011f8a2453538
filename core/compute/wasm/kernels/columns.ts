/** Pictures <-> columns: the window under each output position of a convolution, laid out as one row of a matrix. */
import { addNumbers, bytes, copyNumbers, fillZero } from './vector'

/** One convolution, NHWC. The host writes these integers in this order (convolutionKernels.ts). */
@unmanaged
export class Geometry {
  batch: i32
  height: i32
  width: i32
  channels: i32
  outHeight: i32
  outWidth: i32
  outChannels: i32
  filterHeight: i32
  filterWidth: i32
  strideHeight: i32
  strideWidth: i32
  padTop: i32
  padLeft: i32
}

/** Numbers under one window: the inner dimension of the product. */
export function windowNumbers(g: Geometry): i32 {
  return g.filterHeight * g.filterWidth * g.channels
}

/** Output positions of the whole batch. */
export function positions(g: Geometry): i32 {
  return g.batch * g.outHeight * g.outWidth
}

/** Windows of the positions [first, end), in the order (filter row, filter column, channel); zeros outside the picture. */
export function picturesToColumns(g: Geometry, x: usize, first: i32, end: i32, target: usize): void {
  const c = g.channels
  const row = g.filterWidth * c
  for (let position = first; position < end; position++) {
    const outX = position % g.outWidth
    const outRow = position / g.outWidth
    const top = (outRow % g.outHeight) * g.strideHeight - g.padTop
    const picture = (outRow / g.outHeight) * g.height
    const left = outX * g.strideWidth - g.padLeft
    const from = max<i32>(0, -left)
    const to = min<i32>(g.filterWidth, g.width - left)
    for (let i = 0; i < g.filterHeight; i++) {
      const y = top + i
      if (y < 0 || y >= g.height || to <= from) fillZero(target, row)
      else {
        if (from > 0) fillZero(target, from * c)
        const source = x + bytes(((picture + y) * g.width + left + from) * c)
        copyNumbers(target + bytes(from * c), source, (to - from) * c)
        if (to < g.filterWidth) fillZero(target + bytes(to * c), (g.filterWidth - to) * c)
      }
      target += bytes(row)
    }
  }
}

/** The transposed map: adds the windows of the positions [first, end) to the pictures, but only to their rows [topRow, bottomRow). */
export function addColumnsToPictures(
  g: Geometry,
  x: usize,
  first: i32,
  end: i32,
  source: usize,
  topRow: i32,
  bottomRow: i32,
): void {
  const c = g.channels
  const row = g.filterWidth * c
  for (let position = first; position < end; position++) {
    const outX = position % g.outWidth
    const outRow = position / g.outWidth
    const top = (outRow % g.outHeight) * g.strideHeight - g.padTop
    const picture = (outRow / g.outHeight) * g.height
    const left = outX * g.strideWidth - g.padLeft
    const from = max<i32>(0, -left)
    const to = min<i32>(g.filterWidth, g.width - left)
    for (let i = 0; i < g.filterHeight; i++) {
      const y = top + i
      if (y >= topRow && y < bottomRow && to > from) {
        const target = x + bytes(((picture + y) * g.width + left + from) * c)
        addNumbers(target, source + bytes(from * c), (to - from) * c)
      }
      source += bytes(row)
    }
  }
}

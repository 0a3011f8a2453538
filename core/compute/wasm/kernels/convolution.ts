/** Convolution (NHWC, filter [height, width, channels, outChannels]) and its two gradients, as matrix products over columns. */
import { addColumnsToPictures, Geometry, picturesToColumns, positions, windowNumbers } from './columns'
import { multiply, multiplyScratch } from './gemm'
import { INNER_BLOCK, packedNumbers, packRight } from './packing'
import { addNumbers, bytes, fillZero, roundUp } from './vector'

/** Positions whose columns are held at a time: as many as stay in the second-level cache. */
export function positionBlock(window: i32): i32 {
  return min<i32>(512, max<i32>(32, (98304 / window) & ~3))
}

/** Bytes of scratch that one thread needs for any of the kernels below. */
export function convolutionScratch(window: i32, outChannels: i32): usize {
  const columns = max<i32>(positionBlock(window), INNER_BLOCK) * window
  return multiplyScratch() + bytes(columns) + bytes(packedNumbers(INNER_BLOCK, outChannels))
}

/** y = relu?(x * filter + bias). Items are blocks of `positionBlock` output positions. */
export function convolve(
  first: i32,
  end: i32,
  scratch: usize,
  geometry: usize,
  x: usize,
  packedFilter: usize,
  bias: usize,
  relu: bool,
  y: usize,
): void {
  const g = changetype<Geometry>(geometry)
  const inner = windowNumbers(g)
  const block = positionBlock(inner)
  const columns = scratch + multiplyScratch()
  const strips = roundUp(g.outChannels, 8) / 8
  const stop = min<i32>(end * block, positions(g))
  for (let start = first * block; start < stop; start += block) {
    const rows = min<i32>(block, stop - start)
    const out = y + bytes(start * g.outChannels)
    picturesToColumns(g, x, start, start + rows, columns)
    multiply(
      columns,
      bytes(inner),
      4,
      packedFilter,
      out,
      g.outChannels,
      rows,
      g.outChannels,
      inner,
      0,
      strips,
      false,
      bias,
      relu,
      scratch,
    )
  }
}

/**
 * dx from dy; `packedFilter` is the transposed filter (outChannels x window). Items are bands of rows, `bands` for each example;
 * windows that reach into two bands are computed twice, and every number is summed in the same order with any number of bands.
 */
export function convolveBackInput(
  first: i32,
  end: i32,
  scratch: usize,
  geometry: usize,
  dy: usize,
  packedFilter: usize,
  dx: usize,
  bands: i32,
): void {
  const g = changetype<Geometry>(geometry)
  const height = (g.height + bands - 1) / bands
  for (let item = first; item < end; item++) {
    const top = min<i32>(g.height, (item % bands) * height)
    const bottom = min<i32>(g.height, top + height)
    if (top < bottom) backInputBand(g, item / bands, top, bottom, dy, packedFilter, dx, scratch)
  }
}

function backInputBand(
  g: Geometry,
  example: i32,
  top: i32,
  bottom: i32,
  dy: usize,
  packedFilter: usize,
  dx: usize,
  scratch: usize,
): void {
  const window = windowNumbers(g)
  const block = positionBlock(window)
  const columns = scratch + multiplyScratch()
  const strips = roundUp(window, 8) / 8
  const row = g.width * g.channels
  const inner = g.outChannels
  fillZero(dx + bytes((example * g.height + top) * row), (bottom - top) * row)
  // The output rows whose windows touch the band.
  const firstRow = (max<i32>(0, top + g.padTop - g.filterHeight + 1) + g.strideHeight - 1) / g.strideHeight
  const endRow = min<i32>(g.outHeight, (bottom - 1 + g.padTop) / g.strideHeight + 1)
  const stop = (example * g.outHeight + endRow) * g.outWidth
  for (let start = (example * g.outHeight + firstRow) * g.outWidth; start < stop; start += block) {
    const rows = min<i32>(block, stop - start)
    const from = dy + bytes(start * inner)
    multiply(
      from,
      bytes(inner),
      4,
      packedFilter,
      columns,
      window,
      rows,
      window,
      inner,
      0,
      strips,
      false,
      0,
      false,
      scratch,
    )
    addColumnsToPictures(g, dx, start, start + rows, columns, top, bottom)
  }
}

/**
 * Filter gradients of groups of positions, one after another at `partials`. Items are groups; `groups` depends on the shapes
 * alone, so the sum is rounded alike with any number of threads.
 */
export function convolveBackFilter(
  first: i32,
  end: i32,
  scratch: usize,
  geometry: usize,
  x: usize,
  dy: usize,
  partials: usize,
  groups: i32,
): void {
  const g = changetype<Geometry>(geometry)
  const window = windowNumbers(g)
  const total = positions(g)
  const perGroup = (total + groups - 1) / groups
  const packed = scratch + multiplyScratch()
  const columns = packed + bytes(packedNumbers(INNER_BLOCK, g.outChannels))
  const strips = roundUp(g.outChannels, 8) / 8
  for (let group = first; group < end; group++) {
    const out = partials + <usize>group * bytes(window * g.outChannels)
    const from = min<i32>(total, group * perGroup)
    const stop = min<i32>(total, from + perGroup)
    if (from == stop) fillZero(out, window * g.outChannels)
    for (let start = from; start < stop; start += INNER_BLOCK) {
      const inner = min<i32>(INNER_BLOCK, stop - start)
      picturesToColumns(g, x, start, start + inner, columns)
      packRight(0, strips, 0, dy + bytes(start * g.outChannels), bytes(g.outChannels), 4, inner, g.outChannels, packed)
      multiply(
        columns,
        4,
        bytes(window),
        packed,
        out,
        g.outChannels,
        window,
        g.outChannels,
        inner,
        0,
        strips,
        start > from,
        0,
        false,
        scratch,
      )
    }
  }
}

/** out = sum of `count` arrays of `size` numbers that lie one after another. Items are blocks of 1024 numbers. */
export function sumPartials(
  first: i32,
  end: i32,
  scratch: usize,
  partials: usize,
  count: i32,
  size: i32,
  out: usize,
): void {
  const from = first * 1024
  const length = min<i32>(end * 1024, size) - from
  memory.copy(out + bytes(from), partials + bytes(from), bytes(length))
  for (let i = 1; i < count; i++) addNumbers(out + bytes(from), partials + <usize>i * bytes(size) + bytes(from), length)
}

/** Depthwise convolution (one filter per channel) of stride 1, for blurs: all channels of a row lie side by side and move together. */
import { Geometry } from './columns'
import { bytes, copyNumbers, fillZero, multiplyAdd, roundUp } from './vector'

/** Numbers of one padded input row; the last vector of a row may read 3 numbers further. */
function paddedRow(g: Geometry): i32 {
  return roundUp((g.outWidth + g.filterWidth - 1) * g.channels, 4) + 4
}

function outRow(g: Geometry): i32 {
  return roundUp(g.outWidth * g.channels, 4)
}

/** Bytes of scratch that one thread needs: a padded picture, every tap repeated along a row, and one row of output. */
export function depthwiseScratch(geometry: usize): usize {
  const g = changetype<Geometry>(geometry)
  const picture = (g.outHeight + g.filterHeight - 1) * paddedRow(g)
  return bytes(picture + (g.filterHeight * g.filterWidth + 1) * outRow(g))
}

/** filter: [filterHeight, filterWidth, channels]. Items are examples. */
export function convolveDepthwise(
  first: i32,
  end: i32,
  scratch: usize,
  geometry: usize,
  x: usize,
  filter: usize,
  y: usize,
): void {
  const g = changetype<Geometry>(geometry)
  const rows = g.outHeight + g.filterHeight - 1
  const inputRow = bytes(paddedRow(g))
  const tapRow = bytes(outRow(g))
  const outNumbers = g.outWidth * g.channels
  const taps = scratch + <usize>rows * inputRow
  const line = taps + <usize>(g.filterHeight * g.filterWidth) * tapRow
  repeatTaps(g, filter, taps)
  for (let example = first; example < end; example++) {
    padPicture(g, x + bytes(example * g.height * g.width * g.channels), scratch, rows)
    for (let row = 0; row < g.outHeight; row++) {
      convolveRow(g, scratch + <usize>row * inputRow, inputRow, taps, tapRow, line)
      copyNumbers(y + bytes((example * g.outHeight + row) * outNumbers), line, outNumbers)
    }
  }
}

function repeatTaps(g: Geometry, filter: usize, taps: usize): void {
  for (let tap = 0; tap < g.filterHeight * g.filterWidth; tap++) {
    const to = taps + bytes(tap * outRow(g))
    for (let i = 0; i < outRow(g); i++)
      store<f32>(to + bytes(i), load<f32>(filter + bytes(tap * g.channels + (i % g.channels))))
  }
}

function padPicture(g: Geometry, x: usize, target: usize, rows: i32): void {
  const row = paddedRow(g)
  // A picture may reach further than the windows do.
  const width = min<i32>(g.width, g.outWidth + g.filterWidth - 1 - g.padLeft)
  fillZero(target, rows * row)
  for (let i = 0; i < min<i32>(g.height, rows - g.padTop); i++) {
    const to = target + bytes((i + g.padTop) * row + g.padLeft * g.channels)
    copyNumbers(to, x + bytes(i * g.width * g.channels), width * g.channels)
  }
}

/** One row of output, 16 numbers at a time while there are as many. */
function convolveRow(g: Geometry, input: usize, inputRow: usize, taps: usize, tapRow: usize, line: usize): void {
  const pixel = bytes(g.channels)
  let at: usize = 0
  for (; at + 64 <= tapRow; at += 64) {
    let a = f32x4.splat(0)
    let b = a
    let c = a
    let d = a
    let tap = taps + at
    for (let i = 0; i < g.filterHeight; i++) {
      let from = input + <usize>i * inputRow + at
      for (let j = 0; j < g.filterWidth; j++) {
        a = multiplyAdd(v128.load(tap), v128.load(from), a)
        b = multiplyAdd(v128.load(tap, 16), v128.load(from, 16), b)
        c = multiplyAdd(v128.load(tap, 32), v128.load(from, 32), c)
        d = multiplyAdd(v128.load(tap, 48), v128.load(from, 48), d)
        tap += tapRow
        from += pixel
      }
    }
    v128.store(line + at, a)
    v128.store(line + at, b, 16)
    v128.store(line + at, c, 32)
    v128.store(line + at, d, 48)
  }
  for (; at < tapRow; at += 16) {
    let sum = f32x4.splat(0)
    let tap = taps + at
    for (let i = 0; i < g.filterHeight; i++) {
      let from = input + <usize>i * inputRow + at
      for (let j = 0; j < g.filterWidth; j++) {
        sum = multiplyAdd(v128.load(tap), v128.load(from), sum)
        tap += tapRow
        from += pixel
      }
    }
    v128.store(line + at, sum)
  }
}

/** Matrices rearranged for `multiply`: the left one in strips of 4 rows, the right one in strips of 8 columns per block of the inner dimension. */
import { bytes, fillZero, roundUp } from './vector'

/** Inner dimension per block. */
export const INNER_BLOCK: i32 = 256

/** Numbers that a packed right matrix takes. */
export function packedNumbers(inner: i32, columns: i32): i32 {
  return inner * roundUp(columns, 8)
}

/** Packs the column strips [first, end) of the right matrix; the last strip is padded with zeros. */
export function packRight(
  first: i32,
  end: i32,
  scratch: usize,
  source: usize,
  rowStride: usize,
  columnStride: usize,
  inner: i32,
  columns: i32,
  target: usize,
): void {
  const padded = roundUp(columns, 8)
  for (let block = 0; block < inner; block += INNER_BLOCK) {
    const depth = min<i32>(INNER_BLOCK, inner - block)
    for (let column = first * 8; column < min<i32>(end * 8, columns); column += 8) {
      let to = target + bytes(block * padded + column * depth)
      let from = source + <usize>block * rowStride + <usize>column * columnStride
      if (column + 8 <= columns && columnStride == 4) {
        for (let k = 0; k < depth; k++) {
          v128.store(to, v128.load(from))
          v128.store(to, v128.load(from, 16), 16)
          from += rowStride
          to += 32
        }
      } else {
        const width = min<i32>(8, columns - column)
        if (width < 8) fillZero(to, depth * 8)
        for (let lane = 0; lane < width; lane++) {
          let read = from + <usize>lane * columnStride
          let write = to + bytes(lane)
          for (let k = 0; k < depth; k++) {
            store<f32>(write, load<f32>(read))
            read += rowStride
            write += 32
          }
        }
      }
    }
  }
}

/** Left matrix (rows x inner) -> strips of 4 rows, the last one padded with zeros. */
export function packLeft(
  source: usize,
  rowStride: usize,
  columnStride: usize,
  rows: i32,
  inner: i32,
  target: usize,
): void {
  for (let row = 0; row < rows; row += 4) {
    const from = source + <usize>row * rowStride
    if (row + 4 > rows) packPartialStrip(from, rowStride, columnStride, rows - row, inner, target)
    else if (rowStride == 4) packContiguousColumns(from, columnStride, inner, target)
    else packRows(from, rowStride, columnStride, inner, target)
    target += bytes(inner * 4)
  }
}

function packContiguousColumns(from: usize, columnStride: usize, inner: i32, target: usize): void {
  for (let k = 0; k < inner; k++) {
    v128.store(target, v128.load(from))
    from += columnStride
    target += 16
  }
}

/** Four rows at once; a 4 x 4 transposition in registers where the numbers of a row lie side by side. */
function packRows(from: usize, rowStride: usize, columnStride: usize, inner: i32, target: usize): void {
  let row0 = from
  let row1 = row0 + rowStride
  let row2 = row1 + rowStride
  let row3 = row2 + rowStride
  let k = 0
  if (columnStride == 4) {
    for (; k + 4 <= inner; k += 4) {
      const a = v128.load(row0)
      const b = v128.load(row1)
      const c = v128.load(row2)
      const d = v128.load(row3)
      const abLow = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
      const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
      const cdLow = v128.shuffle<f32>(c, d, 0, 4, 1, 5)
      const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7)
      v128.store(target, v128.shuffle<f32>(abLow, cdLow, 0, 1, 4, 5))
      v128.store(target, v128.shuffle<f32>(abLow, cdLow, 2, 3, 6, 7), 16)
      v128.store(target, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5), 32)
      v128.store(target, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7), 48)
      row0 += 16
      row1 += 16
      row2 += 16
      row3 += 16
      target += 64
    }
  }
  for (; k < inner; k++) {
    store<f32>(target, load<f32>(row0))
    store<f32>(target, load<f32>(row1), 4)
    store<f32>(target, load<f32>(row2), 8)
    store<f32>(target, load<f32>(row3), 12)
    row0 += columnStride
    row1 += columnStride
    row2 += columnStride
    row3 += columnStride
    target += 16
  }
}

function packPartialStrip(
  from: usize,
  rowStride: usize,
  columnStride: usize,
  rows: i32,
  inner: i32,
  target: usize,
): void {
  for (let k = 0; k < inner; k++) {
    v128.store(target, f32x4.splat(0))
    for (let row = 0; row < rows; row++) store<f32>(target + bytes(row), load<f32>(from + <usize>row * rowStride))
    from += columnStride
    target += 16
  }
}

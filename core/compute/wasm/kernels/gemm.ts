/**
 * Matrix product of packed operands, after K. Goto and R. van de Geijn, "Anatomy of high-performance matrix multiplication" (2008):
 * the left matrix in strips of 4 rows, the right one in strips of 8 columns, the inner dimension in blocks that fit the cache.
 * The order in which one element is summed depends on the inner dimension alone: neither on the other rows (batch mates) nor on threads.
 */
import { INNER_BLOCK, packLeft } from './packing'
import { bytes, copyNumbers, fillZero, multiplyAdd, roundUp } from './vector'

/** Rows of the left matrix packed at a time. */
const ROW_BLOCK: i32 = 128
const TILE_BYTES: usize = 256

/** Bytes of scratch that `multiply` needs: an edge tile and the packed left block. */
export function multiplyScratch(): usize {
  return TILE_BYTES + bytes(ROW_BLOCK * INNER_BLOCK)
}

/**
 * One 4 x 8 tile in registers: out = start + left * right, where start is what lies at `out` (when `accumulate`), else the bias
 * of the 8 columns (when not 0), else zero; then max(0, .) when `relu` (NaN stays NaN).
 */
function multiplyTile(
  left: usize,
  right: usize,
  inner: i32,
  out: usize,
  outStride: usize,
  accumulate: bool,
  bias: usize,
  relu: bool,
): void {
  const zero = f32x4.splat(0)
  const out1 = out + outStride
  const out2 = out1 + outStride
  const out3 = out2 + outStride
  let c00 = zero
  let c01 = zero
  let c10 = zero
  let c11 = zero
  let c20 = zero
  let c21 = zero
  let c30 = zero
  let c31 = zero
  if (accumulate) {
    c00 = v128.load(out)
    c01 = v128.load(out, 16)
    c10 = v128.load(out1)
    c11 = v128.load(out1, 16)
    c20 = v128.load(out2)
    c21 = v128.load(out2, 16)
    c30 = v128.load(out3)
    c31 = v128.load(out3, 16)
  } else if (bias) {
    c00 = c10 = c20 = c30 = v128.load(bias)
    c01 = c11 = c21 = c31 = v128.load(bias, 16)
  }
  for (const end = left + bytes(inner * 4); left < end; left += 16, right += 32) {
    const b0 = v128.load(right)
    const b1 = v128.load(right, 16)
    let a = v128.load32_splat(left)
    c00 = multiplyAdd(a, b0, c00)
    c01 = multiplyAdd(a, b1, c01)
    a = v128.load32_splat(left, 4)
    c10 = multiplyAdd(a, b0, c10)
    c11 = multiplyAdd(a, b1, c11)
    a = v128.load32_splat(left, 8)
    c20 = multiplyAdd(a, b0, c20)
    c21 = multiplyAdd(a, b1, c21)
    a = v128.load32_splat(left, 12)
    c30 = multiplyAdd(a, b0, c30)
    c31 = multiplyAdd(a, b1, c31)
  }
  if (relu) {
    c00 = f32x4.max(c00, zero)
    c01 = f32x4.max(c01, zero)
    c10 = f32x4.max(c10, zero)
    c11 = f32x4.max(c11, zero)
    c20 = f32x4.max(c20, zero)
    c21 = f32x4.max(c21, zero)
    c30 = f32x4.max(c30, zero)
    c31 = f32x4.max(c31, zero)
  }
  v128.store(out, c00)
  v128.store(out, c01, 16)
  v128.store(out1, c10)
  v128.store(out1, c11, 16)
  v128.store(out2, c20)
  v128.store(out2, c21, 16)
  v128.store(out3, c30)
  v128.store(out3, c31, 16)
}

/** A tile at the right or lower edge: `height` x `width` of it exist, so it is computed beside and copied. */
function multiplyEdgeTile(
  left: usize,
  right: usize,
  inner: i32,
  out: usize,
  outStride: usize,
  accumulate: bool,
  bias: usize,
  relu: bool,
  height: i32,
  width: i32,
  tile: usize,
): void {
  const edgeBias = tile + 128
  if (accumulate) {
    for (let row = 0; row < height; row++) copyNumbers(tile + bytes(row * 8), out + <usize>row * outStride, width)
  } else if (bias) {
    fillZero(edgeBias, 8)
    copyNumbers(edgeBias, bias, width)
  }
  multiplyTile(left, right, inner, tile, 32, accumulate, bias ? edgeBias : 0, relu)
  for (let row = 0; row < height; row++) copyNumbers(out + <usize>row * outStride, tile + bytes(row * 8), width)
}

/**
 * out[:, strips] (+)= left * right (+ bias) (relu) for the column strips [firstStrip, endStrip) of the packed right matrix.
 * `outColumns`: numbers from one row of `out` to the next. `scratch`: multiplyScratch() bytes.
 */
export function multiply(
  left: usize,
  rowStride: usize,
  columnStride: usize,
  right: usize,
  out: usize,
  outColumns: i32,
  rows: i32,
  columns: i32,
  inner: i32,
  firstStrip: i32,
  endStrip: i32,
  accumulate: bool,
  bias: usize,
  relu: bool,
  scratch: usize,
): void {
  const packed = scratch + TILE_BYTES
  const outStride = bytes(outColumns)
  const padded = roundUp(columns, 8)
  for (let block = 0; block < inner; block += INNER_BLOCK) {
    const depth = min<i32>(INNER_BLOCK, inner - block)
    const add = accumulate || block > 0
    const last = relu && block + depth == inner
    for (let top = 0; top < rows; top += ROW_BLOCK) {
      const height = min<i32>(ROW_BLOCK, rows - top)
      packLeft(
        left + <usize>top * rowStride + <usize>block * columnStride,
        rowStride,
        columnStride,
        height,
        depth,
        packed,
      )
      for (let column = firstStrip * 8; column < min<i32>(endStrip * 8, columns); column += 8) {
        const strip = right + bytes(block * padded + column * depth)
        const width = min<i32>(8, columns - column)
        const stripBias = bias ? bias + bytes(column) : 0
        for (let row = 0; row < height; row += 4) {
          const rowsLeft = min<i32>(4, height - row)
          const leftStrip = packed + bytes(row * depth)
          const to = out + <usize>(top + row) * outStride + bytes(column)
          if (width == 8 && rowsLeft == 4) multiplyTile(leftStrip, strip, depth, to, outStride, add, stripBias, last)
          else multiplyEdgeTile(leftStrip, strip, depth, to, outStride, add, stripBias, last, rowsLeft, width, scratch)
        }
      }
    }
  }
}

/** Items are strips of 8 columns of the product. */
export function multiplyColumns(
  first: i32,
  end: i32,
  scratch: usize,
  left: usize,
  rowStride: usize,
  columnStride: usize,
  right: usize,
  out: usize,
  rows: i32,
  columns: i32,
  inner: i32,
): void {
  multiply(
    left,
    rowStride,
    columnStride,
    right,
    out,
    columns,
    rows,
    columns,
    inner,
    first,
    end,
    false,
    0,
    false,
    scratch,
  )
}

/** Items are strips of 4 rows of the product. */
export function multiplyRows(
  first: i32,
  end: i32,
  scratch: usize,
  left: usize,
  rowStride: usize,
  columnStride: usize,
  right: usize,
  out: usize,
  rows: i32,
  columns: i32,
  inner: i32,
): void {
  const top = first * 4
  const height = min<i32>(end * 4, rows) - top
  const from = left + <usize>top * rowStride
  const to = out + bytes(top * columns)
  const strips = roundUp(columns, 8) / 8
  multiply(
    from,
    rowStride,
    columnStride,
    right,
    to,
    columns,
    height,
    columns,
    inner,
    0,
    strips,
    false,
    0,
    false,
    scratch,
  )
}

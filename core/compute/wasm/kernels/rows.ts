/** Copies and sums of rows of numbers. */
import { addNumbers, bytes, copyNumbers, fillZero } from './vector'

const ROW_BLOCK: i32 = 64

/** Every block of `length` numbers `times` times in a row. Items are blocks. */
export function repeatBlocks(
  first: i32,
  end: i32,
  scratch: usize,
  source: usize,
  target: usize,
  length: i32,
  times: i32,
): void {
  for (let block = first; block < end; block++) {
    const from = source + bytes(block * length)
    let to = target + bytes(block * length * times)
    for (let i = 0; i < times; i++) {
      copyNumbers(to, from, length)
      to += bytes(length)
    }
  }
}

/**
 * Sums of groups of rows, one after another at `partials`. Items are groups; their number depends on the shape alone. Rows are summed
 * in blocks, so that the rounding error of float32 stays small. Scratch: one row.
 */
export function sumRows(
  first: i32,
  end: i32,
  scratch: usize,
  source: usize,
  partials: usize,
  rows: i32,
  columns: i32,
  groups: i32,
): void {
  const perGroup = (rows + groups - 1) / groups
  for (let group = first; group < end; group++) {
    const sum = partials + bytes(group * columns)
    const stop = min<i32>(rows, (group + 1) * perGroup)
    fillZero(sum, columns)
    for (let start = group * perGroup; start < stop; start += ROW_BLOCK) {
      fillZero(scratch, columns)
      for (let row = start; row < min<i32>(stop, start + ROW_BLOCK); row++)
        addNumbers(scratch, source + bytes(row * columns), columns)
      addNumbers(sum, scratch, columns)
    }
  }
}

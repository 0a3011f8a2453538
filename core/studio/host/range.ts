/** Part of a file: first and last byte, both included. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

/** @throws RangeError quoting what is not in a file of that size */
export function assertRange(range: ByteRange | undefined, sizeBytes: number): void {
  if (range === undefined) return
  const { first, last } = range
  const fits = Number.isInteger(first) && Number.isInteger(last) && first >= 0 && first <= last && last < sizeBytes
  if (!fits) throw new RangeError(`bytes ${first} to ${last} of ${sizeBytes}`)
}

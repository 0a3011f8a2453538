/** The Range header (RFC 9110, 14.2): one range of bytes; several, and what is not understood, mean the whole file. */

export interface ByteRange {
  readonly first: number
  readonly last: number
}

export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | 'unsatisfiable' | undefined {
  const found = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (found === null || (found[1] === '' && found[2] === '')) return undefined
  const [, from, to] = found
  const first = from === '' ? Math.max(0, sizeBytes - Number(to)) : Number(from)
  const last = from === '' || to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1)
  if (first >= sizeBytes || first > last) return 'unsatisfiable'
  return { first, last }
}

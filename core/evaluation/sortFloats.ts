/**
 * Sorts float32 numbers with three passes of 11 bits (radix sort): over ten times as fast as TypedArray.sort on the
 * ten thousand numbers that the sliced Wasserstein distance sorts for each of its projections.
 */
const bits = 11
const buckets = 1 << bits

/** Sorts `values` in place, ascending. No NaN. @param spare scratch space, at least as long */
export function sortFloats(values: Float32Array, spare: Uint32Array): void {
  const keys = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const ends = new Uint32Array(3 * buckets)
  for (let i = 0; i < keys.length; i++) {
    // As unsigned integers, floats order right once negative ones are inverted and positive ones get the top bit.
    const key = keys[i] ^ ((keys[i] >> 31) | 0x80000000)
    keys[i] = key
    ends[key & (buckets - 1)]++
    ends[buckets + ((key >>> bits) & (buckets - 1))]++
    ends[2 * buckets + (key >>> (2 * bits))]++
  }
  let from = keys
  let to = spare
  for (let pass = 0; pass < 3; pass++) {
    const start = pass * buckets
    for (let bucket = start, sum = 0; bucket < start + buckets; bucket++) {
      const count = ends[bucket]
      ends[bucket] = sum
      sum += count
    }
    for (let i = 0; i < keys.length; i++) to[ends[start + ((from[i] >>> (pass * bits)) & (buckets - 1))]++] = from[i]
    ;[from, to] = [to, from]
  }
  for (let i = 0; i < keys.length; i++) keys[i] = from[i] ^ ((~from[i] >> 31) | 0x80000000)
}

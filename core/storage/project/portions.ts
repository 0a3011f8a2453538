/** Long writes are cut into portions that each take a few milliseconds, so that nobody waits for longer than one of them. */
const portionBytes = 4 * 1024 ** 2
const portionItems = 500

/** Groups in order; each holds at most 500 items and, unless it is a single one, at most 4 MB. */
export function* portionsOf<T>(items: Iterable<T>, bytesOf: (item: T) => number): Generator<T[]> {
  let portion: T[] = []
  let bytes = 0
  for (const item of items) {
    const more = bytesOf(item)
    if (portion.length > 0 && (bytes + more > portionBytes || portion.length === portionItems)) {
      yield portion
      portion = []
      bytes = 0
    }
    portion.push(item)
    bytes += more
  }
  if (portion.length > 0) yield portion
}

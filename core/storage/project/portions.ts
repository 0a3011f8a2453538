/** Long writes are cut into portions that each take a few milliseconds, so that nobody waits for longer than one of them. */
const portionBytes = 4 * 1024 ** 2
const portionItems = 500

/**
 * Groups in order; each holds at most 500 items and, unless it is a single one, at most 4 MB.
 * @param mostBytes asked anew for every group
 */
export function* portionsOf<T>(
  items: Iterable<T>,
  bytesOf: (item: T) => number,
  mostBytes: () => number = () => portionBytes,
): Generator<T[]> {
  let portion: T[] = []
  let bytes = 0
  for (const item of items) {
    const more = bytesOf(item)
    if (portion.length > 0 && (bytes + more > mostBytes() || portion.length === portionItems)) {
      yield portion
      portion = []
      bytes = 0
    }
    portion.push(item)
    bytes += more
  }
  if (portion.length > 0) yield portion
}

/** A turn of the event loop that people do not notice. */
const longestTurnMs = 20

export interface TurnSize {
  /** How much to do in the next turn. */
  readonly now: number
  /** Does that much, and learns from how long it took. */
  measure<T>(work: (size: number) => T): T
}

/**
 * How much goes into one turn on this machine, found by doing it: half as much after a turn that took too long, twice as much after a quick one.
 * @param least done even where it takes long: where every turn does, smaller ones would only be more
 * @param clock milliseconds
 */
export function createTurnSize(
  { least, most }: { readonly least: number; readonly most: number },
  clock: () => number = () => performance.now(),
): TurnSize {
  let now = least
  return {
    get now() {
      return now
    },
    measure(work) {
      const begun = clock()
      const value = work(now)
      const took = clock() - begun
      if (took > longestTurnMs) now = Math.max(least, Math.floor(now / 2))
      else if (took < longestTurnMs / 4) now = Math.min(most, now * 2)
      return value
    },
  }
}

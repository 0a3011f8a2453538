/** What the host's bench measures in one run, and a row of its result: the median over several runs, beside what is aimed at. */

export interface Figure {
  readonly what: string
  readonly unit: 'ms' | 's' | 'MB' | 'a second' | 'Langevin steps'
  readonly value: number
  /** What is aimed at. */
  readonly target?: { readonly atMost: number }
}

export interface HostRow extends Pick<Figure, 'what' | 'unit' | 'target'> {
  readonly median: number
  readonly lowest: number
  readonly highest: number
  readonly runs: number
  /** Whether the median is what is aimed at; null where nothing is. */
  readonly met: boolean | null
}

/** One row for everything that was measured, in the order in which it was measured first. */
export function summarise(figures: readonly Figure[]): HostRow[] {
  const groups = Map.groupBy(figures, ({ what }) => what)
  return [...groups].map(([what, [{ unit, target }, ...others]], at) => {
    const values = [...groups.values()][at].map(({ value }) => value)
    if (others.some((other) => other.unit !== unit)) throw new RangeError(`“${what}” was measured in two units`)
    const median = quantile(values, 0.5)
    const range = { lowest: Math.min(...values), highest: Math.max(...values), runs: values.length }
    return { what, unit, target, median, ...range, met: target === undefined ? null : median <= target.atMost }
  })
}

/** The value below which this share of them lies; between two of them in proportion. @throws RangeError for no values */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('no values, so no quantile')
  const sorted = values.toSorted((a, b) => a - b)
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (place - below) * (sorted[above] - sorted[below])
}

/** Half of the values are below the first, 95 of 100 below the second. */
export function medianAndTail(
  what: string,
  unit: Figure['unit'],
  values: readonly number[],
  target?: Figure['target'],
): Figure[] {
  return [
    { what: `${what}, median`, unit, value: quantile(values, 0.5), target },
    { what: `${what}, 95 of 100`, unit, value: quantile(values, 0.95), target },
  ]
}

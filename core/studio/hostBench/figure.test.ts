import { describe, expect, it } from 'vitest'
import { type Figure, medianAndTail, quantile, summarise } from './figure.ts'

describe('quantile', () => {
  it('is the value in the middle, or between two', () => {
    expect(quantile([10, 2, 9], 0.5)).toBe(9)
    expect(quantile([4, 1, 2, 3], 0.5)).toBe(2.5)
    expect(quantile([7], 0.95)).toBe(7)
  })

  it('goes from the least to the largest, whatever their order', () => {
    const values = Array.from({ length: 101 }, (_, at) => (at * 37) % 101)
    expect([0, 0.25, 0.95, 1].map((share) => quantile(values, share))).toEqual([0, 25, 95, 100])
    expect(values[1]).toBe(37)
  })

  it('refuses nothing at all', () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError)
  })
})

describe('rows', () => {
  const figure = (what: string, value: number, atMost?: number): Figure => ({
    ...{ what, unit: 'ms', value },
    target: atMost === undefined ? undefined : { atMost },
  })

  it('have the median of several runs and what is aimed at', () => {
    const figures = [figure('a', 5, 6), figure('b', 1), figure('a', 100, 6), figure('a', 6, 6)]
    const [a, b] = summarise(figures)
    expect(a).toMatchObject({ what: 'a', median: 6, lowest: 5, highest: 100, runs: 3, met: true })
    expect(b).toMatchObject({ what: 'b', median: 1, runs: 1, met: null })
  })

  it('say what was missed', () => {
    expect(summarise([figure('a', 7, 6)])[0].met).toBe(false)
  })

  it('refuse two units of one thing', () => {
    expect(() => summarise([figure('a', 1), { ...figure('a', 1), unit: 's' }])).toThrow(/two units/)
  })

  it('come in pairs where the tail matters', () => {
    const pair = medianAndTail('Preview', 'ms', [1, 2, 3], { atMost: 2 })
    expect(pair.map(({ what }) => what)).toEqual(['Preview, median', 'Preview, 95 of 100'])
    expect(summarise(pair).map(({ met }) => met)).toEqual([true, false])
  })
})

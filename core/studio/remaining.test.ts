import { describe, expect, it } from 'vitest'
import { RemainingTime } from './remaining.ts'

/** Feeds a run whose steps take what `stepMs` says, and asks after every step. @returns true remaining time and range, where there is one */
function follow(steps: number, stepMs: (step: number) => number) {
  const ends = Array.from({ length: steps }, (_, step) => stepMs(step)).reduce<number[]>(
    (times, ms) => [...times, (times.at(-1) ?? 0) + ms],
    [],
  )
  const total = ends[steps - 1]
  const remaining = new RemainingTime()
  remaining.add(0, 0)
  return ends.flatMap((atMs, step) => {
    remaining.add(atMs, (step + 1) / steps)
    const range = remaining.range()
    return range ? [{ atMs, left: total - atMs, ...range }] : []
  })
}
/** Milliseconds: divisions round. */
const slack = 1

describe('RemainingTime', () => {
  it('says nothing before there is anything to measure', () => {
    const remaining = new RemainingTime()
    expect(remaining.range()).toBeUndefined()
    remaining.add(0, 0)
    remaining.add(3999, 0.1)
    expect(remaining.range()).toBeUndefined()
    remaining.add(4000, 0.1)
    expect(remaining.range()).toBeDefined()
  })

  it('is exact for a steady speed, also between its windows', () => {
    const answers = follow(1000, () => 130)
    expect(answers.length).toBeGreaterThan(900)
    for (const { left, low, high } of answers) {
      expect(low).toBeLessThanOrEqual(left + slack)
      expect(high).toBeGreaterThanOrEqual(left - slack)
      expect(high - low).toBeLessThan(slack)
    }
  })

  it.each([
    ['every other step takes five times as long', (step: number) => (step % 2 === 0 ? 500 : 2500)],
    ['a pause every now and then', (step: number) => (step % 17 === 0 ? 9000 : 900)],
  ])('covers what is left to within one step when %s', (_, stepMs) => {
    const longest = Math.max(...Array.from({ length: 400 }, (__, step) => stepMs(step)))
    const answers = follow(400, stepMs).filter(({ atMs, left }) => atMs > 40_000 && left > 0)
    const covered = answers.filter(({ left, low, high }) => low <= left + longest && left - longest <= high)
    expect(answers.length).toBeGreaterThan(300)
    expect(covered.length / answers.length).toBeGreaterThan(0.97)
  })

  it('forgets an old speed', () => {
    const last = follow(200, (step) => (step < 100 ? 5000 : 500)).at(-10)
    expect(last?.high).toBeLessThan(2 * (last?.left ?? 0))
  })

  it('survives a roll-back and the end', () => {
    const remaining = new RemainingTime()
    for (const [atMs, progress] of [
      [0, 0],
      [4000, 0.4],
      [8000, 0.1],
      [12_000, 0.3],
      [16_000, 1],
    ])
      remaining.add(atMs, progress)
    expect(remaining.range()).toEqual({ low: 0, high: 0 })
  })
})

import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { pace } from './pace.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('passes the first on at once, then the newest of each interval, and the last one always', () => {
  const passed: number[] = []
  const paced = pace<number>(100, (value) => passed.push(value))
  for (let value = 0; value < 25; value++) {
    paced.push(value)
    vi.advanceTimersByTime(10)
  }
  vi.advanceTimersByTime(1000)
  expect(passed).toEqual([0, 9, 19, 24])
})

it('merges what waits', () => {
  const passed: number[][] = []
  const paced = pace<number[]>(
    100,
    (values) => passed.push(values),
    (waiting, next) => [...waiting, ...next],
  )
  for (const value of [1, 2, 3]) paced.push([value])
  vi.advanceTimersByTime(100)
  expect(passed).toEqual([[1], [2, 3]])
})

it('is quick again after a rest', () => {
  const passed: number[] = []
  const paced = pace<number>(100, (value) => passed.push(value))
  paced.push(1)
  vi.advanceTimersByTime(250)
  paced.push(2)
  expect(passed).toEqual([1, 2])
})

it('passes on what waits when asked, once, and nothing after it was stopped', () => {
  const passed: number[] = []
  const paced = pace<number>(100, (value) => passed.push(value))
  paced.push(1)
  paced.push(2)
  paced.flush()
  paced.flush()
  paced.push(3)
  paced.stop()
  vi.advanceTimersByTime(1000)
  expect(passed).toEqual([1, 2])
  expect(vi.getTimerCount()).toBe(0)
})

import { expect, it } from 'vitest'
import { everySoOften } from './everySoOften.ts'

/** When work that takes `costMs` is done in two hours, looked at every second. @returns seconds at which it ended */
async function runFor(everyMs: number, costMs: number, mostShare?: number): Promise<number[]> {
  let clock = 0
  const ended: number[] = []
  const work = () => {
    clock += costMs
    ended.push(clock / 1000)
    return Promise.resolve()
  }
  const turn = everySoOften({ everyMs, mostShare, now: () => clock }, work)
  for (; clock < 7_200_000; clock += 1000) await turn()
  return ended
}

it('does quick work at its interval', async () => {
  expect((await runFor(60_000, 0)).slice(0, 3)).toEqual([60, 120, 180])
})

it('does slow work at its interval too, from one beginning to the next', async () => {
  expect((await runFor(60_000, 10_000)).slice(0, 3)).toEqual([70, 130, 190])
})

it('gives slow work a twentieth of the time where that is the most', async () => {
  const ended = await runFor(60_000, 30_000, 20)
  expect(ended.slice(0, 2)).toEqual([90, 720])
  expect(ended.length * 30).toBeLessThanOrEqual(7200 / 20)
})

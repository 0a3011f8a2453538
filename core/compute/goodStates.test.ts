import { describe, expect, it } from 'vitest'
import type { StoredState } from '../ebm/learningState.ts'
import type { Checkpoint, RunPosition } from './checkpoint.ts'
import { GoodStates } from './goodStates.ts'

const at = (step: number, elapsedMs = 0): RunPosition => ({
  seed: 1,
  step,
  cooperativeSteps: step,
  elapsedMs,
  solverFactor: 1,
  rollbacks: 0,
})
const state: StoredState = {
  tensors: {},
  solverUpdates: 0,
  initializerUpdates: 0,
  gradientScale: undefined,
  move: 0,
  gap: 0,
}

/** A run of healthy steps that take `stepMs` each. */
function healthyRun({ large, stepMs, resume }: { large: boolean; stepMs: number; resume?: Checkpoint }) {
  let now = at(0)
  const copies: number[] = []
  const copy = () => {
    copies.push(now.step)
    return Promise.resolve({ position: now, state })
  }
  const goods = new GoodStates({ start: at(0), resume, large, copy })
  const goTo = async (end: number) => {
    for (let step = now.step + 1; step <= end; step++) {
      now = at(step, step * stepMs)
      await goods.watch(now)
    }
  }
  return { goods, copies, goTo }
}

describe('GoodStates', () => {
  it('copies every hundred steps and trusts a copy after fifty more', async () => {
    const { goods, copies, goTo } = healthyRun({ large: false, stepMs: 1 })
    expect([goods.position, goods.state]).toEqual([at(0), undefined])
    await goTo(149)
    expect(goods.position.step).toBe(0)
    await goTo(150)
    expect([goods.position.step, goods.state]).toEqual([100, state])
    await goTo(300)
    expect(copies).toEqual([100, 200, 300])
    expect(goods.position.step).toBe(200)
  })

  it('copies a large state at most once a minute', async () => {
    const { copies, goTo } = healthyRun({ large: true, stepMs: 100 })
    await goTo(2000)
    expect(copies).toEqual([600, 1200, 1800])
    const slow = healthyRun({ large: true, stepMs: 10_000 })
    await slow.goTo(300)
    expect(slow.copies).toEqual([100, 200, 300])
  })

  it('forgets what had not proved itself when the run rolled back, and begins with what was resumed', async () => {
    const { goods, goTo } = healthyRun({ large: false, stepMs: 1 })
    await goTo(120)
    goods.rolledBack()
    await goTo(160)
    expect(goods.position.step).toBe(0)
    const resume = { position: at(70), state }
    expect(healthyRun({ large: false, stepMs: 1, resume }).goods.position.step).toBe(70)
  })

  it('accepts a state at once', async () => {
    const { goods, copies, goTo } = healthyRun({ large: true, stepMs: 1 })
    await goTo(30)
    await goods.accept()
    expect(goods.position.step).toBe(30)
    expect(copies).toEqual([30])
  })
})

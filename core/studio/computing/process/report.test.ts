import { describe, expect, it } from 'vitest'
import type { FromCompute } from '../../../contract/computeProtocol.ts'
import { ProgressReport } from './report.ts'

function listen(total: number) {
  const told: Extract<FromCompute, { kind: 'progressed' }>['progress'][] = []
  const clock = { now: 1000 }
  const report = new ProgressReport({
    jobId: 'job',
    unit: 'steps',
    total,
    tell: (message) => message.kind === 'progressed' && told.push(message.progress),
    now: () => clock.now,
  })
  return { report, told, clock }
}

describe('a report', () => {
  it('comes at most ten times a second, and always at the end', () => {
    const { report, told, clock } = listen(100)
    for (let step = 0; step < 100; step++) {
      clock.now += 10
      report.advance()
    }
    expect(told).toHaveLength(11)
    expect(told[0]).toEqual({ done: 1, total: 100, unit: 'steps', elapsedMs: 10, remaining: null, note: null })
    expect(told.at(-1)).toMatchObject({ done: 100, elapsedMs: 1000 })
  })

  it('tells what is left as a range once there is something measured', () => {
    const { report, told, clock } = listen(4)
    for (const more of [5000, 10_000]) {
      clock.now += more
      report.advance()
    }
    expect(told.at(-1)?.remaining).toEqual({ lowMs: 10_000, highMs: 20_000 })
  })
})

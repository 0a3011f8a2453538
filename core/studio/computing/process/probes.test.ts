import { describe, expect, it } from 'vitest'
import { isProbeStep } from './probes.ts'

function countProbes(from: number, to: number): number {
  let count = 0
  for (let step = from; step < to; step++) if (isProbeStep(step)) count++
  return count
}

describe('isProbeStep', () => {
  it('is every step at first and sixteen in every doubling later', () => {
    expect(countProbes(0, 32)).toBe(32)
    expect(countProbes(32, 64)).toBe(16)
    expect(countProbes(65_536, 131_072)).toBe(16)
  })

  it('chooses steps that a later choice would have chosen, too', () => {
    expect([33, 34, 66, 68].map(isProbeStep)).toEqual([false, true, false, true])
  })
})

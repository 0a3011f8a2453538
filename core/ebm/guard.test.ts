import { describe, expect, it } from 'vitest'
import { Random } from '../domain/random.ts'
import type { StepMetrics } from './cooperativeStep.ts'
import { DivergenceGuard, type GuardLimits } from './guard.ts'

const plain: GuardLimits = { dataEnergy: 266, gradient: 20 }
const natural: GuardLimits = { dataEnergy: 266, gradient: 8 }
const normalised: GuardLimits = { dataEnergy: 266, gradient: 8, gapRange: { low: 0.05, high: 1.5 } }

const healthy: StepMetrics = {
  gap: 0,
  move: 0.08,
  gradientSize: 0.9,
  mappingError: 0.006,
  observedError: 0.3,
  meanPictureError: 0.01,
  solverGradient: 3,
  saturation: 0.02,
}

/** Healthy for `before` steps, then changed for up to `after`: the step (from 1) that trips, and why. */
function trip(
  limits: GuardLimits,
  change: (step: number) => Partial<StepMetrics>,
  { before = 0, after = 50, base = healthy } = {},
): { step: number; reason: string } | undefined {
  const guard = new DivergenceGuard(limits)
  for (let step = 1; step <= before + after; step++) {
    const reason = guard.watch(step <= before ? base : { ...base, ...change(step - before) })
    if (reason) return { step: step - before, reason }
  }
  return undefined
}

describe('divergence guard', () => {
  it.each(Object.keys(healthy))('trips at once when %s is not finite', (name) => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      for (const limits of [plain, normalised])
        expect(trip(limits, () => ({ [name]: value }))).toEqual({ step: 1, reason: `${name} is not a number` })
  })

  it('trips when the mean picture is far off', () => {
    expect(trip(plain, () => ({ meanPictureError: 2.1 }))?.reason).toContain('mean picture is off by 2.10')
    expect(trip(normalised, () => ({ meanPictureError: 2.1 }))?.step).toBe(1)
    expect(trip(plain, () => ({ meanPictureError: 1.9 }))).toBeUndefined()
  })

  it('trips when the mean of five value gaps runs away to either side, not at one spike', () => {
    expect(trip(plain, () => ({ gap: 300 }), { before: 20 })).toMatchObject({ step: 5 })
    expect(trip(plain, () => ({ gap: -300 }), { before: 20 })?.reason).toContain('ran away to -300.0 (limit 266.0)')
    expect(trip(plain, (step) => ({ gap: step === 1 ? 1200 : 0 }), { before: 20 })).toBeUndefined()
    expect(trip(plain, (step) => ({ gap: step % 2 ? 800 : -800 }), { before: 20 })).toBeUndefined()
    // At the very start too.
    expect(trip(plain, () => ({ gap: 300 }))).toMatchObject({ step: 5 })
  })

  it('trips when the gradient signal rises', () => {
    expect(trip(plain, () => ({ gradientSize: 21 }))?.reason).toContain('gradient signal rose to 21.0 (limit 20)')
    expect(trip(natural, () => ({ gradientSize: 8.1 }))?.reason).toContain('gradient signal rose to 8.1 (limit 8)')
    expect(trip(natural, () => ({ gradientSize: 7.9 }))).toBeUndefined()
    // The overshoot of a healthy start.
    expect(trip(plain, () => ({ gradientSize: 10 }))).toBeUndefined()
  })

  it('trips when pixels stay saturated, whatever the chain', () => {
    for (const limits of [plain, normalised]) {
      const found = trip(limits, () => ({ saturation: 0.3 }), { before: 100 })
      expect(found?.reason).toMatch(/^2[01] % of the pixels are saturated \(limit 20 %\)$/)
      // The mean of 20 steps: some are still healthy.
      expect(found?.step).toBe(13)
      expect(trip(limits, (step) => ({ saturation: step < 5 ? 0.9 : 0.02 }), { before: 100 })).toBeUndefined()
      expect(trip(limits, () => ({ saturation: 0.19 }), { after: 200 })).toBeUndefined()
    }
  })

  it('trips when the chain moves twice as far as usual, once it has settled', () => {
    expect(trip(plain, () => ({ move: 0.2 }), { before: 100 })).toMatchObject({ step: 1 })
    expect(trip(plain, () => ({ move: 0.2 }), { before: 100 })?.reason).toContain('twice its usual 0.080')
    // Small moves may double, and early moves shrink by themselves.
    expect(trip(plain, () => ({ move: 0.09 }), { before: 100, base: { ...healthy, move: 0.02 } })).toBeUndefined()
    expect(trip(plain, (step) => ({ move: 0.3 / (1 + step / 10) }))).toBeUndefined()
    // Slowly, step by step, is the learning itself.
    expect(trip(plain, (step) => ({ move: 0.08 * 1.004 ** step }), { before: 100, after: 300 })).toBeUndefined()
  })

  it('trips when the running gap of a normalised chain leaves its range for long', () => {
    const base = { ...healthy, gap: 0.6 }
    const high = trip(normalised, () => ({ gap: 3 }), { before: 300, base, after: 200 })
    expect(high?.reason).toContain('no longer keeps up')
    expect(high?.step).toBeGreaterThan(10)
    const low = trip(normalised, () => ({ gap: -0.1 }), { before: 300, base, after: 200 })
    expect(low?.reason).toContain('no longer tells pictures apart')
    expect(trip(normalised, (step) => ({ gap: step < 10 ? 3 : 0.6 }), { before: 300, base })).toBeUndefined()
    // Nothing is said about a start.
    expect(trip(normalised, () => ({ gap: 0.001 }), { after: 200 })).toBeUndefined()
    expect(trip(normalised, () => ({ gap: 0.001 }), { after: 300 })?.step).toBe(240)
  })

  it('lets healthy runs be, with all their noise', () => {
    for (let seed = 0; seed < 3; seed++) {
      const random = new Random(seed)
      const noise = (deviation: number) => deviation * random.normal()
      const start = (step: number) => Math.exp(-step / 100)
      const series = (gap: number) => (step: number) => ({
        gap: gap + noise(0.15 * (gap || 266)),
        move: 0.08 * (1 + 2 * start(step)) * Math.exp(noise(0.15)),
        gradientSize: 0.9 * (1 + 6 * start(step)) + Math.abs(noise(0.2)),
        saturation: 0.1 * start(step),
        meanPictureError: 0.02 + 0.5 * start(step),
      })
      for (const limits of [plain, natural]) expect(trip(limits, series(0), { after: 1500 })).toBeUndefined()
      expect(trip(normalised, series(0.6), { after: 1500 })).toBeUndefined()
    }
  })
})

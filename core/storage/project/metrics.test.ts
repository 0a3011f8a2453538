import { describe, expect, it } from 'vitest'
import { Random } from '../../domain/random.ts'
import type { MetricPoint } from '../../domain/records.ts'
import { createRunDraft, openTestStore, textBytes } from './testing.ts'

function createPoint(step: number, changes: Partial<MetricPoint> = {}): MetricPoint {
  return {
    step,
    elapsedMs: step * 10.5,
    gap: 0.25,
    move: 1e-300,
    gradientSize: 3,
    mappingError: 4,
    observedError: null,
    meanPictureError: 6,
    solverGradient: 7,
    saturation: 0,
    ...changes,
  }
}

function openRun() {
  const store = openTestStore()
  return { ...store, runId: store.runs.insert(createRunDraft()).id }
}

describe('metrics', () => {
  it('come back as they were measured while they are few', () => {
    const { metrics, runId } = openRun()
    const points = [createPoint(1), createPoint(2), createPoint(7, { gap: -(2 ** 40) + 0.5 })]
    metrics.append(runId, points.slice(0, 1))
    metrics.append(runId, points.slice(1))
    expect(metrics.read(runId, { points: 3 })).toEqual(points)
    expect(metrics.read(runId, { from: 2, to: 6, points: 100 })).toEqual([points[1]])
    expect(metrics.read('nobody', { points: 10 })).toEqual([])
  })

  it('become null where they are not finite', () => {
    const { metrics, runId } = openRun()
    metrics.append(runId, [createPoint(1, { gap: NaN, move: Infinity })])
    expect(metrics.read(runId, { points: 2 })).toEqual([createPoint(1, { gap: null, move: null })])
  })

  it('are replaced where a step is measured again, and forgotten after the step of a resume', () => {
    const { metrics, runId, runs } = openRun()
    const other = runs.insert(createRunDraft()).id
    metrics.append(other, [createPoint(9)])
    metrics.append(
      runId,
      [1, 2, 3].map((step) => createPoint(step)),
    )
    metrics.append(runId, [createPoint(2, { gap: 5 })])
    metrics.truncateAfter(runId, 2)
    expect(metrics.read(runId, { points: 10 })).toEqual([createPoint(1), createPoint(2, { gap: 5 })])
    expect(metrics.read(other, { points: 10 })).toHaveLength(1)
  })

  it('are all written or none', () => {
    const { metrics, runId } = openRun()
    expect(() => metrics.append(runId, [createPoint(1), createPoint(-1)])).toThrow('CHECK')
    expect(() => metrics.append('nobody', [createPoint(1)])).toThrow('not in the project')
    expect(metrics.read(runId, { points: 10 })).toEqual([])
  })

  it.each([1, 0, -5, 2.5, NaN])('refuse %d points', (points) => {
    const { metrics, runId } = openRun()
    expect(() => metrics.read(runId, { points })).toThrow(RangeError)
  })
})

describe('a long chart', () => {
  const { metrics, runId } = openRun()
  const random = new Random(1)
  const all = Array.from({ length: 20_000 }, (_, i) =>
    createPoint(3 + i * 2, { gap: random.normal(), mappingError: i % 3 === 0 ? null : random.uniform() }),
  )
  all[7777] = createPoint(3 + 7777 * 2, { gap: 1000 })
  all[12_345] = createPoint(3 + 12_345 * 2, { gap: -1000, mappingError: -50 })
  metrics.append(runId, all)

  it.each([2, 3, 100, 999, 5000])('fits into %i points without losing a peak or an end', (points) => {
    const read = metrics.read(runId, { points })
    expect(read.length).toBeLessThanOrEqual(points)
    expect(read.length).toBeGreaterThanOrEqual(points - 1)
    const gaps = read.map(({ gap }) => gap ?? 0)
    expect([Math.min(...gaps), Math.max(...gaps)]).toEqual([-1000, 1000])
    expect(Math.min(...read.map(({ mappingError }) => mappingError ?? 0))).toBe(-50)
    expect([read[0].step, read.at(-1)?.step]).toEqual([3, 3 + 19_999 * 2])
  })

  it('rises in steps and time, and keeps each extreme near its place', () => {
    const read = metrics.read(runId, { points: 400 })
    for (const [i, { step, elapsedMs }] of read.slice(1).entries()) {
      expect(step).toBeGreaterThan(read[i].step)
      expect(elapsedMs).toBeGreaterThan(read[i].elapsedMs)
    }
    const peak = read.find(({ gap }) => gap === 1000)
    expect(Math.abs((peak?.step ?? 0) - (3 + 7777 * 2))).toBeLessThanOrEqual(200)
  })

  it('shows a part of it in full', () => {
    expect(metrics.read(runId, { from: 103, to: 203, points: 100 })).toEqual(all.slice(50, 101))
  })
})

describe('probes', () => {
  it('keep their pictures, in the order of the steps', () => {
    const { probes, runId, contents } = openRun()
    const bytes = (name: string) => ({ initial: textBytes(`${name} initial`), refined: textBytes(`${name} refined`) })
    probes.insert(runId, { step: 20, ...bytes('b') })
    const first = probes.insert(runId, { step: 10, ...bytes('a') })
    expect(probes.list(runId).map(({ step }) => step)).toEqual([10, 20])
    expect(new Uint8Array(contents.get(first.refined, 'It'))).toEqual(textBytes('a refined'))
    probes.truncateAfter(runId, 10)
    expect(probes.list(runId)).toEqual([first])
  })

  it('know what they are compared with', () => {
    const { probes, runId, contents } = openRun()
    expect(probes.targets(runId)).toBeUndefined()
    probes.setTargets(runId, { observed: textBytes('observed'), condition: null })
    expect(probes.targets(runId)?.condition).toBeNull()
    probes.setTargets(runId, { observed: textBytes('observed'), condition: textBytes('condition') })
    expect(contents.has(probes.targets(runId)?.condition ?? '')).toBe(true)
  })
})

import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { StepReport } from '../../../compute/trainer.ts'
import type { FromCompute } from '../../../contract/computeProtocol.ts'
import { createRunDraft, openTestStore } from '../../../storage/project/testing.ts'
import { createRecorder } from './recorder.ts'
import { tinyRecipes } from './trainTesting.ts'

const metrics = {
  ...{ gap: 1, move: 0.1, gradientSize: 2, mappingError: 3, observedError: 4, meanPictureError: 5 },
  ...{ solverGradient: 6, saturation: Number.NaN },
}
const numbers = { ...metrics, saturation: null }

function stepAt(step: number): StepReport {
  return { kind: 'cooperative', step, metrics, move: 0.1 }
}
function placeAt(step: number) {
  const position = { seed: 1, step, cooperativeSteps: step, elapsedMs: 10 * step, solverFactor: 1, rollbacks: 0 }
  return { position, progress: step / 1000 }
}

function createRecording(recipe = tinyRecipes.class) {
  const store = openTestStore()
  const runId = store.runs.insert(createRunDraft()).id
  const told: FromCompute[] = []
  const about = { runId, jobId: 'job', recipe, pictures: 12, engine: 'wasm' }
  const recorder = createRecorder({ store, tell: (message) => told.push(message) }, about, () => Date.now())
  const steps = () => store.metrics.read(runId, { points: 10_000 }).map(({ step }) => step)
  const of = (kind: FromCompute['kind']) => told.filter((message) => message.kind === kind)
  return { store, runId, recorder, steps, of }
}

beforeEach(() => {
  vi.useFakeTimers()
  return () => vi.useRealTimers()
})

describe('recorder', () => {
  it('keeps every step, in one write a second, and tells a few times a second', () => {
    const { store, runId, recorder, steps, of } = createRecording()
    const write = vi.spyOn(store.file, 'write')
    for (let step = 1; step <= 300; step++) {
      recorder.stepped(stepAt(step), placeAt(step))
      vi.advanceTimersByTime(10)
    }
    // Each of them twice: appending joins the outer one.
    expect(write.mock.calls.length).toBeLessThanOrEqual(3 * 3)
    expect(steps().length).toBeGreaterThan(200)
    recorder.keep(placeAt(300))
    recorder.close()
    expect(steps()).toEqual(Array.from({ length: 300 }, (_, index) => index + 1))
    expect(store.metrics.read(runId, { points: 300 })[6]).toEqual({ step: 7, elapsedMs: 70, ...numbers })
    const points = of('measured').flatMap((message) => (message.kind === 'measured' ? message.points : []))
    expect(points.map(({ step }) => step)).toEqual(steps())
    expect(of('measured').length).toBeLessThanOrEqual(32)
    expect(of('progressed').length).toBeLessThanOrEqual(14)
    expect(store.runs.get(runId)).toMatchObject({ step: 300, progress: 0.3, elapsedMs: 3000, engine: 'wasm' })
  })

  it('keeps what a roll-back takes back until the state before it is saved', () => {
    const { store, runId, recorder, steps, of } = createRecording()
    for (let step = 1; step <= 5; step++) recorder.stepped(stepAt(step), placeAt(step))
    recorder.keep(placeAt(5))
    recorder.stepped(stepAt(6), placeAt(6))
    recorder.stepped({ kind: 'rolledBack', step: 3, message: 'At step 7 it ran away.' }, placeAt(3))
    recorder.keep(placeAt(3))
    expect(steps()).toEqual([1, 2, 3, 4, 5])
    expect(of('noted')).toEqual([])
    recorder.settle(3)
    expect(steps()).toEqual([1, 2, 3])
    const note = { step: 3, kind: 'rolledBack', message: 'At step 7 it ran away.' }
    expect(store.runs.notes(runId)).toMatchObject([note])
    expect(of('noted')).toMatchObject([{ runId, note }])
    recorder.settle(3)
    expect(store.runs.notes(runId)).toHaveLength(1)
  })

  it('changes nothing where one part of a resume fails', () => {
    const { store, runId, recorder, steps } = createRecording()
    for (let step = 1; step <= 5; step++) recorder.stepped(stepAt(step), placeAt(step))
    recorder.keep(placeAt(5))
    const failing = () => {
      throw new Error('refused')
    }
    expect(() => recorder.settle(2, [{ step: 2, kind: 'resumed', message: 'On.' }], failing)).toThrow('refused')
    expect(steps()).toEqual([1, 2, 3, 4, 5])
    expect(store.runs.notes(runId)).toEqual([])
  })

  it.each([
    [{ minutes: 2 }, { done: 0.05, total: 2, unit: 'minutes' }],
    [{ steps: 1000 }, { done: 300, total: 1000, unit: 'steps' }],
    [{ epochs: 100 }, { done: 300, total: 600, unit: 'steps' }],
  ])('counts a length of %j', (length, expected) => {
    const { recorder, of } = createRecording({ ...tinyRecipes.class, length })
    recorder.stepped(stepAt(300), placeAt(300))
    expect(of('progressed')).toMatchObject([{ jobId: 'job', progress: { ...expected, elapsedMs: 3000 } }])
  })
})

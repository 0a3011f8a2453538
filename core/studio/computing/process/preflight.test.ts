import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Engine, openEngine } from '../../../compute/engine.ts'
import { storedShapes } from '../../../compute/storedState.ts'
import { countTensors } from '../../../compute/testing.ts'
import { CancelledError } from '../../../domain/errors.ts'
import type { StoredTrainingOrder } from '../../../contract/trainingOrder.ts'
import { createRecipe } from '../../../domain/recipes/createRecipe.ts'
import { runPreflight } from './preflight.ts'
import { createTinyProject, listen, turnOf } from './trainTesting.ts'

const short = ['chain.steps=2']
let engine: Engine
beforeAll(async () => {
  engine = await openEngine({ engine: 'wasm', threads: 1 })
})
afterAll(() => engine.close())

async function createPreflight(task: 'class' | 'picture' = 'class') {
  const { store, dataSetId } = await createTinyProject(task)
  const { context, told } = listen({ engine, store })
  const run = async (order: Partial<StoredTrainingOrder>, asking?: Parameters<typeof turnOf>[0]) => {
    const whole = { dataSetId, recipe: 'quick' as const, seed: 1, set: ['learning.batch=2', ...short], ...order }
    const outcome = await runPreflight({ kind: 'preflight', order: whole }, context, turnOf(asking))
    if (outcome?.kind !== 'preflown') throw new Error('no report')
    return outcome
  }
  return { run, told, store }
}

describe('preflight', () => {
  it.each(['class', 'picture'] as const)('measures real steps and leaves nothing behind (%s)', async (task) => {
    const { run, told, store } = await createPreflight(task)
    const before = countTensors()
    const report = await run({ size: 32, length: { steps: 1000 } })
    expect(countTensors()).toBe(before)
    const { batch, stepMs, durationMs } = report
    expect(batch.wanted).toBe(2)
    expect([2, 4]).toContain(batch.largest)
    expect(stepMs.low).toBeGreaterThan(0)
    expect(stepMs.low).toBeLessThan(stepMs.median)
    expect(stepMs.high).toBeGreaterThan(stepMs.median)
    expect(durationMs.low).toBeGreaterThan(0.7 * 1000 * stepMs.low)
    expect(durationMs.high).toBeGreaterThan(1000 * stepMs.high)
    expect(report.peakMemoryBytes).toBeGreaterThan(50e6)
    expect(report.engine).toContain('wasm')
    expect(report.warnings).toEqual([])
    expect(told('progressed').map(({ progress }) => progress.done)).toEqual(expect.arrayContaining([1, 2]))
    // A dry run leaves no trace in the project.
    expect(store.runs.list()).toHaveLength(1)
    expect(store.checkpoints.list(store.runs.list()[0].id)).toEqual([])
  })

  it('knows the size of a checkpoint and warns of long runs and few pictures', async () => {
    const { run } = await createPreflight()
    const report = await run({ set: ['learning.batch=13', ...short], length: { steps: 100_000_000 } })
    const recipe = createRecipe('quick', { task: 'class', size: 28, channels: 3, labels: ['a', 'b', 'c'] })
    const shapes = Object.values(storedShapes(recipe, 'training'))
    const numbers = shapes.reduce((sum, shape) => sum + shape.reduce((product, length) => product * length, 1), 0)
    expect(report.checkpointBytes).toBe(4 * numbers)
    expect(report.warnings).toEqual([
      'There are only 12 pictures to train with, fewer than a batch of 13: every step sees some twice.',
      'The training may take longer than a day.',
    ])
  })

  it('takes a length in minutes at its word', async () => {
    const { durationMs } = await (await createPreflight()).run({ length: { minutes: 3 } })
    expect(durationMs.low).toBe(180_000)
    expect(durationMs.high).toBeLessThan(210_000)
  })

  it.each([1, 5, 12])('ends at the very pause that it is cancelled in, and leaves no tensors (%i)', async (moment) => {
    const { run } = await createPreflight()
    const before = countTensors()
    let pauses = 0
    const cancelled = run({}, (pause) => {
      pauses = pause
      return pause === moment ? 'cancel' : undefined
    })
    await expect(cancelled).rejects.toThrow(CancelledError)
    expect(pauses).toBe(moment)
    expect(countTensors()).toBe(before)
  })

  it('refuses what cannot be a recipe in the words of the recipe', async () => {
    const { run } = await createPreflight()
    await expect(run({ set: ['learning.batch=none'] })).rejects.toMatchObject({ code: 'misuse' })
  })
})

import { afterAll, describe, expect, it } from 'vitest'
import { openEngine } from '../../../compute/engine.ts'
import { change, recipes } from '../../../compute/testing.ts'
import { CancelledError } from '../../../domain/errors.ts'
import { openStore, type ProjectStore } from '../../../storage/project/store.ts'
import { runTraining } from './train.ts'
import {
  addPictures,
  addRun,
  createTinyProject,
  failAtWrite,
  listen,
  orderOf,
  tinyRecipes,
  turnOf,
  whatIsKept,
} from './trainTesting.ts'

const engine = await openEngine({ engine: 'wasm', threads: 1 })
afterAll(() => engine.close())

type Asking = Parameters<typeof turnOf>[0]

/** From the newest checkpoint, or from the beginning. */
function train(store: ProjectStore, runId: string, asking?: Asking, more?: Parameters<typeof orderOf>[2]) {
  return runTraining(orderOf(store, runId, more), listen({ engine, store }).context, turnOf(asking))
}

function at(moment: number, wish: ReturnType<NonNullable<Asking>>): Asking {
  return (pause) => (pause === moment ? wish : undefined)
}

describe('a training in pieces', () => {
  it.each(['class', 'picture'] as const)('equals the one without a break, bit for bit (%s)', async (task) => {
    const whole = await createTinyProject(task)
    await train(whole.store, whole.run.id)
    const parts = await createTinyProject(task)
    const { store, run } = parts
    // In the middle of a step: most pauses are between two Langevin steps.
    await expect(train(store, run.id, at(20, 'pause'))).rejects.toThrow(CancelledError)
    const pausedAt = store.runs.get(run.id).step
    expect(pausedAt).toBeGreaterThan(1)
    expect(pausedAt).toBeLessThan(6)
    expect(store.checkpoints.newest(run.id)?.step).toBe(pausedAt)
    // Cancelled later: what was learned since the pause is taken again.
    await expect(train(store, run.id, at(9, 'cancel'))).rejects.toThrow(CancelledError)
    expect(store.checkpoints.newest(run.id)?.step).toBe(pausedAt)
    const outcome = await train(store, run.id)
    expect(outcome).toEqual({ kind: 'trained', step: 6, checkpointId: store.checkpoints.newest(run.id)?.id })
    const expected = await whatIsKept(whole.store, whole.run.id)
    expect(await whatIsKept(store, run.id)).toEqual(expected)
    expect(expected.metrics.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6])
    expect(store.runs.notes(run.id).map(({ kind, step }) => [kind, step])).toEqual([
      ['ended', pausedAt],
      ['resumed', pausedAt],
      ['ended', pausedAt],
      ['resumed', pausedAt],
      ['scored', 6],
      ['ended', 6],
    ])
  })

  it('goes on from whatever a crash at any write has left, to the same numbers', { timeout: 120_000 }, async () => {
    const recipe = { ...tinyRecipes.class, length: { steps: 2 } }
    const { store: whole, run: model, dataSetId } = await createTinyProject('class', recipe)
    // While the first step is taken.
    const asking = at(5, 'checkpoint')
    await train(whole, model.id, asking)
    const expected = await whatIsKept(whole, model.id)
    let finished = false
    for (let write = 1; !finished; write++) {
      const run = addRun(whole, dataSetId, recipe)
      const broken = openStore(failAtWrite(whole.file, write))
      finished = await train(broken, run.id, asking).then(
        () => true,
        () => false,
      )
      if (!finished) await train(whole, run.id)
      expect(await whatIsKept(whole, run.id)).toEqual(expected)
    }
  })
})

describe('a training as a job', () => {
  it('saves when asked and tells of it, keeps every step, and draws probes beside their targets', async () => {
    const { store, run } = await createTinyProject('picture')
    const { context, told } = listen({ engine, store })
    const retention = { last: 9, best: 0, everySteps: 0 }
    await runTraining(orderOf(store, run.id, { retention }), context, turnOf(at(12, 'checkpoint')))
    const saved = told('saved').map(({ checkpointId }) => store.checkpoints.find(checkpointId))
    expect(saved.map((checkpoint) => checkpoint?.step)).toEqual([0, expect.any(Number), 6, 6])
    expect(saved[2]).toMatchObject({ content: 'weights', best: true, score: expect.any(Number) })
    expect(told('measured').flatMap(({ points }) => points.map(({ step }) => step))).toEqual([1, 2, 3, 4, 5, 6])
    expect(told('progressed').at(-1)?.progress).toMatchObject({ done: 6, total: 6, unit: 'steps' })
    expect(told('noted').map(({ note }) => note)).toEqual(store.runs.notes(run.id))
    const probes = store.probes.list(run.id)
    expect(told('probed').map(({ probe }) => probe)).toEqual(probes)
    expect(probes.map(({ step }) => step)).toEqual(expect.arrayContaining([0, 6]))
    expect(probes[0]).not.toEqual({ ...probes.at(-1), step: 0 })
    const { observed, condition } = store.probes.targets(run.id) ?? {}
    for (const hash of [observed, condition, probes[0].initial, probes[0].refined])
      expect(store.contents.has(hash ?? '')).toBe(true)
    expect(store.runs.get(run.id)).toMatchObject({ step: 6, progress: 1, engine: expect.stringContaining('wasm') })
  })

  it('goes on from an earlier checkpoint and forgets what came after it', async () => {
    const { store, run } = await createTinyProject('class')
    await train(store, run.id)
    const expected = await whatIsKept(store, run.id)
    const first = store.checkpoints.list(run.id).at(-1)?.id ?? ''
    expect(store.checkpoints.get(first).step).toBe(0)
    await expect(train(store, run.id, at(12, 'cancel'), { checkpointId: first })).rejects.toThrow(CancelledError)
    // Saved anew: a crash would go on from there, and not from the end that was left behind.
    expect(store.checkpoints.newest(run.id)?.step).toBe(0)
    await train(store, run.id)
    expect(await whatIsKept(store, run.id)).toEqual(expected)
  })

  it('goes on longer than it was first asked to, and the run says so', async () => {
    const { store, run } = await createTinyProject('class')
    await train(store, run.id)
    await train(store, run.id, undefined, { length: { steps: 8 } })
    expect(store.runs.get(run.id)).toMatchObject({ step: 8, progress: 1, recipe: { length: { steps: 8 } } })
  })

  it('keeps only what the retention asks for', async () => {
    const { store, run } = await createTinyProject('class')
    const retention = { last: 1, best: 0, everySteps: 0 }
    await train(store, run.id, (pause) => (pause % 6 === 0 ? 'checkpoint' : undefined), { retention })
    const kept = store.checkpoints.list(run.id).map(({ content, step }) => `${content} ${step}`)
    expect(kept.sort()).toEqual(['training 6', 'weights 6'])
  })

  it('ends a run that diverges with its last good state, and tells of every roll-back', async () => {
    const chain = { ...tinyRecipes.class.chain, bound: 0, stepSize: 1 }
    const wild = change(recipes.class, { chain, learning: { batch: 2, solverRate: 0.1 }, length: { steps: 50 } })
    const { store, run } = await createTinyProject('class', wild)
    await expect(train(store, run.id)).rejects.toMatchObject({ code: 'diverged' })
    const notes = store.runs.notes(run.id)
    expect(notes.map(({ kind }) => kind)).toEqual([...new Array<string>(6).fill('rolledBack'), 'ended'])
    expect(notes.at(-1)?.message).toContain('Everything up to step 0 is saved.')
    const { metrics, newest } = await whatIsKept(store, run.id)
    expect(metrics).toEqual([])
    expect(newest?.position).toMatchObject({ step: 0, rollbacks: 7 })
  })
})

describe('a training that cannot go on exactly', () => {
  it('is refused when its pictures are others now', async () => {
    const { store, run, dataSetId } = await createTinyProject('class')
    await expect(train(store, run.id, at(9, 'pause'))).rejects.toThrow(CancelledError)
    const before = await whatIsKept(store, run.id)
    store.pictures.update(dataSetId, [{ ...store.pictures.get(dataSetId, 0), label: 2 }])
    await expect(train(store, run.id)).rejects.toMatchObject({
      code: 'mismatch',
      message: '“Vessels” has other pictures (or names of classes) than the training saw.',
    })
    expect(await whatIsKept(store, run.id)).toEqual(before)
  })

  it('is refused without pictures, from weights alone, and from a checkpoint of another run', async () => {
    const { store, run } = await createTinyProject('class')
    await train(store, run.id)
    const best = store.checkpoints.best(run.id)?.id ?? ''
    await expect(train(store, run.id, undefined, { checkpointId: best })).rejects.toMatchObject({ code: 'misuse' })
    const other = addRun(store, await addPictures(store, 'class'), tinyRecipes.class)
    const newest = store.checkpoints.newest(run.id)?.id ?? ''
    await expect(train(store, other.id, undefined, { checkpointId: newest })).rejects.toMatchObject({ code: 'misuse' })
    const { id } = store.runs.insert({ ...other, dataSetId: null })
    await expect(train(store, id)).rejects.toMatchObject({ code: 'not-found' })
  })
})

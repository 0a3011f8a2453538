/** Which weights are drawn with, and which stay on the engine. */
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { engineUnderTest } from '../../../compute/engineUnderTest.ts'
import { countTensors } from '../../../compute/testing.ts'
import type { DrawSource } from '../../../contract/drawOrders.ts'
import type { Id } from '../../../domain/records.ts'
import type { ProjectStore } from '../../../storage/project/store.ts'
import { createRunDraft, openTestStore } from '../../../storage/project/testing.ts'
import { addCheckpoint, addModel, drawRecipes } from './drawTesting.ts'
import { LoadedModels } from './loadedModels.ts'

const engine = await engineUnderTest()
const recipe = drawRecipes.class

describe.runIf(engine)(`models on ${engine?.kind}`, () => {
  let store: ProjectStore
  let models: LoadedModels
  beforeEach(() => {
    store = openTestStore()
    models = new LoadedModels(store, { models: 2, numbers: 1e9 })
  })
  afterEach(() => {
    models.dispose()
    expect(countTensors()).toBe(0)
    store.file.close()
  })
  afterAll(() => engine?.close())

  const drawnWith = (source: DrawSource) => models.use(source, async ({ checkpoint }) => checkpoint.id)
  const sampler = (checkpointId: Id) => models.use({ kind: 'checkpoint', checkpointId }, async (model) => model.sampler)

  it('mean the newest checkpoint of a run until there are best weights, and then those', async () => {
    const { runId, checkpoint } = await addModel(store, 'class')
    const source = { kind: 'run', runId } as const
    expect(await drawnWith(source)).toBe(checkpoint.id)
    const second = await addCheckpoint(store, runId, { recipe, seed: 4, step: 2 })
    expect(await drawnWith(source)).toBe(second.id)
    const best = await addCheckpoint(store, runId, { recipe, seed: 5, step: 2, best: true })
    await addCheckpoint(store, runId, { recipe, seed: 6, step: 3 })
    expect(await drawnWith(source)).toBe(best.id)
    expect(await drawnWith({ kind: 'checkpoint', checkpointId: checkpoint.id })).toBe(checkpoint.id)
  })

  it('are refused where there is nothing to draw with', async () => {
    const { id: runId } = store.runs.insert(createRunDraft({ name: 'Young', recipe }))
    await expect(drawnWith({ kind: 'run', runId })).rejects.toMatchObject({
      code: 'not-found',
      message: 'The run “Young” has no checkpoint yet.',
    })
    await expect(drawnWith({ kind: 'run', runId: 'nobody' })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('stay on the engine, the one that was not used for longest goes first', async () => {
    const ids: Id[] = []
    for (const seed of [1, 2, 3]) ids.push((await addModel(store, 'class', seed)).checkpoint.id)
    const first = await sampler(ids[0])
    const second = await sampler(ids[1])
    expect(await sampler(ids[0])).toBe(first)
    const before = countTensors()
    await sampler(ids[2])
    expect(countTensors()).toBe(before)
    expect(await sampler(ids[0])).toBe(first)
    expect(await sampler(ids[1])).not.toBe(second)
  })

  it('stay while somebody draws with them, however little room there is', async () => {
    models = new LoadedModels(store, { models: 4, numbers: 1 })
    const ids: Id[] = []
    for (const seed of [1, 2, 3]) ids.push((await addModel(store, 'class', seed)).checkpoint.id)
    const source = { kind: 'checkpoint', checkpointId: ids[0] } as const
    await models.use(source, async (mine) => {
      const alone = countTensors()
      await sampler(ids[1])
      await sampler(ids[2])
      // This one and the last.
      expect(countTensors()).toBe(2 * alone)
      const { count } = await mine.sampler.preview({ kind: 'labels', weights: [[1, 0, 0]] }, 1)
      expect(count).toBe(1)
    })
    expect(countTensors()).toBeGreaterThan(0)
  })

  it('go when their drawing has failed just as well', async () => {
    const { checkpoint } = await addModel(store, 'class')
    const source = { kind: 'checkpoint', checkpointId: checkpoint.id } as const
    await expect(models.use(source, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    const kept = await sampler(checkpoint.id)
    expect(await sampler(checkpoint.id)).toBe(kept)
  })
})

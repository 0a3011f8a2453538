import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Id } from '../../domain/records.ts'
import { loadModel } from '../models.ts'
import { readModelFile, writeFiles } from '../testing.ts'
import { importClasses, importTestModel, openTestStudio, type TestStudio, twoClasses } from './testing.ts'

let world: TestStudio
let dataSetId: Id
beforeEach(async () => {
  world = await openTestStudio()
  await world.studio.ask('project:create', { name: 'A' })
  dataSetId = await importClasses(world)
})
afterEach(() => world.end())

const given = (jobId: Id) =>
  world.processes
    .at(-1)
    ?.sentOf('start')
    .find((each) => each.jobId === jobId)?.work

describe('training', () => {
  it('composes the recipe that an order means, with its rows and sizes', async () => {
    const order = { dataSetId, recipe: 'paper' as const, seed: 1, set: ['chain.steps=20'] }
    const { recipe, options, parameters } = await world.studio.ask('recipe:compose', order)
    expect(recipe).toMatchObject({
      name: 'paper',
      task: 'class',
      size: 28,
      labels: ['bowl', 'jug'],
      chain: { steps: 20 },
    })
    expect(options.find(({ path }) => path === 'chain.steps')).toMatchObject({
      value: '20',
      kind: 'number',
      whole: true,
    })
    expect(parameters.initializer).toBeGreaterThan(100_000)
    for (const set of [['chain.steps=0'], ['nothing=1'], ['learning.batch']])
      expect(await world.studio.request('recipe:compose', { ...order, set })).toMatchObject({
        error: { code: 'misuse' },
      })
  })

  it('starts a run that the project knows, one at a time, and goes on from its newest checkpoint', async () => {
    const { studio } = world
    const { runId, jobId } = await studio.ask('training:start', { dataSetId, recipe: 'quick', seed: 7 })
    expect(given(jobId)).toEqual({
      ...{ kind: 'train', runId, checkpointId: null, length: null },
      retention: { last: 3, best: 2, everySteps: 0 },
    })
    expect(await studio.ask('run:get', { runId })).toMatchObject({
      ...{ name: 'Vessels, quick 28', dataSetId, seed: 7, step: 0, engine: null },
      fingerprint: expect.stringMatching(/^2:[0-9a-f]{32}$/),
    })
    expect(studio.hasRunningTraining()).toBe(true)
    expect(await studio.request('training:resume', { runId })).toMatchObject({ error: { code: 'misuse' } })
    await studio.ask('training:pause', { jobId })
    expect(studio.hasRunningTraining()).toBe(false)
    const again = await studio.ask('training:resume', { runId, length: { epochs: 3 } })
    expect(given(again.jobId)).toMatchObject({ runId, checkpointId: null, length: { epochs: 3 } })
  })

  it('leaves no run behind that could not be started', async () => {
    const { studio, processes } = world
    for (let death = 0; death < 3; death++)
      processes.at(-1)?.say({ kind: 'refused', message: 'No engine works here.', hint: 'Get one.' })
    const reply = await studio.request('training:start', { dataSetId, recipe: 'quick', seed: 7 })
    expect(reply).toMatchObject({ ok: false, error: { code: 'engine-unavailable', hint: 'Get one.' } })
    expect(await studio.ask('runs:list', {})).toEqual([])
  })

  it('tells what the computing process measures, and keeps who was asked to checkpoint apart', async () => {
    const { studio, heard, processes, say } = world
    const { runId, jobId } = await studio.ask('training:start', { dataSetId, recipe: 'quick', seed: 7 })
    expect(await studio.request('training:checkpoint', { jobId })).toMatchObject({ error: { code: 'misuse' } })
    say({ kind: 'begun', jobId })
    await studio.ask('training:checkpoint', { jobId })
    expect(processes.at(-1)?.sentOf('checkpoint')).toEqual([{ kind: 'checkpoint', jobId }])
    const unmeasured = {
      move: null,
      gradientSize: null,
      mappingError: null,
      observedError: null,
      meanPictureError: null,
      solverGradient: null,
      saturation: null,
    }
    const point = { step: 1, elapsedMs: 10, gap: 0.5, ...unmeasured }
    say({ kind: 'measured', runId, points: [point] })
    expect(heard('run:measured')).toEqual([{ runId, points: [point] }])
  })

  it('measures before it starts, and knows which data set is not there', async () => {
    const order = { dataSetId, recipe: 'quick' as const, seed: 1 }
    const { jobId } = await world.studio.ask('training:measure', order)
    expect(given(jobId)).toEqual({ kind: 'preflight', order })
    const gone = { ...order, dataSetId: '00000000-0000-4000-8000-000000000000' }
    for (const name of ['training:measure', 'training:start', 'recipe:compose'])
      expect(await world.studio.request(name, gone)).toMatchObject({ error: { code: 'not-found' } })
  })
})

describe('models as files', () => {
  it('go out as the weights alone, without places', async () => {
    const { studio } = world
    const { checkpointId } = await importTestModel(world)
    const { downloadId, name } = await studio.ask('model:export', { checkpointId })
    expect(name).toBe('bowls, step 40.safetensors')
    const folder = join(world.folder, 'out')
    writeFiles(folder, { 'model.safetensors': Buffer.concat(await studio.findDownload(downloadId).open().toArray()) })
    const file = join(folder, 'model.safetensors')
    const { manifest } = await loadModel(file)
    expect(manifest).toMatchObject({ content: 'weights', recipe: twoClasses, metrics: [], data: { folder: null } })
    expect(JSON.stringify((await readModelFile(file)).manifest)).not.toContain('somebody')
  })

  it.each(['training', 'weights'] as const)('come in as a run of their own: %s', async (content) => {
    const { studio } = world
    const { runId, checkpointId } = await importTestModel(world, content)
    expect(await studio.ask('run:get', { runId })).toMatchObject({ name: 'bowls', dataSetId: null, seed: 3, step: 40 })
    expect(await studio.ask('run:checkpoints', { runId })).toMatchObject([{ id: checkpointId, content, step: 40 }])
    expect(await studio.ask('run:metrics', { runId })).toHaveLength(1)
    const { jobId } = await studio.ask('draw:refine', {
      ...{ source: { kind: 'run', runId }, condition: { kind: 'labels', weights: [1, 0] }, seed: 1 },
    })
    expect(given(jobId)).toMatchObject({ kind: 'refine' })
    expect(await studio.request('evaluation:start', { source: { kind: 'run', runId } })).toMatchObject({
      error: { code: 'misuse', hint: 'Choose a data set of this project.' },
    })
  })

  it('that are none leave nothing behind', async () => {
    const { studio, folder } = world
    writeFiles(folder, { 'x.safetensors': 'no model' })
    const uploadId = await studio.takeLocalFiles(join(folder, 'x.safetensors'), 'model')
    expect(await studio.request('model:import', { uploadId })).toMatchObject({ error: { code: 'bad-input' } })
    expect(await studio.ask('runs:list', {})).toEqual([])
  })
})

/** For tests: an input for every request that it is to succeed with, in an order in which each finds what it needs. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { DrawCondition } from '../../contract/drawOrders.ts'
import { encodePng } from '../../data/pictureFile.ts'
import type { RequestInput, RequestName } from '../../contract/requests.ts'
import type { Id, JobRecord } from '../../domain/records.ts'
import {
  grey,
  importClasses,
  importPairs,
  importTestModel,
  type TestStudio,
  uploadPicture,
  writeTestModel,
} from './testing.ts'

/** What there is in the project that the inputs speak of. */
export interface World extends TestStudio {
  readonly projectId: Id
  readonly otherProjectId: Id
  readonly dataSetId: Id
  readonly pairsId: Id
  readonly runId: Id
  readonly checkpointId: Id
  readonly documentId: Id
  readonly resultId: Id
  /** Of a training that runs. */
  readonly jobId: Id
}

const labels: DrawCondition = { kind: 'labels', weights: [0.25, 0.75] }
const sketch: DrawCondition = { kind: 'picture', picture: grey(4, 4) }

export async function createWorld(world: TestStudio): Promise<World> {
  const { studio } = world
  const other = await studio.ask('project:create', { name: 'Another' })
  const { id: projectId } = await studio.ask('project:create', { name: 'Vases' })
  const dataSetId = await importClasses(world)
  const pairsId = await importPairs(world)
  const { runId, checkpointId } = await importTestModel(world)
  const { id: documentId } = await studio.ask('document:create', {
    kind: 'sketch',
    name: 'A jug',
    width: 64,
    height: 64,
  })
  const source = { kind: 'run', runId } as const
  const kept = { title: 'A kept jug', picture: grey(28, 28), source, condition: labels, seed: 1, steps: 16 }
  const { id: resultId } = await studio.ask('result:keep', kept)
  const { jobId } = await studio.ask('training:start', { dataSetId, recipe: 'paper', seed: 1, length: { steps: 5 } })
  world.say({ kind: 'begun', jobId })
  return {
    ...world,
    projectId,
    otherProjectId: other.id,
    ...{ dataSetId, pairsId, runId, checkpointId, documentId, resultId, jobId },
  }
}

type Inputs = { readonly [N in RequestName]: (world: World) => RequestInput<N> | Promise<RequestInput<N>> }

const source = ({ runId }: World) => ({ kind: 'run', runId }) as const
const order = ({ dataSetId }: World) => ({ dataSetId, recipe: 'quick', seed: 1 }) as const

/** The ones that take things away come last. */
export const inputs: Inputs = {
  'studio:state': () => ({}),
  'engine:list': () => ({}),
  'settings:get': () => ({}),
  'settings:change': () => ({ theme: 'dark', pages: { draw: { zoom: 2 } } }),
  'jobs:list': () => ({}),
  'job:get': ({ jobId }) => ({ jobId }),
  'diagnostics:report': () => ({}),
  'projects:list': () => ({}),
  'project:rename': () => ({ name: 'Vases and jugs' }),
  'project:space': () => ({}),
  'upload:begin': () => ({ purpose: 'picture' }),
  'upload:choose': () => ({ purpose: 'data' }),
  'upload:discard': async (world) => ({ uploadId: await uploadPicture(world) }),
  'data:inspect': async (world) => ({ uploadId: await uploadData(world) }),
  'data:import': async (world) => ({ uploadId: await uploadData(world), name: 'More' }),
  'data:list': () => ({}),
  'data:get': ({ dataSetId }) => ({ dataSetId }),
  'data:rename': ({ dataSetId }) => ({ dataSetId, name: 'Pots' }),
  'data:relabel': ({ dataSetId }) => ({ dataSetId, labels: ['a bowl', 'a jug'] }),
  'data:pictures': ({ dataSetId }) => ({ dataSetId, offset: 2, limit: 3, split: 'train', label: 1, only: 'used' }),
  'picture:change': ({ dataSetId }) => ({ dataSetId, number: 0, skipped: true }),
  'picture:pair': async ({ studio, pairsId }) => {
    const { pictures } = await studio.ask('data:pictures', { dataSetId: pairsId, only: 'problems' })
    const observed = pictures.find(({ content }) => content !== null)?.number ?? -1
    return { dataSetId: pairsId, observed, condition: pictures.find(({ content }) => content === null)?.number ?? -1 }
  },
  'data:swap': ({ pairsId }) => ({ dataSetId: pairsId }),
  'data:examples': ({ dataSetId }) => ({ dataSetId, count: 2, seed: 1, size: 28 }),
  'recipe:compose': order,
  'training:measure': order,
  'training:checkpoint': ({ jobId }) => ({ jobId }),
  'training:pause': ({ jobId }) => ({ jobId }),
  'training:start': (world) => ({ ...order(world), name: 'A quick one', set: ['chain.steps=8'] }),
  'training:resume': ({ runId }) => ({ runId, length: { steps: 50 } }),
  'runs:list': () => ({}),
  'run:get': ({ runId }) => ({ runId }),
  'run:rename': ({ runId }) => ({ runId, name: 'Bowls' }),
  'run:metrics': ({ runId }) => ({ runId, from: 0, to: 10, points: 2 }),
  'run:notes': ({ runId }) => ({ runId }),
  'run:probes': ({ runId }) => ({ runId }),
  'run:checkpoints': ({ runId }) => ({ runId }),
  'checkpoint:pin': ({ checkpointId }) => ({ checkpointId, pinned: true }),
  'model:export': ({ checkpointId }) => ({ checkpointId }),
  'model:import': async ({ studio, folder }) => {
    await writeTestModel(join(folder, 'weights.safetensors'), 'weights')
    return { uploadId: await studio.takeLocalFiles(join(folder, 'weights.safetensors'), 'model'), name: 'A model' }
  },
  'documents:list': () => ({ kind: 'sketch' }),
  'document:create': async (world) => ({
    ...{ kind: 'mask', name: 'A hole', width: 20, height: 10 },
    background: { uploadId: await uploadPicture(world) },
  }),
  'document:get': ({ documentId }) => ({ documentId }),
  'document:append': ({ documentId }) => ({
    ...{ documentId, position: 0 },
    entries: [{ kind: 'stroke', points: [[1, 2, 0.5]] }],
  }),
  'document:move': ({ documentId }) => ({ documentId, position: 0 }),
  'document:rename': ({ documentId }) => ({ documentId, name: 'A jug with an ear' }),
  'draw:preview': (world) => ({ source: source(world), condition: labels, seed: 1 }),
  'draw:refine': (world) => ({ source: source(world), condition: sketch, seed: 1, steps: 8, noise: true, guidance: 1 }),
  'draw:sample': (world) => ({ source: source(world), conditions: [labels], seeds: [1, 2] }),
  'draw:interpolate': (world) => ({
    ...{ source: source(world), from: grey(4, 4), to: grey(4, 4) },
    shares: [0, 1],
    seed: 1,
  }),
  'draw:infer': (world) => ({ source: source(world), picture: grey(4, 4), label: [1, 0], seed: 1, steps: 5 }),
  'evaluation:start': (world) => ({ source: source(world), dataSetId: world.dataSetId }),
  'result:keep': ({ checkpointId }) => ({
    ...{ title: 'Another jug', picture: grey(28, 28), initial: grey(28, 28, 1), condition: labels, seed: 1, steps: 16 },
    ...{ source: { kind: 'checkpoint', checkpointId }, strokes: [{ kind: 'stroke' }], noise: true, guidance: 2 },
  }),
  'results:list': () => ({ offset: 0, limit: 10, query: 'jug', starred: false }),
  'result:get': ({ resultId }) => ({ resultId }),
  'result:change': ({ resultId }) => ({ resultId, title: 'The best jug', starred: true }),
  'result:reproduce': ({ resultId }) => ({ resultId }),
  'result:export': ({ resultId }) => ({ resultId, metadata: true }),
  'job:cancel': async ({ studio }) => ({ jobId: (await findOpen(studio)).id }),
  'engine:choose': () => ({ engine: 'wasm', threads: 1 }),
  'project:export': () => ({ optimizer: false, pictures: false }),
  'project:duplicate': ({ projectId }) => ({ projectId, name: 'A copy' }),
  'project:import': async ({ studio }) => ({ uploadId: await uploadProject(studio) }),
  'bin:add': ({ documentId }) => ({ kind: 'document', id: documentId }),
  'bin:list': () => ({}),
  'bin:restore': ({ documentId }) => ({ kind: 'document', id: documentId }),
  'bin:empty': () => ({}),
  'checkpoint:remove': async ({ studio, checkpointId }) => {
    await studio.ask('checkpoint:pin', { checkpointId, pinned: false })
    return { checkpointId }
  },
  'project:tidy': () => ({}),
  'project:salvage': ({ otherProjectId }) => ({ projectId: otherProjectId }),
  'project:open': ({ projectId }) => ({ projectId, readOnly: true }),
  'project:close': () => ({}),
  'project:create': () => ({ name: 'Fresh' }),
  'project:bin': ({ projectId }) => ({ projectId }),
  'project:restore': ({ projectId }) => ({ projectId }),
  'project:delete': async ({ studio, projectId }) => {
    await studio.ask('project:bin', { projectId })
    return { projectId }
  },
}

export const requestNames = Object.keys(inputs) as readonly RequestName[]

async function findOpen(studio: TestStudio['studio']): Promise<JobRecord> {
  const found = (await studio.ask('jobs:list', {})).find(({ state }) => state.kind !== 'ended')
  if (found === undefined) throw new RangeError('nothing goes on')
  return found
}

async function uploadData({ studio }: World): Promise<Id> {
  const { uploadId } = await studio.ask('upload:begin', { purpose: 'data' })
  for (const label of ['bowl', 'jug'])
    for (let at = 0; at < 6; at++) {
      const bytes = await encodePng({
        ...grey(28, 28),
        data: Uint8Array.from({ length: 784 }, (_, i) => (i * (at + 1) + label.length) % 256),
      })
      await studio.receiveFile(uploadId, `${label}/${at}.png`, Readable.from([bytes]))
    }
  return uploadId
}

async function uploadProject(studio: TestStudio['studio']): Promise<Id> {
  const { downloadId } = await studio.ask('project:export', { personal: true })
  const { uploadId } = await studio.ask('upload:begin', { purpose: 'project' })
  await studio.receiveFile(uploadId, `sent/${randomUUID()}.tandem`, studio.findDownload(downloadId).open())
  return uploadId
}

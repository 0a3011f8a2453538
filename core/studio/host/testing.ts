/** A studio on real files in a folder of its own, with a computing process that only says what a test wants. */
import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { storedShapes } from '../../compute/storedState.ts'
import type { FromCompute, ToCompute } from '../../contract/computeProtocol.ts'
import type { EventName, Events } from '../../contract/events.ts'
import type { ModelManifest } from '../../contract/modelManifest.ts'
import type { ProcessPort } from '../../contract/port.ts'
import type { EngineReport } from '../../contract/studioTypes.ts'
import { Random } from '../../domain/random.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { createRecipe } from '../../domain/recipes/createRecipe.ts'
import type { Id, JobEnding } from '../../domain/records.ts'
import { writeModelFile } from '../../storage/modelFile.ts'
import { FakeProcess } from '../computing/testing.ts'
import { drawn, makeClasses, noisy, png, temporaryFolder, writeFiles } from '../testing.ts'
import { createStudio, type StudioDoubles } from './createStudio.ts'
import type { Studio } from './studio.ts'

/** Opens its engine when asked, and ends work when told to. */
export class ObedientProcess extends FakeProcess {
  override send(message: unknown): void {
    super.send(message)
    const told = message as ToCompute
    if (told.kind === 'begin') queueMicrotask(() => this.open())
    if (told.kind === 'cancel' || told.kind === 'pause') this.end(told.jobId, { kind: 'cancelled' })
    if (told.kind === 'leave') this.die('code 0')
    if (told.kind === 'start' && told.work.kind === 'preview') this.#drawPreview(told.jobId)
  }

  #drawPreview(jobId: Id): void {
    this.say({ kind: 'begun', jobId })
    const frame = { index: 0, step: 0, steps: 0, initial: null, picture: grey(28, 28), gain: null }
    this.say({ kind: 'pictured', jobId, ...frame })
    this.end(jobId)
  }
}

export type Told = { readonly [E in EventName]: { readonly name: E; readonly payload: Events[E] } }[EventName]

export interface TestStudio {
  readonly studio: Studio
  readonly folder: string
  /** The computing processes that were started, the newest last. */
  readonly processes: ObedientProcess[]
  readonly told: Told[]
  say(message: FromCompute): void
  /** Payloads of one event so far. */
  heard<E extends EventName>(name: E): Events[E][]
  ending(jobId: Id): Promise<JobEnding>
  /** Closes the studio and removes its folder. */
  end(): Promise<void>
}

export const oneEngine: readonly EngineReport[] = [
  { engine: 'wasm', available: true, version: '4.22.0', detail: 'a processor', reason: null, howToGet: null },
]

export interface TestOptions extends StudioDoubles {
  /** Of an earlier studio, to go on there. */
  readonly folder?: string
  /** A computing process instead of an obedient one. */
  readonly spawn?: () => ProcessPort
}

export async function openTestStudio({
  folder = temporaryFolder(),
  spawn,
  listEngines = async () => oneEngine,
}: TestOptions = {}): Promise<TestStudio> {
  const processes: ObedientProcess[] = []
  const told: Told[] = []
  const studio = await createStudio(
    {
      host: 'command-line',
      dataFolder: join(folder, 'data'),
      projectsFolder: join(folder, 'projects'),
      spawn() {
        if (spawn) return spawn()
        const process = new ObedientProcess()
        processes.push(process)
        return process
      },
      chooseFiles: () => Promise.resolve(folder),
    },
    { listEngines },
  )
  studio.listen((name, payload) => told.push({ name, payload } as Told))
  const heard = <E extends EventName>(name: E) =>
    told.filter((each) => each.name === name).map(({ payload }) => payload as Events[E])
  return {
    ...{ studio, folder, processes, told, heard },
    say: (message) => processes.at(-1)?.say(message),
    ending: (jobId) =>
      new Promise((resolve) => {
        const look = () => {
          const job = heard('job:changed').findLast((each) => each.job.id === jobId)?.job
          if (job?.state.kind === 'ended') resolve(job.state.ending)
        }
        studio.listen(look)
        look()
      }),
    async end() {
      await studio.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Two classes of twelve pictures each, imported. */
export async function importClasses(world: TestStudio, keeping: 'inside' | 'referenced' = 'inside'): Promise<Id> {
  const source = join(world.folder, `pictures-${randomUUID()}`)
  await makeClasses(source, ['bowl', 'jug'], 12)
  return importFolder(world, source, { name: 'Vessels', keeping })
}

/** Ten pairs from two folders, and one picture on either side that has no partner. */
export async function importPairs(world: TestStudio): Promise<Id> {
  const source = join(world.folder, `pairs-${randomUUID()}`)
  for (const name of [...Array.from({ length: 10 }, (_, at) => `${at}`), 'alone'])
    writeFiles(source, { [`A/${name}.png`]: await png(drawn(32, 32, Number(name) || 11)) })
  for (const name of [...Array.from({ length: 10 }, (_, at) => `${at}`), 'single'])
    writeFiles(source, { [`B/${name}.png`]: await png(noisy(32, 32, Number(name) || 11)) })
  return importFolder(world, source, { name: 'Pairs', keeping: 'inside' })
}

async function importFolder(
  { studio, ending }: TestStudio,
  source: string,
  order: { readonly name: string; readonly keeping: 'inside' | 'referenced' },
): Promise<Id> {
  const uploadId = await studio.takeLocalFiles(source, 'data')
  const { jobId } = await studio.ask('data:import', { uploadId, ...order })
  const end = await ending(jobId)
  if (end.kind !== 'finished' || end.outcome?.kind !== 'imported') throw new Error(JSON.stringify(end))
  return end.outcome.dataSetId
}

export const twoClasses: Recipe = shrink(
  createRecipe('paper', { task: 'class', size: 28, channels: 1, labels: ['bowl', 'jug'] }),
)

/** The same with networks of a few hundred numbers. */
function shrink(recipe: Recipe): Recipe {
  const { initializer, solver } = recipe
  if (initializer.kind !== 'classDecoder') throw new RangeError('only networks for classes')
  const layers = initializer.layers.map((layer, at, all) => (at < all.length - 1 ? { ...layer, channels: 2 } : layer))
  const convolutions = solver.convolutions.map((convolution) => ({ ...convolution, channels: 2 }))
  return { ...recipe, initializer: { ...initializer, layers }, solver: { ...solver, convolutions } }
}

/** A model that has learnt nothing, as a file. */
export async function writeTestModel(file: string, content: 'training' | 'weights' = 'training'): Promise<void> {
  const random = new Random(5)
  const tensors = Object.entries(storedShapes(twoClasses, content)).map(([name, shape]) => {
    const count = shape.reduce((product, length) => product * length, 1)
    return [name, { shape, data: new Float32Array(count).fill(random.uniform() / 100) }]
  })
  const manifest: ModelManifest = {
    content,
    recipe: twoClasses,
    position: { seed: 3, step: 40, cooperativeSteps: 40, elapsedMs: 5000, solverFactor: 1, rollbacks: 0 },
    state: { solverUpdates: 40, initializerUpdates: 40, gradientScale: 1, move: 0, gap: 0 },
    best: null,
    chosenOn: null,
    data: {
      ...{ description: 'Two classes', pictures: 20, fingerprint: null, folder: '/home/somebody/secret' },
      ...{ conditionSide: null, conditionFromPhoto: null },
    },
    ...{ engine: 'wasm 4.22.0, a processor', program: '0.1.0', savedAt: '2030-01-01T00:00:00.000Z' },
    metrics: [
      {
        ...{ step: 1, elapsedMs: 100, gap: 0.5, move: 0.1, gradientSize: 1, mappingError: 2 },
        ...{ observedError: null, meanPictureError: 0.1, solverGradient: 3, saturation: 0 },
      },
    ],
    log: [],
  }
  await writeModelFile(file, { manifest, tensors: Object.fromEntries(tensors) })
}

/** @returns a run with one checkpoint, from a file */
export async function importTestModel(
  { studio, folder }: TestStudio,
  content: 'training' | 'weights' = 'training',
): Promise<{ readonly runId: Id; readonly checkpointId: Id }> {
  const places = join(folder, 'models')
  mkdirSync(places, { recursive: true })
  const file = join(places, 'bowls.safetensors')
  await writeTestModel(file, content)
  const { id } = await studio.ask('model:import', { uploadId: await studio.takeLocalFiles(file, 'model') })
  const [{ id: checkpointId }] = await studio.ask('run:checkpoints', { runId: id })
  return { runId: id, checkpointId }
}

export async function uploadPicture({ studio }: TestStudio): Promise<Id> {
  const { uploadId } = await studio.ask('upload:begin', { purpose: 'picture' })
  await studio.receiveFile(uploadId, 'photo.png', Readable.from([await png(noisy(20, 10, 1))]))
  return uploadId
}

export function grey(width: number, height: number, value = 128) {
  return { width, height, channels: 1 as const, data: new Uint8Array(width * height).fill(value) }
}

/** Tiny models in a project, and a host at the other end of the port, for the tests of what draws. */
import { randomUUID } from 'node:crypto'
import { change, recipes, trainerFor } from '../../../compute/testing.ts'
import type { Engine } from '../../../compute/engine.ts'
import { type FromCompute, fromCompute, type ToCompute, type Work } from '../../../contract/computeProtocol.ts'
import type { Picture } from '../../../domain/picture.ts'
import { Random } from '../../../domain/random.ts'
import type { Recipe } from '../../../domain/recipe.ts'
import { createRecipe } from '../../../domain/recipes/createRecipe.ts'
import type { CheckpointRecord, Id } from '../../../domain/records.ts'
import { createRunDraft, keepAll, pause } from '../../../storage/project/testing.ts'
import { openStore, type ProjectStore } from '../../../storage/project/store.ts'
import { createProjectFile } from '../../../storage/sqlite/projectFile.ts'
import { saveBest, saveTraining, type RunFacts } from '../../projectCheckpoints.ts'
import { toEnding } from '../endings.ts'
import type { OwnPort } from './ownPort.ts'
import { runWork } from './runWork.ts'
import { serveHost, type Surroundings } from './serveHost.ts'

const inpaint = createRecipe('quick', { task: 'inpaint', size: 32, channels: 3, labels: [] })
/** Chains of 4 steps. */
export const drawRecipes = {
  class: change(recipes.class, { chain: { steps: 4 } }),
  picture: change(recipes.picture, { chain: { steps: 4 } }),
  inpaint: change(inpaint, { chain: { steps: 4 } }),
} satisfies Record<string, Recipe>

const seeds = { class: 1, picture: 2, inpaint: 3 } as const
export type DrawTask = keyof typeof seeds

/** A run whose model has learnt nothing, which draws as well as any other. The engine must be open. */
export async function addModel(
  store: ProjectStore,
  task: DrawTask,
  seed: number = seeds[task],
): Promise<{ runId: Id; checkpoint: CheckpointRecord }> {
  const recipe = drawRecipes[task]
  const { id } = store.runs.insert(createRunDraft({ name: `A ${task} run`, recipe, seed }))
  return { runId: id, checkpoint: await addCheckpoint(store, id, { recipe, seed }) }
}

export async function addCheckpoint(
  store: ProjectStore,
  runId: Id,
  { recipe, seed, step = 1, best = false }: { recipe: Recipe; seed: number; step?: number; best?: boolean },
): Promise<CheckpointRecord> {
  const trainer = trainerFor(recipe, { seed })
  try {
    const { position, state } = await trainer.checkpoint()
    const at = { ...position, step }
    // A chain that was never measured has no scale to move by.
    const sound = { ...state, gradientScale: 1 }
    const facts: RunFacts = { runId, about: { recipe, data: noData, engine: 'wasm', program: '0.1.0' } }
    const options = { progress: 0, retention: keepAll, pause }
    if (!best) return await saveTraining(store, facts, { position: at, state: sound }, options)
    const weights = { ...(await trainer.weights()), gradientScale: 1 }
    return await saveBest(store, facts, { step, score: 1, chosenOn: 16, state: weights }, at, options)
  } finally {
    trainer.dispose()
  }
}

const noData = {
  description: 'none',
  pictures: 1,
  fingerprint: null,
  folder: null,
  conditionSide: null,
  conditionFromPhoto: null,
}

export function createProject(path: string): ProjectStore {
  return openStore(createProjectFile(path, { name: 'Test' }))
}

export function noise(width: number, height: number, channels: 1 | 3, seed: number): Picture {
  const random = new Random(seed)
  return {
    width,
    height,
    channels,
    data: Uint8Array.from({ length: width * height * channels }, () => random.integer(256)),
  }
}

/** A host in this process: its messages are heard in a later turn, as those of another process are. */
export class TestHost {
  readonly told: FromCompute[] = []
  /** The process has asked to end. */
  left = false
  behind = false
  readonly #listeners: ((message: unknown) => void)[] = []
  #gone: (reason: string) => void = () => undefined

  constructor(engine: Engine, around: Partial<Surroundings> = {}) {
    const port: OwnPort = {
      send: (message) => void this.told.push(fromCompute.parse(structuredClone(message))),
      onMessage: (listener) => (this.#listeners.push(listener), () => undefined),
      onGone: (listener) => (this.#gone = listener),
      isBehind: () => this.behind,
      drained: () => Promise.resolve(),
    }
    serveHost(port, {
      openEngine: async () => ({ ...engine, close: () => undefined }),
      runWork,
      leave: () => (this.left = true),
      write: () => undefined,
      ...around,
    })
  }

  say(message: ToCompute): void {
    this.sayAnything(message)
  }

  sayAnything(message: unknown): void {
    const heard = structuredClone(message)
    setImmediate(() => this.#listeners.forEach((hear) => hear(heard)))
  }

  hangUp(): void {
    this.#gone('gone')
  }

  /** Opens the engine and a project. */
  open({ file }: ProjectStore): void {
    this.say({ kind: 'begin', engine: 'wasm', threads: 1 })
    this.say({ kind: 'project', path: file.path, holder: file.holder })
  }

  start(work: Work): Id {
    const jobId = randomUUID()
    this.say({ kind: 'start', jobId, work })
    return jobId
  }

  /** Starts work and waits for its ending. */
  async run(work: Work) {
    const jobId = this.start(work)
    return { jobId, ending: await this.endingOf(jobId), pictures: this.pictures(jobId) }
  }

  async endingOf(jobId: Id) {
    return toEnding((await this.heard('ended', (message) => message.jobId === jobId)).ending)
  }

  /** The first message of this kind, now or later. */
  async heard<K extends FromCompute['kind']>(
    kind: K,
    is: (message: Extract<FromCompute, { kind: K }>) => boolean = () => true,
  ): Promise<Extract<FromCompute, { kind: K }>> {
    for (;;) {
      const found = this.of(kind).find(is)
      if (found) return found
      await new Promise(setImmediate)
    }
  }

  of<K extends FromCompute['kind']>(kind: K): Extract<FromCompute, { kind: K }>[] {
    return this.told.filter((message): message is Extract<FromCompute, { kind: K }> => message.kind === kind)
  }

  pictures(jobId: Id) {
    return this.of('pictured').filter((message) => message.jobId === jobId)
  }
}

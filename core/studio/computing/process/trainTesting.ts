/** Projects with a few small pictures and the smallest recipes of the product, for the tests of what runs on them. */
import { hash } from 'node:crypto'
import type { Engine } from '../../../compute/engine.ts'
import { change, recipes } from '../../../compute/testing.ts'
import type { FromCompute, Work } from '../../../contract/computeProtocol.ts'
import { CancelledError } from '../../../domain/errors.ts'
import type { Id, RunRecord } from '../../../domain/records.ts'
import type { Recipe } from '../../../domain/recipe.ts'
import { loadCheckpoint } from '../../../storage/project/loadCheckpoint.ts'
import type { ProjectStore } from '../../../storage/project/store.ts'
import { createDataSetDraft, createPicture, createRunDraft, openTestStore } from '../../../storage/project/testing.ts'
import type { ProjectFile } from '../../../storage/sqlite/projectFile.ts'
import { StorageError } from '../../../storage/sqlite/sqliteErrors.ts'
import { openStoredDataSet } from '../../dataSets/storedDataSet.ts'
import { fingerprintOf } from '../../fingerprint.ts'
import { drawn, noisy, png } from '../../testing.ts'
import type { Turn } from './context.ts'

const SIDE = 8
const TRAIN = 12
/** Enough to choose the best weights of a class model by. */
const HELD_OUT = 16

export const tinyRecipes = {
  class: change(recipes.class, { length: { steps: 6 }, learning: { batch: 2 } }),
  picture: change(recipes.picture, {
    length: { steps: 6 },
    learning: { batch: 2, prelude: { share: 0.2, rate: 0.0004 } },
  }),
} satisfies Record<string, Recipe>

export type TinyTask = keyof typeof tinyRecipes

/** Pictures of the task, inside the project. */
export async function addPictures(store: ProjectStore, task: TinyTask): Promise<Id> {
  const { labels } = tinyRecipes[task]
  const looks = task === 'class' ? { labels } : { kind: 'pair' as const, labels: [], conditionChannels: 3 as const }
  const layout = task === 'class' ? 'class-folders' : 'paired-folders'
  const id = store.dataSets.begin(createDataSetDraft({ ...looks, layout, naturalSize: { width: SIDE, height: SIDE } }))
  const pictures = Array.from({ length: TRAIN + HELD_OUT }, async (_, index) =>
    createPicture(`${index}.png`, {
      observed: await png(noisy(SIDE, SIDE, index)),
      condition: task === 'class' ? null : await png(drawn(SIDE, SIDE, index)),
      split: index < TRAIN ? 'train' : 'heldOut',
      label: task === 'class' ? index % labels.length : null,
    }),
  )
  store.pictures.insert(id, await Promise.all(pictures))
  return store.dataSets.finish(id).id
}

export function addRun(store: ProjectStore, dataSetId: Id, recipe: Recipe): RunRecord {
  const fingerprint = fingerprintOf(openStoredDataSet(store, dataSetId))
  return store.runs.insert(createRunDraft({ dataSetId, recipe, seed: 5, fingerprint }))
}

export async function createTinyProject(
  task: TinyTask,
  recipe: Recipe = tinyRecipes[task],
): Promise<{ store: ProjectStore; dataSetId: Id; run: RunRecord }> {
  const store = openTestStore()
  const dataSetId = await addPictures(store, task)
  return { store, dataSetId, run: addRun(store, dataSetId, recipe) }
}

type TrainWork = Extract<Work, { readonly kind: 'train' }>

/** From the newest checkpoint, if there is one. */
export function orderOf(store: ProjectStore, runId: Id, more: Partial<TrainWork> = {}): TrainWork {
  const checkpointId = store.checkpoints.newest(runId)?.id ?? null
  const retention = { last: 3, best: 1, everySteps: 0 }
  return { kind: 'train', runId, checkpointId, length: null, retention, ...more }
}

export interface Listening {
  readonly engine: Engine
  readonly store: ProjectStore
}

/** A context that keeps what it is told. */
export function listen({ engine, store }: Listening) {
  const told: FromCompute[] = []
  return {
    context: { engine, store, tell: (message: FromCompute) => void told.push(message) },
    told: <K extends FromCompute['kind']>(kind: K) =>
      told.filter((message): message is Extract<FromCompute, { kind: K }> => message.kind === kind),
  }
}

/** @param atPause what is asked for at the n-th pause, from 1 */
export function turnOf(
  atPause: (pause: number) => 'checkpoint' | 'pause' | 'cancel' | undefined = () => undefined,
): Turn {
  let pauses = 0
  let wish: ReturnType<typeof atPause>
  return {
    jobId: 'job',
    async pause() {
      await new Promise(setImmediate)
      wish = atPause(++pauses)
      if (wish === 'cancel') throw new CancelledError()
    },
    takeWish() {
      const taken = wish === 'cancel' ? undefined : wish
      wish = undefined
      return taken
    },
  }
}

/** All that a run has learned and measured, without what depends on the clock and on names. */
export async function whatIsKept(store: ProjectStore, runId: Id) {
  const read = async (id: Id | undefined) => {
    if (id === undefined) return undefined
    const { manifest, tensors } = await loadCheckpoint(store, id)
    const { position, state } = manifest as { position: object; state: object }
    // Comparing thousands of numbers one by one takes longer than learning them.
    const digests = Object.entries(tensors).map(([name, { data }]) => [name, hash('sha256', data)])
    return { position: { ...position, elapsedMs: 0 }, state, tensors: Object.fromEntries(digests) as object }
  }
  return {
    newest: await read(store.checkpoints.newest(runId)?.id),
    best: await read(store.checkpoints.best(runId)?.id),
    metrics: store.metrics.read(runId, { points: 10_000 }).map((point) => ({ ...point, elapsedMs: 0 })),
    probes: store.probes.list(runId).map(({ step }) => step),
  }
}

/** A file whose n-th write fails at its end, and that takes no further one, as if the program had died there. */
export function failAtWrite(file: ProjectFile, failing: number): ProjectFile {
  let [writes, inside] = [0, false]
  return {
    ...file,
    write(work) {
      if (inside) return work()
      writes++
      inside = true
      try {
        return file.write(() => {
          const value = work()
          if (writes >= failing) throw new StorageError('full', 'The disk is full.')
          return value
        })
      } finally {
        inside = false
      }
    },
  }
}

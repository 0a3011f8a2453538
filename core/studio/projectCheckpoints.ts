/**
 * Checkpoints of a project as what the engine takes and gives. Their manifest is the one of a model file (core/contract/modelManifest.ts), so a
 * model goes out of a project, or comes in, with the same words; what is in the project anyway (chart, notes, best weights) is not in it again.
 */
import type { Checkpoint, RunPosition } from '../compute/checkpoint.ts'
import { type StoredState, storedShapes } from '../compute/storedState.ts'
import type { DrawSource } from '../contract/drawOrders.ts'
import { type ModelManifest, parseModelManifest } from '../contract/modelManifest.ts'
import { AppError } from '../domain/errors.ts'
import type { CheckpointRecord, Id, Retention } from '../domain/records.ts'
import { loadCheckpoint } from '../storage/project/loadCheckpoint.ts'
import { saveCheckpoint } from '../storage/project/saveCheckpoint.ts'
import type { ProjectStore } from '../storage/project/store.ts'
import { isTrainingTensor } from '../storage/project/trainingTensors.ts'
import { assertShapes, type BestWeights, numbersOf, type Provenance, stateOf } from './models.ts'

/** Of a run, the same at all of its checkpoints. */
export interface RunFacts {
  readonly runId: Id
  readonly about: Omit<Provenance, 'metrics' | 'log'>
}

export interface SavingOptions {
  /** 0 .. 1 and beyond, of the recipe's length. */
  readonly progress: number
  /** Between two short writes. */
  readonly pause: () => Promise<void>
  readonly retention: Retention
}

/** Everything that going on needs. */
export function saveTraining(
  store: ProjectStore,
  facts: RunFacts,
  { position, state }: Checkpoint,
  options: SavingOptions,
): Promise<CheckpointRecord> {
  return save(store, facts, { content: 'training', position, state, chosenOn: null, score: null }, options)
}

/** The best weights of the run from now on. @param position where the run is; the weights may be of an earlier step */
export function saveBest(
  store: ProjectStore,
  facts: RunFacts,
  { step, score, chosenOn, state }: BestWeights,
  position: RunPosition,
  options: SavingOptions,
): Promise<CheckpointRecord> {
  const at = { ...position, step, cooperativeSteps: Math.min(step, position.cooperativeSteps) }
  return save(store, facts, { content: 'weights', position: at, state, chosenOn, score }, options)
}

function save(
  store: ProjectStore,
  { runId, about }: RunFacts,
  {
    content,
    position,
    state,
    chosenOn,
    score,
  }: Checkpoint & Pick<ModelManifest, 'content' | 'chosenOn'> & { score: number | null },
  { progress, pause, retention }: SavingOptions,
): Promise<CheckpointRecord> {
  const manifest: ModelManifest = {
    ...about,
    content,
    position,
    state: numbersOf(state),
    best: null,
    chosenOn,
    savedAt: new Date().toISOString(),
    metrics: [],
    log: [],
  }
  // What could not be read back must not be written.
  parseModelManifest(manifest)
  const { step, elapsedMs } = position
  const { engine } = about
  const draft = { runId, content, step, elapsedMs, progress, engine, manifest, tensors: state.tensors, score }
  return saveCheckpoint(store, { ...draft, best: content === 'weights' }, { pause, retention })
}

/** @throws AppError misuse for weights alone; not-found, storage-failed, mismatch for what is lost or does not fit its own recipe */
export async function loadTraining(
  store: ProjectStore,
  id: Id,
): Promise<{ manifest: ModelManifest; checkpoint: Checkpoint }> {
  const { manifest, state } = await load(store, id, () => true)
  if (manifest.content !== 'training')
    throw new AppError('misuse', 'This checkpoint holds the weights alone, so its training cannot go on from there.', {
      hint: 'Resume from another checkpoint of the run. Drawing works with this one.',
    })
  return { manifest, checkpoint: { position: manifest.position, state } }
}

/** What draws: the averages and statistics, without what only training needs. @throws AppError as loadTraining */
export function loadWeights(store: ProjectStore, id: Id): Promise<{ manifest: ModelManifest; state: StoredState }> {
  return load(store, id, (name) => !isTrainingTensor(name))
}

/** The best weights of a run so far; undefined before the first score, and where it has none. */
export async function loadBest(store: ProjectStore, runId: Id): Promise<BestWeights | undefined> {
  const record = store.checkpoints.best(runId)
  if (record === undefined || record.score === null) return undefined
  const { manifest, state } = await loadWeights(store, record.id)
  return { step: record.step, score: record.score, chosenOn: manifest.chosenOn, state }
}

/** A run means its best weights, or its newest where none are chosen. @throws AppError not-found */
export function findCheckpoint({ checkpoints, runs }: ProjectStore, source: DrawSource): CheckpointRecord {
  if (source.kind === 'checkpoint') return checkpoints.get(source.checkpointId)
  const { name, id } = runs.get(source.runId)
  const found = checkpoints.best(id) ?? checkpoints.list(id)[0]
  if (found) return found
  throw new AppError('not-found', `The run “${name}” has no checkpoint yet.`, {
    hint: 'Train it first; the first checkpoint is there after a few seconds.',
  })
}

async function load(store: ProjectStore, id: Id, only: (name: string) => boolean) {
  const { manifest: found, tensors } = await loadCheckpoint(store, id, { only })
  const manifest = parseModelManifest(found)
  const shapes = Object.entries(storedShapes(manifest.recipe, manifest.content)).filter(([name]) => only(name))
  assertShapes('The checkpoint', tensors, Object.fromEntries(shapes))
  return { manifest, state: stateOf(manifest.state, tensors) }
}

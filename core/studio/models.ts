/** Models as files: save a training whole, load it with every shape checked, export the weights alone, take a stranger's file in. */
import { basename } from 'node:path'
import { type StoredState, storedShapes } from '../compute/storedState.ts'
import type { Checkpoint } from '../compute/trainer.ts'
import { type ModelManifest, parseModelManifest } from '../contract/modelManifest.ts'
import { AppError } from '../domain/errors.ts'
import { readModelFile, writeModelFile } from '../storage/modelFile.ts'
import { assertFree } from './outputPlace.ts'

/** The best weights of a run by its held-out score (lower is better). */
export interface BestWeights {
  readonly step: number
  readonly score: number
  /** Held-out pictures that the score looked at; null when it was not noted. */
  readonly chosenOn: number | null
  readonly state: StoredState
}

export interface SavedModel {
  readonly manifest: ModelManifest
  readonly checkpoint: Checkpoint
  readonly best?: BestWeights
}

type Tensors = StoredState['tensors']
type Shapes = Record<string, readonly number[]>
export type Provenance = Pick<ModelManifest, 'recipe' | 'data' | 'engine' | 'program' | 'metrics' | 'log'>

/** The best weights travel in the same file under this prefix. */
const BEST = 'best/'

/** Writes everything needed to go on, whole or not at all. */
export async function saveModel(
  file: string,
  { position, state }: Checkpoint,
  best: BestWeights | undefined,
  about: Provenance,
): Promise<void> {
  const manifest: ModelManifest = {
    ...about,
    content: 'training',
    position,
    state: numbersOf(state),
    best: best ? { step: best.step, score: best.score, state: numbersOf(best.state) } : null,
    chosenOn: best?.chosenOn ?? null,
    savedAt: new Date().toISOString(),
  }
  const bestTensors = Object.entries(best?.state.tensors ?? {}).map(([name, tensor]) => [BEST + name, tensor])
  // What could not be read back must not replace what can.
  parseModelManifest(manifest)
  await writeModelFile(file, {
    manifest,
    tensors: { ...state.tensors, ...(Object.fromEntries(bestTensors) as Tensors) },
  })
}

/**
 * @throws AppError not-found, storage-failed, bad-input (no model, damaged), or mismatch when the tensors are not those of the recipe
 */
export async function loadModel(file: string): Promise<SavedModel> {
  const { manifest: found, tensors } = await readModelFile(file)
  const manifest = parseModelManifest(found)
  const own = storedShapes(manifest.recipe, manifest.content)
  const best = manifest.best ? prefixed(storedShapes(manifest.recipe, 'weights')) : {}
  assertShapes(basename(file), tensors, { ...own, ...best })
  const pick = (shapes: Shapes, prefix: string) =>
    Object.fromEntries(Object.keys(shapes).map((name) => [name.slice(prefix.length), tensors[name]]))
  return {
    manifest,
    checkpoint: { position: manifest.position, state: stateOf(manifest.state, pick(own, '')) },
    best: manifest.best
      ? { ...manifest.best, chosenOn: manifest.chosenOn, state: stateOf(manifest.best.state, pick(best, BEST)) }
      : undefined,
  }
}

/** What to sample with: the best weights where there are some, else the present ones. */
export function weightsToSample({ checkpoint, best }: SavedModel): StoredState {
  return best?.state ?? checkpoint.state
}

/** The weights to sample with, without optimizer, folder names and chart: about a fifth of the size. */
async function exportWeights(model: SavedModel, file: string): Promise<void> {
  const weights = weightsToSample(model)
  const kept = Object.entries(weights.tensors).filter(
    ([name]) => name in storedShapes(model.manifest.recipe, 'weights'),
  )
  const manifest: ModelManifest = {
    ...model.manifest,
    content: 'weights',
    state: numbersOf(weights),
    best: null,
    data: { ...model.manifest.data, folder: null, fingerprint: null },
    metrics: [],
  }
  await writeModelFile(file, { manifest, tensors: Object.fromEntries(kept) })
}

export interface Transfer {
  readonly from: string
  readonly to: string
  /** Replace a file that is already there. */
  readonly overwrite?: boolean
}

/** A model's weights alone as a file that travels. @throws AppError misuse when it would replace the model, or unasked another file */
export async function exportModel({ from, to, overwrite }: Transfer): Promise<void> {
  await assertFree(to, { overwrite, inputs: [from] })
  await exportWeights(await loadModel(from), to)
}

/**
 * Checks a file of unknown origin from end to end and writes it anew, so that only what was understood gets in.
 * @throws AppError misuse when it would replace that file, or unasked another one
 */
export async function importModel({ from, to, overwrite }: Transfer): Promise<ModelManifest> {
  await assertFree(to, { overwrite, inputs: [from] })
  const model = await loadModel(from)
  const { manifest, checkpoint, best } = model
  if (manifest.content === 'weights') await exportWeights(model, to)
  else await saveModel(to, checkpoint, best, manifest)
  return manifest
}

/** @throws AppError misuse for a file that holds the weights alone */
export function assertResumable(file: string, { manifest }: SavedModel): void {
  if (manifest.content === 'training') return
  throw new AppError('misuse', `${basename(file)} holds the weights alone, so its training cannot go on.`, {
    hint: 'Resume from the file that training wrote. Sampling works with this one.',
  })
}

/** What of a state goes into the manifest, beside its tensors. */
export function numbersOf({
  solverUpdates,
  initializerUpdates,
  gradientScale,
  move,
  gap,
}: StoredState): ModelManifest['state'] {
  return { solverUpdates, initializerUpdates, gradientScale: gradientScale ?? null, move, gap }
}

export function stateOf({ gradientScale, ...numbers }: ModelManifest['state'], tensors: Tensors): StoredState {
  return { ...numbers, gradientScale: gradientScale ?? undefined, tensors }
}

function prefixed(shapes: Shapes): Shapes {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [BEST + name, shape]))
}

/** @param name of the file or thing, as the beginning of a sentence @throws AppError mismatch */
export function assertShapes(name: string, tensors: Tensors, shapes: Shapes): void {
  const refuse = (what: string) =>
    new AppError('mismatch', `${name} does not fit its own recipe: ${what}.`, {
      hint: 'The file was changed or put together by something else. Nothing was loaded.',
    })
  for (const [tensor, shape] of Object.entries(shapes)) {
    if (!Object.hasOwn(tensors, tensor)) throw refuse(`the tensor ${tensor} is missing`)
    const found = tensors[tensor].shape
    if (found.length !== shape.length || found.some((length, axis) => length !== shape[axis]))
      throw refuse(`the tensor ${tensor} is ${found.join(' x ')} and should be ${shape.join(' x ')}`)
  }
  const extra = Object.keys(tensors).find((tensor) => !Object.hasOwn(shapes, tensor))
  if (extra !== undefined) throw refuse(`it holds a tensor ${extra} that the recipe does not have`)
}

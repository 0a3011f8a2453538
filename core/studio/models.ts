/** Models as files: save a checkpoint whole, load it with every shape checked, export the weights alone, take a stranger's file in. */
import { basename } from 'node:path'
import { type ModelManifest, parseModelManifest } from '../contract/modelManifest.ts'
import type { Checkpoint } from '../compute/trainer.ts'
import { type StoredState, storedShapes } from '../compute/storedState.ts'
import { AppError } from '../domain/errors.ts'
import { readModelFile, writeModelFile } from '../storage/modelFile.ts'

export interface SavedModel {
  readonly manifest: ModelManifest
  readonly checkpoint: Checkpoint
}

type Tensors = StoredState['tensors']
export type Provenance = Pick<ModelManifest, 'recipe' | 'data' | 'engine' | 'program' | 'metrics' | 'log'>

/** Writes everything needed to go on, whole or not at all. @returns the manifest that was written */
export async function saveModel(
  file: string,
  { position, state }: Checkpoint,
  about: Provenance,
): Promise<ModelManifest> {
  const { tensors, gradientScale = null, ...numbers } = state
  const manifest: ModelManifest = {
    ...about,
    content: 'training',
    position,
    state: { ...numbers, gradientScale },
    savedAt: new Date().toISOString(),
  }
  await writeModelFile(file, { manifest, tensors })
  return manifest
}

/**
 * @throws AppError not-found, storage-failed, bad-input (no model, damaged), or mismatch when the tensors are not those of the recipe
 */
export async function loadModel(file: string): Promise<SavedModel> {
  const { manifest: found, tensors } = await readModelFile(file)
  const manifest = parseModelManifest(found)
  const complete = manifest.content === 'training' ? tensors : withoutOptimizer(tensors)
  assertShapes(basename(file), complete, storedShapes(manifest.recipe))
  const { gradientScale, ...numbers } = manifest.state
  const state: StoredState = { ...numbers, gradientScale: gradientScale ?? undefined, tensors: complete }
  return { manifest, checkpoint: { position: manifest.position, state } }
}

/** The averages alone, without optimizer, folder names and chart: a third to a quarter of the size, to sample with. */
export async function exportWeights(model: SavedModel, file: string): Promise<void> {
  const kept = Object.entries(model.checkpoint.state.tensors).filter(([name]) => isWeight(name))
  const manifest: ModelManifest = {
    ...model.manifest,
    content: 'weights',
    data: { ...model.manifest.data, folder: null },
    metrics: [],
  }
  await writeModelFile(file, { manifest, tensors: Object.fromEntries(kept) })
}

/** Checks a file of unknown origin from end to end and writes it anew, so that only what was understood gets in. */
export async function importModel(from: string, to: string): Promise<ModelManifest> {
  const model = await loadModel(from)
  if (model.manifest.content === 'weights') await exportWeights(model, to)
  else await writeModelFile(to, { manifest: model.manifest, tensors: model.checkpoint.state.tensors })
  return model.manifest
}

/** @throws AppError misuse for a file that holds the weights alone */
export function assertResumable(file: string, { manifest }: SavedModel): void {
  if (manifest.content === 'training') return
  throw new AppError('misuse', `${basename(file)} holds the weights alone, so its training cannot go on.`, {
    hint: 'Resume from the file that training wrote. Sampling works with this one.',
  })
}

function isWeight(name: string): boolean {
  return name.startsWith('solver.average/') || name.startsWith('initializer.average/') || name.startsWith('statistics/')
}

/** Weights alone become a state whose parameters are the averages and whose optimizer is empty. */
function withoutOptimizer(tensors: Tensors): Tensors {
  const parts = Object.entries(tensors).map(([name, tensor]) => {
    if (!name.includes('.average/')) return { [name]: tensor }
    const empty = { shape: tensor.shape, data: new Float32Array(tensor.data.length) }
    const as = (part: string) => name.replace('.average/', `.${part}/`)
    return { [name]: tensor, [as('parameters')]: tensor, [as('first')]: empty, [as('second')]: empty }
  })
  return Object.assign({}, ...parts) as Tensors
}

function assertShapes(name: string, tensors: Tensors, shapes: Record<string, readonly number[]>): void {
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

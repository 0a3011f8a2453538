/** Reads a checkpoint chunk by chunk into its final arrays; every chunk's hash and every tensor's size is checked on the way. */
import { AppError } from '../../domain/errors.ts'
import type { Id } from '../../domain/records.ts'
import type { Contents } from './contents.ts'
import type { TensorChunks } from './checkpoints.ts'
import type { StoredTensor } from './saveCheckpoint.ts'
import type { ProjectStore } from './store.ts'

export interface LoadedCheckpoint {
  /** As it was given to saveCheckpoint; the caller's to validate. */
  readonly manifest: unknown
  readonly tensors: Record<string, StoredTensor>
}

/**
 * @param only loads the tensors of these names alone, for example what drawing needs (isTrainingTensor)
 * @throws AppError not-found, or storage-failed when anything of it is lost
 */
export function loadCheckpoint(
  { contents, checkpoints }: ProjectStore,
  id: Id,
  { only = () => true }: { readonly only?: (name: string) => boolean } = {},
): LoadedCheckpoint {
  const { step } = checkpoints.get(id)
  const what = `The checkpoint of step ${step}`
  const wanted = checkpoints.tensors(id).filter(({ name }) => only(name))
  const tensors = wanted.map((tensor): [string, StoredTensor] => [
    tensor.name,
    { shape: tensor.shape, data: readTensor(contents, tensor, what) },
  ])
  return { manifest: checkpoints.manifest(id), tensors: Object.fromEntries(tensors) }
}

function readTensor(contents: Contents, { name, shape, chunks }: TensorChunks, what: string): Float32Array {
  const damaged = () =>
    new AppError('storage-failed', `${what} was damaged on the disk: its tensor ${name} is not whole.`, {
      hint: 'Use another checkpoint of the run; everything else in the project can still be used.',
    })
  const isShape = shape.every((length) => Number.isSafeInteger(length) && length >= 0)
  const length = shape.reduce((product, each) => product * each, 1)
  const stored = chunks.reduce((sum, hash) => sum + (contents.size(hash) ?? 0), 0)
  // Before anything of that size is made.
  if (!isShape || length * Float32Array.BYTES_PER_ELEMENT !== stored) throw damaged()
  const data = new Float32Array(length)
  const bytes = new Uint8Array(data.buffer)
  let at = 0
  for (const hash of chunks) {
    const chunk = contents.get(hash, what)
    if (at + chunk.byteLength > bytes.length) throw damaged()
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  if (at !== bytes.length) throw damaged()
  return data
}

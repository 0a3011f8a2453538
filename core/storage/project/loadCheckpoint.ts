/**
 * Reads a checkpoint chunk by chunk into its final arrays, with a turn for others between two; every chunk's hash and every tensor's size is
 * checked on the way.
 */
import { setImmediate } from 'node:timers/promises'
import { AppError } from '../../domain/errors.ts'
import type { CheckpointRecord, Id } from '../../domain/records.ts'
import type { Contents } from './contents.ts'
import type { Checkpoints, TensorChunks } from './checkpoints.ts'
import { notFound } from './notFound.ts'
import type { StoredTensor } from './saveCheckpoint.ts'
import type { ProjectStore } from './store.ts'

export interface LoadedCheckpoint {
  /** As it was given to saveCheckpoint; the caller's to validate. */
  readonly manifest: unknown
  readonly tensors: Record<string, StoredTensor>
}

export interface Loading {
  /** Which tensors, for example what drawing needs (isTrainingTensor); all by default. */
  readonly only?: (name: string) => boolean
  /** Gives other work a turn; called between two chunks. What it throws ends the loading. */
  readonly pause?: () => Promise<void>
}

/** @throws AppError not-found, also where it is deleted meanwhile; storage-failed when anything of it is lost */
export async function loadCheckpoint(
  { contents, checkpoints }: ProjectStore,
  id: Id,
  { only = () => true, pause = () => setImmediate() }: Loading = {},
): Promise<LoadedCheckpoint> {
  const record = checkpoints.get(id)
  const what = `The checkpoint of step ${record.step}`
  const wanted = checkpoints.tensors(id).filter(({ name }) => only(name))
  try {
    const tensors: [string, StoredTensor][] = []
    for (const tensor of wanted)
      tensors.push([tensor.name, { shape: tensor.shape, data: await readTensor(contents, tensor, what, pause) }])
    return { manifest: checkpoints.manifest(id), tensors: Object.fromEntries(tensors) }
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'storage-failed')) throw error
    // Deleted while it was loaded.
    if (checkpoints.find(id) === undefined) throw notFound('checkpoint')
    const older = nextOlder(checkpoints, record)
    if (older === undefined) throw error
    const hint = `Use the one of step ${older.step} instead, the next older one of this run.`
    throw new AppError(error.code, error.message, { hint, cause: error })
  }
}

/** One that is as good for what this one was good for. */
function nextOlder(checkpoints: Checkpoints, { id, runId, content }: CheckpointRecord): CheckpointRecord | undefined {
  const all = checkpoints.list(runId)
  const at = all.findIndex((each) => each.id === id)
  return all.slice(at + 1).find((each) => each.content === content)
}

async function readTensor(
  contents: Contents,
  { name, shape, chunks }: TensorChunks,
  what: string,
  pause: () => Promise<void>,
): Promise<Float32Array> {
  const damaged = () =>
    new AppError('storage-failed', `${what} was damaged on the disk: its tensor ${name} is not whole.`, {
      hint: 'Take it from a copy or an export of this project if there is one; everything else in it can still be used.',
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
    await pause()
  }
  if (at !== bytes.length) throw damaged()
  return data
}

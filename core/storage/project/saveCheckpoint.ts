/**
 * Saves a checkpoint whole or not at all: its chunks go in first, a few megabytes per write, claimed so that no sweep takes them; then one
 * short write makes the checkpoint and the place of its run visible together, and another takes away older ones. Chunks are views of the
 * given arrays, and those that are stored already (unchanged tensors, moments that are still zero) are shared.
 */
import { randomUUID } from 'node:crypto'
import type { CheckpointRecord, ContentHash, Id, Retention } from '../../domain/records.ts'
import { hashOf } from './contents.ts'
import { playBackLog } from './playBackLog.ts'
import { portionsOf } from './portions.ts'
import type { ProjectStore } from './store.ts'

/** Row-major numbers; the product of the shape is their count. */
export interface StoredTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

export interface CheckpointDraft {
  readonly runId: Id
  readonly content: CheckpointRecord['content']
  readonly step: number
  /** Share of the recipe's length that is done; what is beyond 1 counts as 1. */
  readonly progress: number
  readonly elapsedMs: number
  readonly engine: string | null
  /** Anything that JSON can hold: what else going on needs. */
  readonly manifest: unknown
  readonly tensors: Readonly<Record<string, StoredTensor>>
  /** Held-out score, lower is better; null where it was not measured. */
  readonly score: number | null
  /** From now on the best of its run. */
  readonly best: boolean
}

export interface Saving {
  /** Gives other work a turn; called between two short writes. Throwing ends the saving, and nothing of it is left. */
  readonly pause: () => Promise<void>
  readonly retention: Retention
}

/** Float32 numbers in a chunk: 4 MB. */
const chunkLength = 1024 ** 2

/**
 * @throws AppError not-found for a run that is gone, storage-failed when the disk refuses; RangeError for a checkpoint that would be of no use
 * (numbers that do not fill their shape or are not finite, a manifest that is not JSON)
 */
export async function saveCheckpoint(
  { file, contents, checkpoints, runs }: ProjectStore,
  draft: CheckpointDraft,
  { pause, retention }: Saving,
): Promise<CheckpointRecord> {
  const { runId, content, step, score, best } = draft
  const manifest: string | undefined = JSON.stringify(draft.manifest)
  if (manifest === undefined) throw new RangeError('this manifest cannot be stored as JSON')
  for (const [name, tensor] of Object.entries(draft.tensors)) assertFilled(name, tensor)
  runs.get(runId)
  const id = randomUUID()
  const tensors = Object.entries(draft.tensors).map(([name, { shape }]) => ({
    name,
    shape,
    chunks: new Array<ContentHash>(),
  }))
  try {
    let sizeBytes = 0
    for (const portion of portionsOf(chunksOf(draft.tensors), ({ bytes }) => bytes.byteLength)) {
      const hashed = portion.map((chunk) => ({ ...chunk, hash: hashOf(chunk.bytes) }))
      file.write(() => {
        for (const { bytes, hash } of hashed) contents.claim(id, bytes, 'tensors', hash)
      })
      for (const { place, bytes, hash } of hashed) {
        tensors[place].chunks.push(hash)
        sizeBytes += bytes.byteLength
      }
      await pause()
    }
    file.write(() => {
      checkpoints.insert({ id, runId, step, content, score, best, sizeBytes, manifest, tensors })
      // Best weights may be older than where the run is.
      if (content === 'training' || step > runs.get(runId).step)
        runs.advance(runId, { ...draft, progress: Math.min(1, draft.progress) })
      contents.release(id)
    })
    // A write of its own, so that nobody has to wait for both.
    checkpoints.retain(runId, retention)
    playBackLog(file)
    return checkpoints.get(id)
  } catch (error) {
    releaseQuietly(() => contents.release(id))
    throw error
  }
}

interface Chunk {
  /** Of its tensor. */
  readonly place: number
  /** A view, float32 little-endian, as every platform of the program has it. */
  readonly bytes: Uint8Array
}

function* chunksOf(tensors: CheckpointDraft['tensors']): Generator<Chunk> {
  for (const [place, [name, { data }]] of Object.entries(tensors).entries())
    for (let from = 0; from < data.length; from += chunkLength) {
      const numbers = data.subarray(from, from + chunkLength)
      assertFinite(name, numbers)
      yield { place, bytes: new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength) }
    }
}

function assertFilled(name: string, { shape, data }: StoredTensor): void {
  const count = shape.reduce((product, length) => product * length, 1)
  if (count !== data.length)
    throw new RangeError(`tensor ${name}: ${data.length} numbers do not fill [${shape.join(', ')}]`)
}

/** A plain loop: it goes over every number of every checkpoint. */
function assertFinite(name: string, numbers: Float32Array): void {
  for (let i = 0; i < numbers.length; i++)
    if (!Number.isFinite(numbers[i]))
      throw new RangeError(`tensor ${name} holds ${numbers[i]}: such a checkpoint is of no use`)
}

/** The first error is the one to tell; claims that stay after it are cleared by the next recovery. */
function releaseQuietly(release: () => void): void {
  try {
    release()
  } catch {
    return
  }
}

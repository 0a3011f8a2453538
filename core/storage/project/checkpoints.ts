/** Checkpoints as rows; saveCheckpoint and loadCheckpoint move the tensors. */
import { createHash } from 'node:crypto'
import { AppError } from '../../domain/errors.ts'
import type { CheckpointRecord, ContentHash, Id, Retention } from '../../domain/records.ts'
import type { ProjectFile } from '../sqlite/projectFile.ts'
import type { Clock } from './clock.ts'
import { notFound } from './notFound.ts'
import { listOutdated, type Candidate } from './retention.ts'
import { isTrainingTensor } from './trainingTensors.ts'

/** A tensor as it is stored: where its bytes are, in order. */
export interface TensorChunks {
  readonly name: string
  readonly shape: readonly number[]
  readonly chunks: readonly ContentHash[]
}

export interface NewCheckpoint extends Pick<
  CheckpointRecord,
  'id' | 'runId' | 'step' | 'content' | 'score' | 'best' | 'sizeBytes'
> {
  /** JSON. */
  readonly manifest: string
  readonly tensors: readonly TensorChunks[]
}

interface CandidateRow {
  id: Id
  step: number
  content: CheckpointRecord['content']
  score: number | null
  best: 0 | 1
  pinned: 0 | 1
}
interface CheckpointRow extends CandidateRow {
  run_id: Id
  size_bytes: number
  own_bytes: number
  created_at: string
}
interface TensorRow {
  place: number
  name: string
  shape: string
}

export type Checkpoints = ReturnType<typeof openCheckpoints>

export function openCheckpoints(file: ProjectFile, clock: Clock) {
  const { db } = file
  const record = `SELECT id, run_id, step, content, score, best, pinned, size_bytes, created_at,
    (SELECT coalesce(sum(size), 0) FROM content
     WHERE hash IN (SELECT hash FROM checkpoint_chunk WHERE checkpoint_id = checkpoint.id)
       AND NOT EXISTS (SELECT 1 FROM checkpoint_chunk AS other
         WHERE other.hash = content.hash AND other.checkpoint_id <> checkpoint.id)) AS own_bytes
    FROM checkpoint`
  const insert = db.prepare(
    `INSERT INTO checkpoint (id, run_id, step, content, score, best, size_bytes, manifest, created_at)
     VALUES (@id, @runId, @step, @content, @score, @best, @sizeBytes, @manifest, @createdAt)`,
  )
  const insertTensor = db.prepare(
    'INSERT INTO checkpoint_tensor (checkpoint_id, place, name, shape) VALUES (?, ?, ?, ?)',
  )
  const insertChunk = db.prepare(
    'INSERT INTO checkpoint_chunk (checkpoint_id, place, number, hash) VALUES (?, ?, ?, ?)',
  )
  const dethrone = db.prepare('UPDATE checkpoint SET best = 0 WHERE run_id = ? AND best = 1')
  const find = db.prepare<[Id], CheckpointRow>(`${record} WHERE id = ?`)
  const list = db.prepare<[Id], CheckpointRow>(`${record} WHERE run_id = ? ORDER BY number DESC`)
  const newest = db.prepare<[Id], CheckpointRow>(
    `${record} WHERE run_id = ? AND content = 'training' ORDER BY number DESC LIMIT 1`,
  )
  const best = db.prepare<[Id], CheckpointRow>(`${record} WHERE run_id = ? AND best = 1`)
  const candidates = db.prepare<[Id], CandidateRow>(
    'SELECT id, step, content, score, best, pinned FROM checkpoint WHERE run_id = ? ORDER BY number',
  )
  const manifest = db.prepare<[Id], string>('SELECT manifest FROM checkpoint WHERE id = ?').pluck()
  const tensors = db.prepare<[Id], TensorRow>(
    'SELECT place, name, shape FROM checkpoint_tensor WHERE checkpoint_id = ? ORDER BY place',
  )
  const chunks = db
    .prepare<[Id, number], ContentHash>(
      'SELECT hash FROM checkpoint_chunk WHERE checkpoint_id = ? AND place = ? ORDER BY number',
    )
    .pluck()
  const pin = db.prepare('UPDATE checkpoint SET pinned = ? WHERE id = ?')
  const remove = db.prepare('DELETE FROM checkpoint WHERE id = ?')

  return {
    /** The rows of a checkpoint whose chunks are stored already; the best one of its run is the only one. */
    insert({ tensors, ...same }: NewCheckpoint): void {
      file.write(() => {
        if (same.best) dethrone.run(same.runId)
        insert.run({ ...same, best: Number(same.best), createdAt: clock() })
        for (const [place, { name, shape, chunks }] of tensors.entries()) {
          insertTensor.run(same.id, place, name, JSON.stringify(shape))
          for (const [number, hash] of chunks.entries()) insertChunk.run(same.id, place, number, hash)
        }
      })
    },

    find(id: Id): CheckpointRecord | undefined {
      const row = find.get(id)
      return row && rowToCheckpoint(row)
    },

    get(id: Id): CheckpointRecord {
      const found = this.find(id)
      if (found === undefined) throw notFound('checkpoint')
      return found
    },

    /** Newest first. */
    list(runId: Id): CheckpointRecord[] {
      return list.all(runId).map(rowToCheckpoint)
    },

    /** The one to go on from. */
    newest(runId: Id): CheckpointRecord | undefined {
      const row = newest.get(runId)
      return row && rowToCheckpoint(row)
    },

    best(runId: Id): CheckpointRecord | undefined {
      const row = best.get(runId)
      return row && rowToCheckpoint(row)
    },

    /** As it was given; whoever uses it checks what is in it. */
    manifest(id: Id): unknown {
      const text = manifest.get(id)
      if (text === undefined) throw notFound('checkpoint')
      return JSON.parse(text)
    },

    tensors(id: Id): TensorChunks[] {
      return tensors.all(id).map(({ place, name, shape }) => ({
        name,
        shape: JSON.parse(shape) as number[],
        chunks: chunks.all(id, place),
      }))
    },

    /** SHA-256 of names, shapes and chunks of what draws: the same before and after an export without optimizer. */
    weightsHash(id: Id): ContentHash {
      const weights = this.tensors(id)
        .filter(({ name }) => !isTrainingTensor(name))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ name, shape, chunks }) => [name, shape, chunks])
      return createHash('sha256').update(JSON.stringify(weights)).digest('hex')
    },

    /** A pinned checkpoint stays until it is unpinned. */
    pin(id: Id): void {
      if (file.write(() => pin.run(1, id)).changes === 0) throw notFound('checkpoint')
    },

    unpin(id: Id): void {
      if (file.write(() => pin.run(0, id)).changes === 0) throw notFound('checkpoint')
    },

    /** For good; a sweep gives its space back. @throws AppError misuse for a pinned one */
    remove(id: Id): void {
      file.write(() => {
        if (this.get(id).pinned)
          throw new AppError('misuse', 'This checkpoint is pinned, so it was not deleted.', { hint: 'Unpin it first.' })
        remove.run(id)
      })
    },

    /** Removes what the retention does not ask to keep. @returns the ids of what went */
    retain(runId: Id, retention: Retention): Id[] {
      return file.write(() => {
        const outdated = listOutdated(candidates.all(runId).map(rowToCandidate), retention)
        for (const id of outdated) remove.run(id)
        return outdated
      })
    },
  }
}

function rowToCandidate({ best, pinned, ...same }: CandidateRow): Candidate {
  return { ...same, best: best === 1, pinned: pinned === 1 }
}

function rowToCheckpoint(row: CheckpointRow): CheckpointRecord {
  return {
    id: row.id,
    runId: row.run_id,
    step: row.step,
    content: row.content,
    score: row.score,
    best: row.best === 1,
    pinned: row.pinned === 1,
    sizeBytes: row.size_bytes,
    ownBytes: row.own_bytes,
    createdAt: row.created_at,
  }
}

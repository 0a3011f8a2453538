/** What the queue needs of the open project; a project's own repositories have it. They may fail like any file; a job's life does not depend on them. */
import { randomUUID } from 'node:crypto'
import type {
  CheckpointRecord,
  Id,
  JobEnding,
  JobKind,
  JobRecord,
  Progress,
  RunNote,
  Timestamp,
} from '../../domain/records.ts'

export type JobDraft = Pick<JobRecord, 'kind' | 'title' | 'runId'>

export interface JobRows {
  insert(draft: JobDraft): JobRecord
  start(id: Id): unknown
  progress(id: Id, progress: Progress): unknown
  end(id: Id, ending: JobEnding): unknown
}

export interface ComputingProject {
  readonly path: string
  /** The nonce of the host's lock; null for a project that is only read: then nothing is written of jobs. */
  readonly holder: string | null
  readonly jobs: JobRows
  readonly checkpoints: {
    /** From which a training goes on exactly. */
    newest(runId: Id): CheckpointRecord | undefined
    find(id: Id): CheckpointRecord | undefined
  }
  readonly runs: { addNote(runId: Id, note: Omit<RunNote, 'at'>): unknown }
}

/** Jobs that a project remembers. The others are over with the session. */
const durable: ReadonlySet<JobKind> = new Set<JobKind>(['train', 'import', 'evaluate', 'preflight'])
const noProgress: Progress = { done: 0, total: 0, unit: 'steps', elapsedMs: 0, remaining: null, note: null }

/** Where the rows of such a job go. */
export function rowsFor(kind: JobKind, project: ComputingProject): JobRows | null {
  return project.holder !== null && durable.has(kind) ? project.jobs : null
}

/** @throws AppError when the project cannot remember it; then there is no job */
export function recordJob(draft: JobDraft, project: ComputingProject, createdAt: Timestamp): JobRecord {
  const rows = rowsFor(draft.kind, project)
  if (rows !== null) return rows.insert(draft)
  return { ...draft, id: randomUUID(), state: { kind: 'queued' }, progress: noProgress, createdAt }
}

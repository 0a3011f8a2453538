/** Training runs and the notes of what happened in them. */
import { randomUUID } from 'node:crypto'
import type { Id, RunNote, RunRecord } from '../../domain/records.ts'
import type { ProjectFile } from '../sqlite/projectFile.ts'
import type { Clock } from './clock.ts'
import { notFound } from './notFound.ts'

export type RunDraft = Pick<
  RunRecord,
  'name' | 'dataSetId' | 'recipe' | 'seed' | 'conditionFromPhoto' | 'fingerprint' | 'program'
>
export type RunPlace = Pick<RunRecord, 'step' | 'progress' | 'elapsedMs' | 'engine'>

export interface ListedRun extends RunRecord {
  /** From which it can go on; null when there is none. */
  readonly newestCheckpointId: Id | null
  readonly bestCheckpointId: Id | null
}

interface RunRow {
  id: Id
  name: string
  data_set_id: Id | null
  recipe: string
  seed: number
  condition_from_photo: 'edges' | null
  fingerprint: string | null
  engine: string | null
  program: string
  step: number
  progress: number
  elapsed_ms: number
  created_at: string
  binned_at: string | null
}
interface ListedRow extends RunRow {
  newest_checkpoint_id: Id | null
  best_checkpoint_id: Id | null
}

export type Runs = ReturnType<typeof openRuns>

export function openRuns(file: ProjectFile, clock: Clock) {
  const { db } = file
  const insert = db.prepare(
    `INSERT INTO run (id, name, data_set_id, recipe, seed, condition_from_photo, fingerprint, program, created_at)
     VALUES (@id, @name, @dataSetId, @recipe, @seed, @conditionFromPhoto, @fingerprint, @program, @createdAt)`,
  )
  const find = db.prepare<[Id], RunRow>('SELECT * FROM run WHERE id = ?')
  const list = db.prepare<[], ListedRow>(
    `SELECT *,
       (SELECT id FROM checkpoint WHERE run_id = run.id AND content = 'training' ORDER BY number DESC LIMIT 1)
         AS newest_checkpoint_id,
       (SELECT id FROM checkpoint WHERE run_id = run.id AND best = 1) AS best_checkpoint_id
     FROM run WHERE binned_at IS NULL ORDER BY number DESC`,
  )
  const rename = db.prepare('UPDATE run SET name = ? WHERE id = ?')
  const setRecipe = db.prepare('UPDATE run SET recipe = ? WHERE id = ?')
  const advance = db.prepare(
    'UPDATE run SET step = @step, progress = @progress, elapsed_ms = @elapsedMs, engine = @engine WHERE id = @id',
  )
  const insertNote = db.prepare('INSERT INTO run_note (run_id, step, at, kind, message) VALUES (?, ?, ?, ?, ?)')
  const listNotes = db.prepare<[Id], RunNote>(
    'SELECT step, at, kind, message FROM run_note WHERE run_id = ? ORDER BY number',
  )

  function assertChanged({ changes }: { changes: number }): void {
    if (changes === 0) throw notFound('run')
  }

  return {
    insert({ recipe, ...same }: RunDraft): RunRecord {
      const id = randomUUID()
      return file.write(() => {
        insert.run({ ...same, id, recipe: JSON.stringify(recipe), createdAt: clock() })
        return this.get(id)
      })
    },

    find(id: Id): RunRecord | undefined {
      const row = find.get(id)
      return row && rowToRun(row)
    },

    get(id: Id): RunRecord {
      const found = this.find(id)
      if (found === undefined) throw notFound('run')
      return found
    },

    /** Newest first, without those in the bin. */
    list(): ListedRun[] {
      return list.all().map((row) => ({
        ...rowToRun(row),
        newestCheckpointId: row.newest_checkpoint_id,
        bestCheckpointId: row.best_checkpoint_id,
      }))
    },

    rename(id: Id, name: string): void {
      assertChanged(file.write(() => rename.run(name, id)))
    },

    /** For a training that goes on longer than it was first asked to. */
    setRecipe(id: Id, recipe: RunRecord['recipe']): void {
      assertChanged(file.write(() => setRecipe.run(JSON.stringify(recipe), id)))
    },

    /** Notes where it is; goes into one write with what was kept of that step. */
    advance(id: Id, { step, progress, elapsedMs, engine }: RunPlace): void {
      assertChanged(file.write(() => advance.run({ id, step, progress, elapsedMs, engine })))
    },

    /** @returns the note as it is kept, with its time */
    addNote(id: Id, { step, kind, message }: Omit<RunNote, 'at'>): RunNote {
      return file.write(() => {
        if (find.get(id) === undefined) throw notFound('run')
        const at = clock()
        insertNote.run(id, step, at, kind, message)
        return { step, at, kind, message }
      })
    },

    /** In the order in which they were written. */
    notes(id: Id): RunNote[] {
      return listNotes.all(id)
    },
  }
}

function rowToRun(row: RunRow): RunRecord {
  return {
    id: row.id,
    name: row.name,
    dataSetId: row.data_set_id,
    recipe: JSON.parse(row.recipe) as RunRecord['recipe'],
    seed: row.seed,
    conditionFromPhoto: row.condition_from_photo,
    fingerprint: row.fingerprint,
    engine: row.engine,
    program: row.program,
    step: row.step,
    progress: row.progress,
    elapsedMs: row.elapsed_ms,
    createdAt: row.created_at,
    binnedAt: row.binned_at,
  }
}

/** Jobs: queued, running, ended. Each ends exactly once, also when the program dies. */
import { randomUUID } from 'node:crypto'
import { assertNever } from '../../domain/errors.ts'
import type { Id, JobEnding, JobOutcome, JobRecord, JobState, Progress } from '../../domain/records.ts'
import type { ProjectFile } from '../sqlite/projectFile.ts'
import type { Clock } from './clock.ts'
import type { Contents } from './contents.ts'
import { notFound } from './notFound.ts'

export type JobDraft = Pick<JobRecord, 'kind' | 'title' | 'runId'>

type Failure = Extract<JobEnding, { kind: 'failed' }>

interface JobRow {
  id: Id
  kind: JobRecord['kind']
  title: string
  run_id: Id | null
  state: JobState['kind']
  started_at: string | null
  ended_at: string | null
  ending: JobEnding['kind'] | null
  outcome: string | null
  code: Failure['code'] | null
  message: string | null
  hint: string | null
  progress: string
  created_at: string
}

type EndingRow = Pick<JobRow, 'ending' | 'outcome' | 'code' | 'message' | 'hint'>

const noProgress: Progress = { done: 0, total: 0, unit: 'steps', elapsedMs: 0, remaining: null, note: null }

export type Jobs = ReturnType<typeof openJobs>

export function openJobs(file: ProjectFile, { contents, clock }: { contents: Contents; clock: Clock }) {
  const { db } = file
  const insert = db.prepare(
    `INSERT INTO job (id, kind, title, run_id, state, progress, created_at)
     VALUES (@id, @kind, @title, @runId, 'queued', @progress, @createdAt)`,
  )
  const start = db.prepare("UPDATE job SET state = 'running', started_at = ? WHERE id = ? AND state = 'queued'")
  const setProgress = db.prepare("UPDATE job SET progress = ? WHERE id = ? AND state <> 'ended'")
  const end = db.prepare(
    `UPDATE job SET state = 'ended', ended_at = @now, ending = @kind, outcome = @outcome, sheet = @sheet, code = @code,
       message = @message, hint = @hint
     WHERE id = @id AND state <> 'ended'`,
  )
  const find = db.prepare<[Id], JobRow>('SELECT * FROM job WHERE id = ?')
  const list = db.prepare<[number], JobRow>('SELECT * FROM job ORDER BY number DESC LIMIT ?')
  const goingOn = db.prepare<[], JobRow>("SELECT * FROM job WHERE state <> 'ended' ORDER BY number")

  function get(id: Id): JobRecord {
    const row = find.get(id)
    if (row === undefined) throw notFound('job')
    return rowToJob(row)
  }

  function endOnce(id: Id, ending: JobEnding): JobRecord {
    return file.write(() => {
      if (end.run({ id, now: clock(), ...endingToRow(ending) }).changes === 0)
        throw new RangeError(`job ${id} cannot end as ${ending.kind}: it is ${get(id).state.kind}`)
      contents.release(id)
      return get(id)
    })
  }

  return {
    insert({ kind, title, runId }: JobDraft): JobRecord {
      const id = randomUUID()
      return file.write(() => {
        insert.run({ id, kind, title, runId, progress: JSON.stringify(noProgress), createdAt: clock() })
        return get(id)
      })
    },

    find(id: Id): JobRecord | undefined {
      const row = find.get(id)
      return row && rowToJob(row)
    },

    get,

    /** Newest first. */
    list(limit = 100): JobRecord[] {
      return list.all(limit).map(rowToJob)
    },

    /** @throws RangeError for a job that is not queued */
    start(id: Id): JobRecord {
      return file.write(() => {
        if (start.run(clock(), id).changes === 0)
          throw new RangeError(`job ${id} cannot start: it is ${get(id).state.kind}`)
        return get(id)
      })
    },

    /** @throws RangeError for a job that has ended */
    progress(id: Id, progress: Progress): void {
      file.write(() => {
        if (setProgress.run(JSON.stringify(progress), id).changes === 0)
          throw new RangeError(`job ${id} makes no progress: it is ${get(id).state.kind}`)
      })
    },

    /**
     * From here on the job itself refers to what its outcome names; what it had claimed under its id is released.
     * @throws RangeError for a job that has ended already: a second end is a defect
     */
    end: endOnce,

    /** What no process can be working on any more, because the one that did has died, ends as interrupted. @returns those jobs */
    interruptRunning(): JobRecord[] {
      return file.write(() => goingOn.all().map((row) => endOnce(row.id, interruption(rowToJob(row)))))
    },
  }
}

function interruption({ state, progress: { done, total, unit } }: JobRecord): Failure {
  const place = total > 0 ? ` at ${done} of ${total} ${unit}` : ''
  const message =
    state.kind === 'queued'
      ? 'The program ended before this had begun.'
      : `The program ended while this was going on${place}; what was saved until then is safe.`
  return { kind: 'failed', code: 'interrupted', message, hint: null }
}

function endingToRow(
  ending: JobEnding,
): Record<'kind' | 'outcome' | 'sheet' | 'code' | 'message' | 'hint', string | null> {
  const none = { outcome: null, sheet: null, code: null, message: null, hint: null }
  if (ending.kind !== 'finished') return { ...none, ...ending }
  const { kind, outcome } = ending
  // A picture that was drawn again is for the session that asked; it is not kept.
  if (outcome === null || outcome.kind === 'reproduced') return { ...none, kind }
  return { ...none, kind, outcome: JSON.stringify(outcome), sheet: outcome.kind === 'evaluated' ? outcome.sheet : null }
}

function rowToJob(row: JobRow): JobRecord {
  return {
    id: row.id,
    kind: row.kind,
    title: row.title,
    runId: row.run_id,
    state: rowToState(row),
    progress: JSON.parse(row.progress) as Progress,
    createdAt: row.created_at,
  }
}

function rowToState({ state, started_at, ended_at, ...row }: JobRow): JobState {
  switch (state) {
    case 'queued':
      return { kind: state }
    case 'running':
      return { kind: state, startedAt: started_at ?? '' }
    case 'ended':
      return { kind: state, endedAt: ended_at ?? '', ending: rowToEnding(row) }
    default:
      return assertNever(state)
  }
}

function rowToEnding({ ending, outcome, code, message, hint }: EndingRow): JobEnding {
  switch (ending) {
    case 'finished':
      return { kind: ending, outcome: outcome === null ? null : (JSON.parse(outcome) as JobOutcome) }
    case 'failed':
      return { kind: ending, code: code ?? 'internal', message: message ?? '', hint }
    case 'cancelled':
      return { kind: ending }
    case null:
      throw new TypeError('a job that has ended has an ending')
    default:
      return assertNever(ending)
  }
}

/** What a training measures and says: every step goes into its run in the project, at most a few messages a second go to the host. */
import type { StepReport, Trainer } from '../../../compute/trainer.ts'
import type { Recipe } from '../../../domain/recipe.ts'
import type { Id, MetricPoint, Progress, RunNote } from '../../../domain/records.ts'
import { metricPointOf } from '../../metricPoint.ts'
import { RemainingTime } from '../../remaining.ts'
import { pace } from '../pace.ts'
import type { ProcessContext } from './context.ts'

/** Between two writes of measured steps. */
const KEEP_EVERY_MS = 1000
const TELL_EVERY_MS = 100
const PROGRESS_EVERY_MS = 250

export interface Recorded {
  readonly runId: Id
  readonly jobId: Id
  readonly recipe: Recipe
  /** To train with. */
  readonly pictures: number
  /** In words. */
  readonly engine: string
}

type Note = Pick<RunNote, 'step' | 'kind' | 'message'>
type Place = Pick<Trainer, 'position' | 'progress'>

export type Recorder = ReturnType<typeof createRecorder>

/** @param now milliseconds */
export function createRecorder(
  { store, tell }: Pick<ProcessContext, 'store' | 'tell'>,
  { runId, jobId, recipe, pictures, engine }: Recorded,
  now: () => number = () => performance.now(),
) {
  const { file, metrics, probes, runs } = store
  const remaining = new RemainingTime()
  const measured = pace<readonly MetricPoint[]>(
    TELL_EVERY_MS,
    (points) => tell({ kind: 'measured', runId, points: [...points] }),
    (waiting, next) => [...waiting, ...next],
  )
  const progressed = pace<Progress>(PROGRESS_EVERY_MS, (progress) => tell({ kind: 'progressed', jobId, progress }))
  let unkept: MetricPoint[] = []
  let keptAt = now()
  /** Said together with the next save: it tells of steps that are still kept until then. */
  let unsaid: Note[] = []

  function write(notes: readonly Note[], also: () => void = () => undefined): void {
    const kept = file.write(() => {
      also()
      return notes.map((note) => runs.addNote(runId, note))
    })
    for (const note of kept) tell({ kind: 'noted', runId, note })
  }

  /** Keeps what was measured up to the place where the run is, in one short write. */
  function keep({ position, progress }: Place): void {
    const { step, elapsedMs } = position
    const points = unkept.filter((point) => point.step <= step)
    file.write(() => {
      metrics.append(runId, points)
      runs.advance(runId, { step, elapsedMs, progress: Math.min(1, progress), engine })
    })
    unkept = []
    keptAt = now()
  }

  return {
    keep,

    stepped(report: StepReport, trainer: Place): void {
      const { position, progress } = trainer
      remaining.add(now(), progress)
      const point = metricPointOf(report, position.elapsedMs)
      if (point) {
        unkept.push(point)
        measured.push([point])
      }
      if (report.kind === 'rolledBack') unsaid.push(report)
      else if (now() - keptAt >= KEEP_EVERY_MS) keep(trainer)
      const range = remaining.range()
      progressed.push({
        ...lengthOf(recipe, pictures, position),
        elapsedMs: position.elapsedMs,
        remaining: range ? { lowMs: range.low, highMs: range.high } : null,
        note: report.kind === 'prelude' ? 'Head start: the initializer learns alone' : null,
      })
    },

    note(note: Note): void {
      write([note])
    },

    /** After a save: forgets what was measured beyond it, and says so. @param also goes into the same write */
    settle(step: number, notes: readonly Note[] = [], also?: () => void): void {
      const all = [...unsaid, ...notes]
      write(all, () => {
        metrics.truncateAfter(runId, step)
        probes.truncateAfter(runId, step)
        also?.()
      })
      unsaid = []
    },

    /** Tells what still waits to be told. */
    close(): void {
      for (const waiting of [measured, progressed]) {
        waiting.flush()
        waiting.stop()
      }
    },
  }
}

/** A length in minutes is counted in minutes, every other in steps. */
function lengthOf({ length, learning }: Recipe, pictures: number, { step, elapsedMs }: Place['position']) {
  if ('minutes' in length)
    return { done: Math.min(length.minutes, elapsedMs / 60_000), total: length.minutes, unit: 'minutes' }
  const total = 'steps' in length ? length.steps : Math.ceil((length.epochs * pictures) / learning.batch)
  return { done: Math.min(total, step), total, unit: 'steps' }
}

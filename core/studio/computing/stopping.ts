/** Ending jobs because somebody asked for it, wherever they are. */
import { failed } from './endings.ts'
import type { Job } from './job.ts'
import type { Supervisor } from './supervisor.ts'
import { within } from './within.ts'

/** For a checkpoint of a large model, or for an import to take back what it did. */
const STOP_MS = 60_000

/** Nothing for a job that has ended or was asked before; cancelling goes beyond pausing. */
export function askToEnd(job: Job, wish: 'pause' | 'cancel', supervisor: Pick<Supervisor, 'send'>): void {
  if (job.ended || job.wish === 'cancel' || job.wish === wish) return
  job.wish = wish
  if (job.place === 'here') job.end({ kind: 'cancelled' })
  else if (job.place === 'local') job.stopper.abort()
  else supervisor.send({ kind: wish, jobId: job.id })
}

/** Ends them: trainings with a checkpoint, others as they are; by force where that takes too long. */
export async function stopAll(jobs: readonly Job[], supervisor: Pick<Supervisor, 'send' | 'destroy'>): Promise<void> {
  for (const job of jobs) askToEnd(job, job.record.kind === 'train' ? 'pause' : 'cancel', supervisor)
  if (await within(STOP_MS, Promise.all(jobs.map((job) => job.over)))) return
  if (jobs.some((job) => !job.ended && job.place === 'there')) supervisor.destroy('its work did not stop in time')
  for (const job of jobs) job.end(failed('interrupted', 'It did not stop in time. Everything saved is safe.'))
}

/** Paused, or gone with its process while it was asked to pause; not cancelled by a person and not failed by itself. */
export function wasPaused({ wish, record: { state } }: Job): boolean {
  if (wish !== 'pause' || state.kind !== 'ended') return false
  const { ending } = state
  return ending.kind === 'cancelled' || (ending.kind === 'failed' && ending.code === 'interrupted')
}

/** Work that is done in the host's own process, with the same records and the same single ending. */
import type { JobOutcome, Progress } from '../../domain/records.ts'
import { errorToEnding } from './endings.ts'
import type { Job } from './job.ts'

export interface LocalJob {
  readonly kind: 'import'
  readonly title: string
  /** Throws or comes back soon after the signal; what it comes back with then still counts. */
  run(signal: AbortSignal, report: (progress: Progress) => void): Promise<JobOutcome | null>
}

/** Never throws. @param log is given what nobody foresaw, and returns the reference under which it can be found */
export async function runLocal(job: Job, run: LocalJob['run'], log: (error: unknown) => string): Promise<void> {
  const { signal } = job.stopper
  job.place = 'local'
  job.begin()
  try {
    job.end({ kind: 'finished', outcome: await run(signal, (progress) => job.advance(progress)) })
  } catch (error) {
    job.end(signal.aborted ? { kind: 'cancelled' } : errorToEnding(error, log))
  }
}

/** The jobs of the open project since it was opened. What ended long ago is forgotten here; the project remembers what matters. */
import { AppError } from '../../domain/errors.ts'
import type { Id, JobRecord } from '../../domain/records.ts'
import type { Job } from './job.ts'

const MOST_ENDED = 300

export interface JobList {
  add(job: Job): void
  find(id: Id): Job | undefined
  /** @throws AppError not-found */
  get(id: Id): Job
  /** What has not ended, in the order in which it is to be begun. */
  open(place?: Job['place']): readonly Job[]
  ended(): readonly Job[]
  /** What goes on, then what has ended, the newest first. */
  records(): readonly JobRecord[]
  clear(): void
}

export function createJobList(): JobList {
  const jobs = new Map<Id, Job>()
  const all = () => [...jobs.values()]
  const ended = () => all().filter((job) => job.ended)

  function forgetOldest(): void {
    const old = ended()
    for (const { id } of old.slice(0, Math.max(0, old.length - MOST_ENDED))) jobs.delete(id)
  }

  return {
    add(job) {
      forgetOldest()
      jobs.set(job.id, job)
    },
    find: (id) => jobs.get(id),
    get(id) {
      const job = jobs.get(id)
      if (job === undefined) throw new AppError('not-found', 'This job is not known (any more).')
      return job
    },
    open: (place) =>
      all()
        .filter((job) => !job.ended && (place === undefined || job.place === place))
        .sort((a, b) => Number(b.goesFirst) - Number(a.goesFirst)),
    ended,
    records: () => [...all().filter((job) => !job.ended), ...ended().reverse()].map((job) => job.record),
    clear: () => jobs.clear(),
  }
}

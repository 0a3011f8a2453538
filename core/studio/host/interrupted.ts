/** What a crash of the program interrupted, said when the project is opened again: what is safe, and how to go on. */
import type { Events } from '../../contract/events.ts'
import type { JobRecord } from '../../domain/records.ts'
import type { ProjectStore } from '../../storage/project/store.ts'

/** Notes it with the runs, too. @param jobs that were ended as interrupted */
export function noteInterrupted(
  jobs: readonly JobRecord[],
  { runs, checkpoints }: ProjectStore,
): Events['studio:noted'][] {
  return jobs.map((job) => {
    const run = job.kind === 'train' && job.runId !== null ? runs.find(job.runId) : undefined
    if (run === undefined) return { tone: 'warning', message: `“${job.title}”: ${reasonOf(job)}`, hint: null }
    const newest = checkpoints.newest(run.id)
    const message = newest
      ? `“${run.name}” was interrupted at step ${format(run.step)}; its newest checkpoint (step ${format(newest.step)}) is safe.`
      : `“${run.name}” was interrupted before its first checkpoint; everything else is safe.`
    runs.addNote(run.id, { step: newest?.step ?? 0, kind: 'interrupted', message })
    return { tone: 'warning', message, hint: `${newest ? 'Continue it' : 'Start it again'} among the trainings.` }
  })
}

function reasonOf({ state }: JobRecord): string {
  return state.kind === 'ended' && state.ending.kind === 'failed' ? state.ending.message : 'it was interrupted.'
}

function format(step: number): string {
  return step.toLocaleString('en')
}

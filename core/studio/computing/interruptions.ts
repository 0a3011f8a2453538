/** When the computing process died with work in it: what of it is safe, what goes on by itself, and the sentence that says so. */
import { counted } from '../../domain/counted.ts'
import type { Id } from '../../domain/records.ts'
import { failed } from './endings.ts'
import type { Job, NewJob } from './job.ts'
import type { ComputingProject } from './project.ts'

/** Deaths of a run without a new checkpoint in between, after which a person decides. */
const MOST_DEATHS = 3

/** A training that can be started again after its job has ended. */
export interface Training {
  readonly runId: Id
  readonly step: number | null
  /** From its newest checkpoint, or from its beginning where it has none. */
  readonly again: NewJob
}

/** @returns undefined for other work. @throws what reading the project throws */
export function findTraining({
  work,
  record,
  project,
}: Pick<Job, 'work' | 'record' | 'project'>): Training | undefined {
  if (work?.kind !== 'train') return undefined
  const { runId } = work
  const newest = project.checkpoints.newest(runId)
  const again = {
    kind: 'train',
    title: record.title,
    runId,
    work: { ...work, checkpointId: newest?.id ?? null },
  } as const
  return { runId, step: newest?.step ?? null, again }
}

export interface Interruptions {
  /** A run has a new checkpoint. */
  gotOn(runId: Id): void
  /**
   * Ends what was in the process.
   * @param what how it died, in a sentence; @param again whether another process is being started
   * @returns what became of it, in a sentence (empty when there was nothing), and the training that is to go on
   */
  end(
    lost: readonly Job[],
    what: string,
    again: boolean,
  ): { readonly sentence: string; readonly resumed: NewJob | null }
}

export function createInterruptions(options: {
  /** The person wants trainings to go on by themselves. */
  resumesByItself(): boolean
  report(error: unknown): void
}): Interruptions {
  const deaths = new Map<Id, number>()

  function findSafely(job: Job): Training | undefined {
    try {
      return findTraining(job)
    } catch (error) {
      options.report(error)
      return undefined
    }
  }

  function note(project: ComputingProject, { runId, step }: Training, message: string): void {
    try {
      project.runs.addNote(runId, { step: step ?? 0, kind: 'interrupted', message })
    } catch (error) {
      options.report(error)
    }
  }

  function endTraining(
    job: Job,
    what: string,
    again: boolean,
  ): { readonly sentence: string; readonly resumed: NewJob | null } {
    const training = findSafely(job)
    if (training === undefined) {
      const sentence = 'What the training had saved is safe.'
      job.end(failed('interrupted', `${what} ${sentence}`))
      return { sentence, resumed: null }
    }
    const count = (deaths.get(training.runId) ?? 0) + 1
    deaths.set(training.runId, count)
    const goesOn = again && job.wish === null && count < MOST_DEATHS && options.resumesByItself()
    const from =
      training.step === null
        ? 'its beginning: it had no checkpoint yet'
        : `step ${training.step}, its newest checkpoint`
    const waits =
      count < MOST_DEATHS ? '' : ` It waits for you, because this happened ${count} times without a new checkpoint.`
    const sentence = `The training ${goesOn ? 'goes' : 'can go'} on from ${from}.${waits}`
    note(job.project, training, `${what} ${sentence}`)
    job.end(failed('interrupted', `${what} ${sentence}`, goesOn ? null : 'Resume it when you like.'))
    return { sentence, resumed: goesOn ? training.again : null }
  }

  return {
    gotOn: (runId) => void deaths.delete(runId),
    end(lost, what, again) {
      const sentences: string[] = []
      let resumed: NewJob | null = null
      let others = 0
      for (const job of lost) {
        if (job.wish === 'cancel') job.end({ kind: 'cancelled' })
        else if (job.work?.kind === 'train') {
          const after = endTraining(job, what, again)
          sentences.push(after.sentence)
          resumed = after.resumed
        } else {
          others++
          job.end(failed('interrupted', `${what} Everything saved is safe.`, 'Start it again.'))
        }
      }
      const noun = sentences.length > 0 ? 'other job' : 'job'
      if (others > 0) sentences.push(`${counted(others, noun)} did not finish; everything saved is safe.`)
      return { sentence: sentences.join(' '), resumed }
    },
  }
}

/** Which checkpoints of a run go when a new one has come. */
import type { CheckpointRecord, Id, Retention } from '../../domain/records.ts'

export type Candidate = Pick<CheckpointRecord, 'id' | 'step' | 'content' | 'score' | 'best' | 'pinned'>

/**
 * @param checkpoints of one run, oldest first
 * @returns the ids of those that nothing asks to keep; never the newest, the newest to go on from, the best or a pinned one
 */
export function listOutdated(checkpoints: readonly Candidate[], { last, best, everySteps }: Retention): Id[] {
  for (const [name, value] of Object.entries({ last, best, everySteps }))
    if (!Number.isInteger(value) || value < 0) throw new RangeError(`retention.${name} is ${value}, must be 0 or more`)
  const newestFirst = checkpoints.toReversed()
  const byScore = newestFirst.filter(({ score }) => score !== null).sort((a, b) => Number(a.score) - Number(b.score))
  const resumable = newestFirst.find(({ content }) => content === 'training')
  const kept = new Set<Candidate>([...newestFirst.slice(0, Math.max(1, last)), ...byScore.slice(0, best)])
  if (resumable) kept.add(resumable)
  if (everySteps > 0) for (const first of firstOfEach(checkpoints, everySteps)) kept.add(first)
  return checkpoints.filter((each) => !each.pinned && !each.best && !kept.has(each)).map(({ id }) => id)
}

/** The earliest in every stretch of so many steps. */
function firstOfEach(checkpoints: readonly Candidate[], steps: number): Candidate[] {
  const stretches = Map.groupBy(checkpoints, ({ step }) => Math.floor(step / steps))
  return [...stretches.values()].map((stretch) =>
    stretch.reduce((first, each) => (each.step < first.step ? each : first)),
  )
}

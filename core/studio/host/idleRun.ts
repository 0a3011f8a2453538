/** A run that is learned from at this moment is left alone. */
import { AppError } from '../../domain/errors.ts'
import type { RunRecord } from '../../domain/records.ts'
import type { JobQueue } from '../computing/queue.ts'

/** @throws AppError misuse while a training of the run is queued or running */
export function assertIdle(queue: Pick<JobQueue, 'list'>, { id, name }: Pick<RunRecord, 'id' | 'name'>): void {
  const isTraining = queue
    .list()
    .some(({ kind, runId, state }) => kind === 'train' && runId === id && state.kind !== 'ended')
  if (isTraining)
    throw new AppError('misuse', `“${name}” is in training; nothing was changed.`, { hint: 'Pause it first.' })
}

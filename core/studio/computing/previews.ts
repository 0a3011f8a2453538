/** Fast guesses while somebody draws: one is in the computing process, one waits, and the newest takes the place of the one that waits. */
import { randomUUID } from 'node:crypto'
import type { ToCompute } from '../../contract/computeProtocol.ts'
import type { PreviewOrder } from '../../contract/drawOrders.ts'
import type { RequestOutput } from '../../contract/requests.ts'
import { AppError } from '../../domain/errors.ts'
import type { Id, JobEnding } from '../../domain/records.ts'
import { toEnding } from './endings.ts'
import type { WorkMessage } from './supervisor.ts'

export type PreviewAnswer = RequestOutput<'draw:preview'>

export interface Previews {
  /** @throws AppError what kept it from being drawn */
  ask(order: PreviewOrder): Promise<PreviewAnswer>
  /** Sends the one that waits, if it can be sent. */
  next(): void
  /** @returns whether it was about a preview */
  hear(message: Extract<WorkMessage, { readonly jobId: Id }>): boolean
  /** The process has lost what was there. It is sent once more unless a newer one waits. */
  takeBack(): void
  /** Nobody wants them any more. */
  drop(): void
  fail(error: AppError): void
}

interface Preview {
  readonly id: Id
  readonly order: PreviewOrder
  readonly answer: PromiseWithResolvers<PreviewAnswer>
  lost: boolean
  drawn: PreviewAnswer | null
}

export function createPreviews(port: { isReady(): boolean; send(message: ToCompute): void }): Previews {
  let there: Preview | null = null
  let waiting: Preview | null = null

  function next(): void {
    if (there !== null || waiting === null || !port.isReady()) return
    there = waiting
    waiting = null
    port.send({ kind: 'start', jobId: there.id, work: { kind: 'preview', order: there.order } })
  }

  function settle({ answer, drawn }: Preview, ending: JobEnding): void {
    if (ending.kind === 'cancelled') return answer.resolve({ kind: 'superseded' })
    if (ending.kind === 'finished' && drawn !== null) return answer.resolve(drawn)
    if (ending.kind === 'finished') return answer.reject(new Error('a preview was finished without a picture'))
    const { code, message, hint } = ending
    if (code === 'internal' || code === 'interrupted') return answer.reject(new Error(`${code}: ${message}`))
    answer.reject(new AppError(code, message, hint === null ? {} : { hint }))
  }

  return {
    ask(order) {
      waiting?.answer.resolve({ kind: 'superseded' })
      const answer = Promise.withResolvers<PreviewAnswer>()
      waiting = { id: randomUUID(), order, answer, lost: false, drawn: null }
      next()
      return answer.promise
    },
    next,
    hear(message) {
      if (there?.id !== message.jobId) return false
      if (message.kind === 'pictured') there.drawn = { kind: 'drawn', picture: message.picture, step: message.step }
      if (message.kind !== 'ended') return true
      const ended = there
      there = null
      settle(ended, toEnding(message.ending))
      next()
      return true
    },
    takeBack() {
      const lost = there
      there = null
      if (lost === null) return
      if (waiting !== null) return lost.answer.resolve({ kind: 'superseded' })
      if (!lost.lost) waiting = { ...lost, lost: true, drawn: null }
      else
        lost.answer.reject(
          new AppError('engine-unavailable', 'The computing process stopped twice while it drew this preview.', {
            hint: 'Everything drawn is safe. The diagnostics say what it wrote last.',
          }),
        )
    },
    drop() {
      if (there !== null) port.send({ kind: 'cancel', jobId: there.id })
      for (const each of [there, waiting]) each?.answer.resolve({ kind: 'superseded' })
      there = waiting = null
    },
    fail(error) {
      for (const each of [there, waiting]) each?.answer.reject(error)
      there = waiting = null
    },
  }
}

/** Long work of a project as a command sees it: asked for, followed, stopped by Ctrl-C, ended exactly once. */
import type { EventName, Events } from '../../../contract/events.ts'
import type { EngineState } from '../../../contract/studioTypes.ts'
import { AppError, CancelledError } from '../../../domain/errors.ts'
import type { Id, JobEnding, JobOutcome, JobRecord, Progress } from '../../../domain/records.ts'
import type { Studio } from '../../../studio/host/studio.ts'

/** @returns stops listening */
export function on<E extends EventName>(
  studio: Pick<Studio, 'listen'>,
  wanted: E,
  hear: (payload: Events[E]) => void,
): () => void {
  return studio.listen((name: EventName, payload: Events[EventName]) => {
    if (name === wanted) hear(payload as Events[E])
  })
}

export interface Following {
  /** Asks the job to end. */
  readonly signal: AbortSignal
  /** How it is asked. */
  readonly stop?: 'job:cancel' | 'training:pause'
  readonly progressed?: (progress: Progress) => void
}

export async function followJob(studio: Studio, jobId: Id, options: Following): Promise<JobEnding> {
  const { signal, stop = 'job:cancel', progressed } = options
  const ended = Promise.withResolvers<JobEnding>()
  const look = ({ id, state, progress }: JobRecord) => {
    if (id !== jobId) return
    if (state.kind === 'ended') ended.resolve(state.ending)
    if (state.kind === 'running') progressed?.(progress)
  }
  const askToStop = () => void studio.ask(stop, { jobId }).catch(ended.reject)
  const deafen = on(studio, 'job:changed', ({ job }) => look(job))
  signal.addEventListener('abort', askToStop)
  try {
    look(await studio.ask('job:get', { jobId }))
    if (signal.aborted) askToStop()
    return await ended.promise
  } finally {
    signal.removeEventListener('abort', askToStop)
    deafen()
  }
}

/** What a job has found out. @throws CancelledError; AppError as the job failed; Error for a defect */
export async function finishJob<K extends JobOutcome['kind']>(
  studio: Studio,
  { jobId }: { readonly jobId: Id },
  expected: K,
  options: Following,
): Promise<Extract<JobOutcome, { readonly kind: K }>> {
  const ending = await followJob(studio, jobId, options)
  if (ending.kind === 'cancelled') throw new CancelledError()
  if (ending.kind === 'failed') throw failureOf(ending)
  if (ending.outcome?.kind !== expected) throw new Error(`a job ended as ${ending.outcome?.kind}, not as ${expected}`)
  return ending.outcome as Extract<JobOutcome, { readonly kind: K }>
}

export function failureOf({ code, message, hint }: Extract<JobEnding, { readonly kind: 'failed' }>): Error {
  if (code === 'internal') return new Error(message)
  return new AppError(code === 'interrupted' ? 'engine-unavailable' : code, message, hint === null ? {} : { hint })
}

export type ReadyEngine = Extract<EngineState, { readonly kind: 'ready' }>

/** Waits for the computing process. @throws AppError engine-unavailable; CancelledError */
export async function untilEngine(studio: Studio, signal: AbortSignal): Promise<ReadyEngine> {
  const ready = Promise.withResolvers<ReadyEngine>()
  const look = (engine: EngineState) => {
    if (engine.kind === 'ready') ready.resolve(engine)
    if (engine.kind === 'unavailable')
      ready.reject(new AppError('engine-unavailable', engine.message, { hint: engine.hint ?? undefined }))
  }
  const cancel = () => ready.reject(new CancelledError())
  const deafen = on(studio, 'engine:changed', ({ engine }) => look(engine))
  signal.addEventListener('abort', cancel)
  try {
    if (signal.aborted) cancel()
    look((await studio.ask('studio:state', {})).engine)
    return await ready.promise
  } finally {
    signal.removeEventListener('abort', cancel)
    deafen()
  }
}

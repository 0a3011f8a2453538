/** How work ended, as a job's record says it. */
import type { FromCompute } from '../../contract/computeProtocol.ts'
import type { EngineState } from '../../contract/studioTypes.ts'
import { AppError, CancelledError, assertNever } from '../../domain/errors.ts'
import type { JobEnding, JobOutcome } from '../../domain/records.ts'

type Told = Extract<FromCompute, { readonly kind: 'ended' }>['ending']
type Sort = 'string' | 'number' | 'boolean' | 'object'

const shapes: { readonly [K in JobOutcome['kind']]: Readonly<Record<string, Sort>> } = {
  drawn: {},
  trained: { step: 'number', checkpointId: 'string' },
  imported: { dataSetId: 'string', pictures: 'number', problems: 'number' },
  preflown: {
    engine: 'string',
    batch: 'object',
    stepMs: 'object',
    peakMemoryBytes: 'number',
    durationMs: 'object',
    checkpointBytes: 'number',
    warnings: 'object',
  },
  evaluated: { report: 'object', sheet: 'string' },
  inferred: { latent: 'object', weights: 'object' },
  reproduced: { equal: 'boolean', differentBytes: 'number', picture: 'object' },
}

/** Whether it has the fields of its kind; what is in them comes from our own program. */
export function isOutcome(value: object): value is JobOutcome {
  const found = new Map<string, unknown>(Object.entries(value))
  const kind = found.get('kind')
  if (typeof kind !== 'string' || !Object.hasOwn(shapes, kind)) return false
  const fields = Object.entries(shapes[kind as JobOutcome['kind']])
  return fields.every(([field, sort]) => typeof found.get(field) === sort && found.get(field) !== null)
}

/** An ending that the computing process told. */
export function toEnding(told: Told): JobEnding {
  switch (told.kind) {
    case 'cancelled':
    case 'failed':
      return told
    case 'finished':
      if (told.outcome === null) return { kind: 'finished', outcome: null }
      if (isOutcome(told.outcome)) return { kind: 'finished', outcome: told.outcome }
      return failed(
        'internal',
        'The work ended with a result that the program does not know. Everything saved is safe.',
      )
    default:
      return assertNever(told)
  }
}

/** How work in this process ended that threw. @param log is given what nobody foresaw, and returns the reference under which it can be found */
export function errorToEnding(error: unknown, log: (error: unknown) => string): JobEnding {
  if (error instanceof CancelledError) return { kind: 'cancelled' }
  if (error instanceof AppError) return failed(error.code, error.message, error.hint ?? null)
  return failed('internal', `Something in the program went wrong (reference ${log(error)}). Everything saved is safe.`)
}

type Failed = Extract<JobEnding, { readonly kind: 'failed' }>
export function failed(code: Failed['code'], message: string, hint: string | null = null): Failed {
  return { kind: 'failed', code, message, hint }
}

/** Why no work can be done, for whoever asked for some. */
export function engineUnavailable(state: Extract<EngineState, { readonly kind: 'unavailable' }>): AppError {
  return new AppError('engine-unavailable', state.message, { hint: state.hint ?? undefined })
}

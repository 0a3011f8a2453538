/** How an answer crosses a process boundary: errors are values, because exceptions lose everything but their message on the way. */
import { AppError, CancelledError, type ErrorCode } from '../domain/errors.ts'

/** `cancelled`: the person (or a newer request) stopped it. `internal`: a defect of the program; the message holds a short reference to the log. */
export type WireErrorCode = ErrorCode | 'cancelled' | 'internal'

export interface WireError {
  readonly code: WireErrorCode
  /** One sentence: what happened and what is safe. */
  readonly message: string
  /** What to do about it. */
  readonly hint: string | null
}

export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireError }

/** @param log is given what nobody foresaw, and returns the reference under which it can be found */
export function toWireError(error: unknown, log: (error: unknown) => string): WireError {
  if (error instanceof AppError) return { code: error.code, message: error.message, hint: error.hint ?? null }
  if (error instanceof CancelledError) return { code: 'cancelled', message: 'It was stopped.', hint: null }
  const reference = log(error)
  return {
    code: 'internal',
    message: `Something in the program went wrong (reference ${reference}). Your work is saved.`,
    hint: 'Try again. If it stays, the diagnostics page shows what to report.',
  }
}

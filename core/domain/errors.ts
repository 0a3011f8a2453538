/**
 * The errors a person may see. A code that a caller can switch on, one clear sentence, and (where there is one) what to do.
 * Anything else that is thrown is a defect of the program.
 */
export type ErrorCode =
  | 'misuse' // the caller asked for something that does not exist or is out of range
  | 'bad-input' // a file or folder is not what it should be
  | 'not-found'
  | 'engine-unavailable'
  | 'mismatch' // a checkpoint, mask or picture that does not fit the recipe
  | 'diverged'
  | 'storage-failed' // full disk, read-only folder, vanished file

export class AppError extends Error {
  readonly code: ErrorCode
  /** What the person can do about it, as a sentence. */
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.hint = options.hint
  }
}

/** An ending, not an error: the person asked to stop. Never shown as a failure. */
export class CancelledError extends Error {
  constructor(message = 'cancelled') {
    super(message)
    this.name = 'CancelledError'
  }
}

/** Ends every switch over a discriminated union; a forgotten case does not compile. */
export function assertNever(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`)
}

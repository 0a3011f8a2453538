/** Long work that lets others have a turn: called again and again with how much is done, it reports, waits, and ends the work when asked to. */
import { setImmediate } from 'node:timers/promises'
import { CancelledError } from '../../domain/errors.ts'

export interface TurnOptions {
  /** Share of the work that is done, 0..1. */
  readonly onProgress?: (share: number) => void
  /** Awaited between two pieces of work; default: one turn of the event loop. */
  readonly pause?: () => Promise<unknown>
  /** The work then ends with a CancelledError and leaves nothing behind. */
  readonly signal?: AbortSignal
}

/** @param done 0..1 @throws CancelledError */
export type Turn = (done: number) => Promise<void>

export function createTurn({ onProgress, pause = setImmediate, signal }: TurnOptions = {}): Turn {
  return async (done) => {
    onProgress?.(done)
    await pause()
    if (signal?.aborted) throw new CancelledError()
  }
}

/** The turn of a part of the work, which counts its own share from 0 to 1. */
export function partOfTurn(turn: Turn, from: number, to: number): Turn {
  return (done) => turn(from + (to - from) * done)
}

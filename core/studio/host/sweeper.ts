/** Takes away what nothing in a project refers to any more: in the background, in small portions, one sweep after the other. */
import { setImmediate } from 'node:timers/promises'
import { AppError, CancelledError } from '../../domain/errors.ts'
import type { ProjectStore } from '../../storage/project/store.ts'

/** Stays in the file for the next checkpoint, which then need not make it grow again. */
const KEEP_FREE_BYTES = 256 * 2 ** 20

export interface Sweeper {
  /** In the background. Asked again while one goes on, one more follows. */
  ask(): void
  /** Now, with all free space given back to the disk. @returns how much */
  tidy(): Promise<number>
  /** Ends what goes on; what was swept stays swept. */
  stop(): Promise<void>
}

/** @param report is told what a sweep in the background could not do */
export function createSweeper({ contents, project }: ProjectStore, report: (error: unknown) => void): Sweeper {
  let last: Promise<unknown> = Promise.resolve()
  let [waiting, stopped] = [false, false]

  async function pause(): Promise<void> {
    await setImmediate()
    if (stopped) throw new CancelledError()
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = last.then(work)
    last = result.catch(() => undefined)
    return result
  }

  return {
    ask() {
      if (waiting || stopped) return
      waiting = true
      inTurn(async () => {
        await pause()
        waiting = false
        await contents.sweep({ pause, keepFreeBytes: KEEP_FREE_BYTES })
      }).catch((error: unknown) => {
        waiting = false
        if (!(error instanceof CancelledError)) report(error)
      })
    },
    tidy: () =>
      inTurn(async () => {
        if (stopped) throw new AppError('misuse', 'The project was closed.')
        const before = project.get()
        const { sizeBytes } = await contents.sweep({ pause })
        return Math.max(0, before.freeBytes + sizeBytes - project.get().freeBytes)
      }),
    async stop() {
      stopped = true
      await last
    },
  }
}

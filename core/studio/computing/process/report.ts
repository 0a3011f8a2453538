/** How far a job is, told a few times a second, with what is left from measured speed. */
import type { FromCompute } from '../../../contract/computeProtocol.ts'
import { RemainingTime } from '../../remaining.ts'

const TELL_MS = 100

export interface Reporting {
  readonly jobId: string
  /** What is counted: `steps`, `pictures` ... */
  readonly unit: string
  readonly total: number
  tell(message: FromCompute): void
  /** Milliseconds; performance.now by default. */
  readonly now?: () => number
}

export class ProgressReport {
  readonly #about: Reporting
  readonly #remaining = new RemainingTime()
  readonly #startedAt: number
  #toldAt = -Infinity
  #done = 0

  constructor(about: Reporting) {
    this.#about = about
    this.#startedAt = this.#now()
    this.#remaining.add(this.#startedAt, 0)
  }

  /** @param more of the units */
  advance(more = 1): void {
    const { jobId, unit, total, tell } = this.#about
    this.#done += more
    const now = this.#now()
    this.#remaining.add(now, total > 0 ? this.#done / total : 0)
    if (now - this.#toldAt < TELL_MS && this.#done < total) return
    this.#toldAt = now
    const range = this.#remaining.range()
    const remaining = range ? { lowMs: range.low, highMs: range.high } : null
    const progress = { done: this.#done, total, unit, elapsedMs: now - this.#startedAt, remaining, note: null }
    tell({ kind: 'progressed', jobId, progress })
  }

  #now(): number {
    return this.#about.now?.() ?? performance.now()
  }
}

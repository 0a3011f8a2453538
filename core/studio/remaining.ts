/** How long it will take, as a range: measured speed varies, and a single number would promise too much. */

interface Sample {
  readonly atMs: number
  readonly progress: number
}

/** Windows whose speeds are compared. */
const WINDOWS = 8
const WINDOW_MS = 4000

export class RemainingTime {
  #samples: Sample[] = []

  /** @param atMs any clock; @param progress 0 .. 1 */
  add(atMs: number, progress: number): void {
    const last = this.#samples.at(-1)
    if (last !== undefined && atMs - last.atMs < WINDOW_MS) return
    this.#samples = [...this.#samples, { atMs, progress }].slice(-WINDOWS - 1)
  }

  /** Least and most milliseconds, or undefined before there is anything to measure. */
  range(): { low: number; high: number } | undefined {
    const last = this.#samples.at(-1)
    const speeds = this.#samples
      .slice(1)
      .map(
        ({ atMs, progress }, index) => (progress - this.#samples[index].progress) / (atMs - this.#samples[index].atMs),
      )
      .filter((speed) => speed > 0)
    if (last === undefined || speeds.length === 0) return undefined
    const remaining = Math.max(0, 1 - last.progress)
    return { low: remaining / Math.max(...speeds), high: remaining / Math.min(...speeds) }
  }
}

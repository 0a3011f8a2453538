/** How long it will take, as a range: measured speed varies, and a single number would promise too much. */

interface Sample {
  readonly atMs: number
  readonly progress: number
}

/** Windows whose speeds are compared. */
const WINDOWS = 8
const WINDOW_MS = 4000

export class RemainingTime {
  #windows: Sample[] = []
  #progress = 0

  /** @param atMs any clock; @param progress 0 .. 1 */
  add(atMs: number, progress: number): void {
    this.#progress = progress
    const last = this.#windows.at(-1)
    if (last !== undefined && atMs - last.atMs < WINDOW_MS) return
    this.#windows = [...this.#windows, { atMs, progress }].slice(-WINDOWS - 1)
  }

  /** Least and most milliseconds, or undefined before there is anything to measure. */
  range(): { low: number; high: number } | undefined {
    const speeds = this.#windows
      .slice(1)
      .map(
        ({ atMs, progress }, index) => (progress - this.#windows[index].progress) / (atMs - this.#windows[index].atMs),
      )
      .filter((speed) => speed > 0)
    if (speeds.length === 0) return undefined
    const remaining = Math.max(0, 1 - this.#progress)
    return { low: remaining / Math.max(...speeds), high: remaining / Math.min(...speeds) }
  }
}

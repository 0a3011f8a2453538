/** Work beside the training, now and then. */

export interface Often {
  readonly everyMs: number
  /** The work takes at most about one part in so many of the time, however long it takes; none when absent. */
  readonly mostShare?: number
  /** Milliseconds, for tests; performance.now by default. */
  readonly now?: () => number
}

/** Calls `work` when it is due, counted from when it last began. */
export function everySoOften(
  { everyMs, mostShare, now = () => performance.now() }: Often,
  work: () => Promise<void>,
): () => Promise<void> {
  let dueAt = now() + everyMs
  return async () => {
    const started = now()
    if (started < dueAt) return
    await work()
    dueAt = Math.max(started + everyMs, mostShare === undefined ? 0 : now() + mostShare * (now() - started))
  }
}

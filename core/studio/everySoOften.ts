/** Work beside the training that must not take it over: saving and scoring, however large the model. */

/** The work takes at most about one part in so many of the time. */
const MOST_SHARE = 20

/**
 * Calls `work` when it is due: not more often than every `intervalMs`, and so that it takes a small share of the time.
 * @param now milliseconds
 */
export function everySoOften(
  intervalMs: number,
  work: () => Promise<void>,
  now: () => number = () => performance.now(),
): () => Promise<void> {
  let dueAt = now() + intervalMs
  return async () => {
    const started = now()
    if (started < dueAt) return
    await work()
    const ended = now()
    dueAt = ended + Math.max(intervalMs, MOST_SHARE * (ended - started))
  }
}

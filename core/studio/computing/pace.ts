/** Passes on what comes too fast for eyes: the first at once, then at most one in every interval, the last one always. */
export interface Pace<T> {
  push(value: T): void
  /** Passes on what still waits, now. */
  flush(): void
  /** Drops what still waits; nothing comes afterwards. */
  stop(): void
}

/** @param merge what becomes of a value that still waits when the next one comes; without it the next one alone is kept */
export function pace<T>(
  intervalMs: number,
  pass: (value: T) => void,
  merge: (waiting: T, next: T) => T = (_, next) => next,
): Pace<T> {
  let waiting: { readonly value: T } | null = null
  let timer: NodeJS.Timeout | undefined

  function flush(): void {
    const due = waiting
    waiting = null
    if (due !== null) pass(due.value)
  }
  function tick(): void {
    timer = undefined
    if (waiting === null) return
    timer = setTimeout(tick, intervalMs)
    flush()
  }
  return {
    push(value) {
      waiting = { value: waiting === null ? value : merge(waiting.value, value) }
      if (timer === undefined) tick()
    },
    flush,
    stop() {
      clearTimeout(timer)
      timer = undefined
      waiting = null
    },
  }
}

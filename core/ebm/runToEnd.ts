/** Runs a generator of this room to its end in one go. (core/compute/drive.ts pauses between the steps.) */
export function runToEnd<R>(run: Generator<unknown, R, void>): R {
  for (;;) {
    const next = run.next()
    if (next.done) return next.value
  }
}

/** Runs a generator of core/ebm to its end, with a pause after each of its steps. */

/**
 * @param pause lets somebody else have a turn; when it throws (cancelled), the generator frees what it holds and the error goes on
 */
export async function drive<R>(run: Generator<unknown, R, void>, pause: (() => Promise<void>) | undefined): Promise<R> {
  let turn = run.next()
  while (!turn.done) {
    try {
      await pause?.()
    } catch (error) {
      turn = run.throw(error)
      continue
    }
    turn = run.next()
  }
  return turn.value
}

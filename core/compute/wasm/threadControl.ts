/**
 * What the main thread and the workers share besides the tensors: one small block of words. A call is opened (kernel, arguments,
 * number of items), everybody who is awake takes items until none is left, then it is closed and the main thread waits for those
 * who joined. A worker that sleeps, starts late or died before joining is simply not waited for.
 */
export const word = {
  /** Counts calls; workers sleep on it. */
  generation: 0,
  /** 1 while a call may be joined. */
  open: 1,
  /** Workers inside the call; the main thread sleeps on it. */
  active: 2,
  /** Next item to take. */
  next: 3,
  items: 4,
  /** Items taken at a time. */
  grain: 5,
  kernel: 6,
  arguments: 7,
  /** 1 after a worker's kernel threw. */
  failed: 8,
  /** 1 when the workers shall end. */
  stopped: 9,
} as const

const WORDS = 16
export const MOST_ARGUMENTS = 32
export const MOST_THREADS = 64

export interface ThreadControl {
  readonly words: Int32Array<SharedArrayBuffer>
  readonly arguments: Float64Array<SharedArrayBuffer>
  /** Address of each thread's scratch memory. */
  readonly scratch: Float64Array<SharedArrayBuffer>
}

export function createControlBuffer(): SharedArrayBuffer {
  return new SharedArrayBuffer(WORDS * 4 + (MOST_ARGUMENTS + MOST_THREADS) * 8)
}

export function openControl(buffer: SharedArrayBuffer): ThreadControl {
  return {
    words: new Int32Array(buffer, 0, WORDS),
    arguments: new Float64Array(buffer, WORDS * 4, MOST_ARGUMENTS),
    scratch: new Float64Array(buffer, WORDS * 4 + MOST_ARGUMENTS * 8, MOST_THREADS),
  }
}

export type Kernel = (first: number, end: number, scratch: number, ...rest: number[]) => unknown

/** Takes items of the open call until none is left. */
export function takeItems(control: ThreadControl, kernel: Kernel, thread: number): void {
  const { words } = control
  const items = words[word.items]
  const grain = words[word.grain]
  const rest = control.arguments.subarray(0, words[word.arguments])
  for (;;) {
    const first = Atomics.add(words, word.next, grain)
    if (first >= items) return
    kernel(first, Math.min(items, first + grain), control.scratch[thread], ...rest)
  }
}

/** Worker threads that share the kernels' calls with the main thread, which works along and then waits. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { AppError } from '../../domain/errors.ts'
import { moduleBeside } from '../../domain/moduleBeside.ts'
import type { Kernels } from './instantiateKernels.ts'
import { createControlBuffer, MOST_ARGUMENTS, MOST_THREADS, openControl, takeItems, word } from './threadControl.ts'

export interface WorkerStart {
  readonly control: SharedArrayBuffer
  readonly memory: WebAssembly.Memory
  readonly module: WebAssembly.Module
  /** 1, 2, ...: the main thread is 0. */
  readonly thread: number
}

/** How long the main thread waits for one worker's share of one call (milliseconds); a share takes far less than a second. */
const PATIENCE_MS = 60_000
const LOOKS = 20_000

export class ThreadTeam {
  readonly threads: number
  readonly #kernels: Kernels
  readonly #buffer = createControlBuffer()
  readonly #control = openControl(this.#buffer)
  readonly #workers: Worker[] = []
  #broken: string | undefined

  private constructor(threads: number, kernels: Kernels) {
    this.threads = threads
    this.#kernels = kernels
  }

  /** Starts `threads` - 1 workers (1..64 threads) and waits until they are ready. Throws `engine-unavailable` when one cannot start. */
  static async start(
    threads: number,
    kernels: Kernels,
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
  ): Promise<ThreadTeam> {
    if (!(threads >= 1 && threads <= MOST_THREADS))
      throw new RangeError(`threads must be 1..${MOST_THREADS}, not ${threads}`)
    const team = new ThreadTeam(threads, kernels)
    try {
      for (let thread = 1; thread < threads; thread++)
        team.#workers.push(team.#startWorker({ control: team.#buffer, memory, module, thread }))
      await Promise.all(team.#workers.map((worker) => once(worker, 'message')))
    } catch (error) {
      team.close()
      throw new AppError('engine-unavailable', 'A worker thread of the wasm engine did not start.', { cause: error })
    }
    for (const worker of team.#workers) worker.unref()
    return team
  }

  #startWorker(start: WorkerStart): Worker {
    const worker = new Worker(moduleBeside(import.meta.url, './worker'), { workerData: start })
    worker.on('error', (error: Error) => (this.#broken ??= error.message))
    worker.on('exit', () => (this.#broken ??= 'it ended'))
    return worker
  }

  /**
   * Runs one kernel over `items`, taken `grain` at a time; `scratch` holds an address for each thread. Returns when all is done.
   * Throws `engine-unavailable` when a worker died.
   */
  run(kernel: string, items: number, grain: number, scratch: readonly number[], rest: readonly number[]): void {
    if (this.#broken !== undefined) throw deadWorker(this.#broken)
    if (rest.length > MOST_ARGUMENTS) throw new RangeError(`${rest.length} arguments for ${kernel}`)
    const { words } = this.#control
    const index = this.#kernels.names.indexOf(kernel)
    this.#control.arguments.set(rest)
    this.#control.scratch.set(scratch)
    words[word.kernel] = index
    words[word.arguments] = rest.length
    words[word.items] = items
    words[word.grain] = grain
    Atomics.store(words, word.next, 0)
    Atomics.store(words, word.open, 1)
    Atomics.add(words, word.generation, 1)
    Atomics.notify(words, word.generation)
    try {
      takeItems(this.#control, this.#kernels.list[index], 0)
    } finally {
      Atomics.store(words, word.open, 0)
      this.#waitForWorkers()
    }
  }

  #waitForWorkers(): void {
    const { words } = this.#control
    for (let looks = 0; Atomics.load(words, word.active) !== 0 && looks < LOOKS; looks++);
    for (;;) {
      const active = Atomics.load(words, word.active)
      if (active === 0) break
      if (Atomics.wait(words, word.active, active, PATIENCE_MS) === 'timed-out') {
        this.#broken = 'it did not answer'
        break
      }
    }
    if (Atomics.load(words, word.failed) === 1) this.#broken = 'a kernel failed in it'
    if (this.#broken !== undefined) throw deadWorker(this.#broken)
  }

  /** Ends the workers. */
  close(): void {
    this.#broken = 'the engine was closed'
    Atomics.store(this.#control.words, word.stopped, 1)
    Atomics.add(this.#control.words, word.generation, 1)
    Atomics.notify(this.#control.words, word.generation)
    for (const worker of this.#workers) void worker.terminate()
  }
}

function deadWorker(why: string): AppError {
  return new AppError('engine-unavailable', `A worker thread of the wasm engine is gone (${why}).`, {
    hint: 'Start the job again from its last checkpoint; with one thread no worker is needed.',
  })
}

/**
 * Who computes: one job at a time, the most urgent first. A job that pauses between two Langevin steps lets messages in and more urgent jobs
 * run to their end before it goes on. Every job ends exactly once, whatever it throws.
 */
import type { FromCompute } from '../../../contract/computeProtocol.ts'
import { CancelledError } from '../../../domain/errors.ts'
import { type Id, type JobEnding, type JobKind, jobKinds, type JobOutcome } from '../../../domain/records.ts'
import { errorToEnding } from '../endings.ts'
import { within } from '../within.ts'
import type { Turn } from './context.ts'

export interface Job {
  readonly id: Id
  readonly kind: JobKind
  work(turn: Turn): Promise<JobOutcome | null>
}

export interface SchedulerOptions {
  tell(message: FromCompute): void
  /** Called at every pause, before messages are let in. */
  atPause(): void
  /** Keeps an error that nobody foresaw, and returns the reference under which it can be found. */
  log(error: unknown): string
  /** Lets messages in; setImmediate by default. */
  readonly letIn?: () => Promise<void>
  /** Waits until something came, but not for long. */
  readonly linger?: (came: Promise<void>) => Promise<unknown>
}

/** A host that was told of a preview has sent the next one by then. */
const LINGER_MS = 10
/** Previews in a row, before the job that gave way for them has a turn again. */
const MOST_IN_A_ROW = 30
/** What a host takes. */
const LONGEST_MESSAGE = 4000

type Wish = 'checkpoint' | 'pause'
type Told = Extract<FromCompute, { readonly kind: 'ended' }>['ending']

interface Entry {
  readonly job: Job
  /** 0 is the most urgent. */
  readonly rank: number
  readonly ended: PromiseWithResolvers<void>
  cancelled: boolean
  wish: Wish | undefined
  pausing: Promise<void> | undefined
}

export class Scheduler {
  readonly #options: SchedulerOptions
  /** In the order in which they came. */
  #waiting: Entry[] = []
  /** The last one computes; those before it are in a pause that lasts until it has ended. */
  readonly #running: Entry[] = []
  #came: PromiseWithResolvers<void> = Promise.withResolvers()
  #working = false

  constructor(options: SchedulerOptions) {
    this.#options = options
  }

  /** A newer preview ends the older ones. A job that is here already is not taken twice. */
  start(job: Job): void {
    if (this.#find(job.id)) return
    if (job.kind === 'preview')
      for (const older of this.#all()) if (older.job.kind === 'preview') this.cancel(older.job.id)
    const rank = jobKinds.indexOf(job.kind)
    const fresh = { cancelled: false, wish: undefined, pausing: undefined }
    this.#waiting.push({ job, rank, ended: Promise.withResolvers(), ...fresh })
    this.#came.resolve()
    if (!this.#working) void this.#work()
  }

  /** At once while it waits, at its next pause when it runs. A job that is not here any more is none of our business. */
  cancel(id: Id): void {
    const entry = this.#find(id)
    if (entry === undefined || entry.cancelled) return
    entry.cancelled = true
    this.#came.resolve()
    if (!this.#waiting.includes(entry)) return
    this.#waiting = this.#waiting.filter((other) => other !== entry)
    this.#end(entry, { kind: 'cancelled' })
  }

  /** For a training: it looks at its wish after each pause. What has not begun has nothing to keep and is cancelled by `pause`. */
  wish(id: Id, wish: Wish): void {
    const entry = this.#find(id)
    if (entry === undefined) return
    if (this.#running.includes(entry)) entry.wish = entry.wish === 'pause' ? 'pause' : wish
    else if (wish === 'pause') this.cancel(id)
  }

  /** Cancels every job; settles when all have ended. */
  async endAll(): Promise<void> {
    const all = this.#all()
    for (const { job } of all) this.cancel(job.id)
    await Promise.all(all.map(({ ended }) => ended.promise))
  }

  #all(): Entry[] {
    return [...this.#running, ...this.#waiting]
  }

  #find(id: Id): Entry | undefined {
    return this.#all().find(({ job }) => job.id === id)
  }

  async #work(): Promise<void> {
    this.#working = true
    // What came together is judged together.
    await this.#letIn()
    for (let next = this.#takeNext(Infinity); next; next = this.#takeNext(Infinity)) {
      await this.#run(next)
      await this.#letIn()
    }
    this.#working = false
  }

  /** The most urgent job above this rank; of equal ones the one that came first. */
  #takeNext(rank: number): Entry | undefined {
    const best = this.#waiting.reduce<Entry | undefined>(
      (found, entry) => (entry.rank < (found?.rank ?? rank) ? entry : found),
      undefined,
    )
    this.#waiting = this.#waiting.filter((entry) => entry !== best)
    return best
  }

  async #run(entry: Entry): Promise<void> {
    this.#running.push(entry)
    this.#options.tell({ kind: 'begun', jobId: entry.job.id })
    const ending = await this.#endingOf(entry)
    this.#running.splice(this.#running.indexOf(entry), 1)
    this.#end(entry, ending)
  }

  async #endingOf(entry: Entry): Promise<JobEnding> {
    const turn: Turn = {
      jobId: entry.job.id,
      // Two parts of one job that pause together wait for the same pause.
      pause: () => (entry.pausing ??= this.#pause(entry).finally(() => (entry.pausing = undefined))),
      takeWish: () => {
        const { wish } = entry
        entry.wish = undefined
        return wish
      },
    }
    try {
      return { kind: 'finished', outcome: await entry.job.work(turn) }
    } catch (error) {
      return errorToEnding(error, this.#options.log)
    }
  }

  async #pause(entry: Entry): Promise<void> {
    this.#options.atPause()
    await this.#letIn()
    let previews = 0
    for (;;) {
      if (entry.cancelled) throw new CancelledError()
      const next = this.#takeNext(entry.rank)
      if (next === undefined) return
      await this.#run(next)
      if (next.job.kind === 'preview' && ++previews < MOST_IN_A_ROW) await this.#linger()
    }
  }

  /** Somebody who draws wants the next preview as soon as there is one: it must not wait for a step of the job that gave way. */
  async #linger(): Promise<void> {
    this.#came = Promise.withResolvers()
    const { linger = (came) => within(LINGER_MS, came) } = this.#options
    await linger(this.#came.promise)
  }

  #end(entry: Entry, ending: JobEnding): void {
    this.#options.tell({ kind: 'ended', jobId: entry.job.id, ending: toldOf(ending) })
    entry.ended.resolve()
  }

  #letIn(): Promise<void> {
    return this.#options.letIn?.() ?? new Promise(setImmediate)
  }
}

function toldOf(ending: JobEnding): Told {
  if (ending.kind === 'finished') return { ...ending, outcome: ending.outcome && { ...ending.outcome } }
  return ending.kind === 'failed' ? { ...ending, message: ending.message.slice(0, LONGEST_MESSAGE) } : ending
}

/** The state that a diverged run goes back to: now and then a copy is taken, and it counts as good once the run has stayed healthy for a while. */
import type { StoredState } from '../ebm/learningState.ts'
import type { Checkpoint, RunPosition } from './checkpoint.ts'

/** Least steps between two good states, and steps that a copy must prove healthy. */
const KEEP_EVERY = 100
const PROVE = 50
/** A large state takes a good part of a second to copy: at least so many milliseconds between two. */
const LARGE_EVERY_MS = 60_000

export interface GoodStatesOptions {
  /** Where the run begins; good until something later is. */
  readonly start: RunPosition
  /** What it begins with; absent: the state that the seed draws. */
  readonly resume?: Checkpoint
  readonly large: boolean
  /** A copy of the run as it is now. */
  readonly copy: () => Promise<Checkpoint>
}

export class GoodStates {
  readonly #options: GoodStatesOptions
  #good: Checkpoint | undefined
  #candidate: Checkpoint | undefined

  constructor(options: GoodStatesOptions) {
    this.#options = options
    this.#good = options.resume
  }

  get position(): RunPosition {
    return this.#good?.position ?? this.#options.start
  }

  /** Absent: the state that the seed draws. */
  get state(): StoredState | undefined {
    return this.#good?.state
  }

  /** After every healthy step. */
  async watch({ step, elapsedMs }: RunPosition): Promise<void> {
    const { copy, large } = this.#options
    if (this.#candidate) {
      if (step - this.#candidate.position.step < PROVE) return
      this.#good = this.#candidate
      this.#candidate = undefined
      return
    }
    const last = this.position
    const isTime = !large || elapsedMs - last.elapsedMs >= LARGE_EVERY_MS
    if (step - last.step >= KEEP_EVERY && isTime) this.#candidate = await copy()
  }

  /** The present state is good without any proof. */
  async accept(): Promise<void> {
    this.#good = await this.#options.copy()
    this.#candidate = undefined
  }

  /** After a roll-back: what was still to prove itself led there. */
  rolledBack(): void {
    this.#candidate = undefined
  }
}

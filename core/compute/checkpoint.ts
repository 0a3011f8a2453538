/** Where a run is and what it has learnt, as plain data: everything that going on needs. */
import type { StoredState } from '../ebm/learningState.ts'

export interface RunPosition {
  readonly seed: number
  /** Steps taken, the prelude's included. */
  readonly step: number
  readonly cooperativeSteps: number
  readonly elapsedMs: number
  /** What roll-backs have multiplied the solver's rate by. */
  readonly solverFactor: number
  readonly rollbacks: number
}

export interface Checkpoint {
  readonly position: RunPosition
  readonly state: StoredState
}

/**
 * A training run on the current engine: batches in, steps out. It follows the recipe's schedule, watches for divergence and rolls back by itself,
 * and can hand out a complete checkpoint between any two steps. It never touches a file.
 *
 * A run resumed from a checkpoint takes the very steps that it would have taken, with two limits. What the guard has seen and the state to roll back
 * to are not stored: a roll-back after the resume may come at another step and goes back no further than the resume. And a length in minutes goes by
 * the clock, so there the prelude's end and the falling rates come at other steps in every run, resumed or not.
 */
import { AppError } from '../domain/errors.ts'
import type { Batch } from '../domain/picture.ts'
import type { Recipe } from '../domain/recipe.ts'
import { cooperativeStep, readMetrics, type StepMetrics } from '../ebm/cooperativeStep.ts'
import { DivergenceGuard } from '../ebm/guard.ts'
import { initializerShapes } from '../ebm/initializer.ts'
import {
  createLearningState,
  disposeState,
  type LearningState,
  restoreState,
  type StoredState,
  storeState,
  storeWeights,
} from '../ebm/learningState.ts'
import { countParameters } from '../ebm/parameters.ts'
import { preludeStep } from '../ebm/preludeStep.ts'
import { takeNumbers } from '../ebm/readTensors.ts'
import type { Model } from '../ebm/sampling.ts'
import { solverShapes } from '../ebm/solver.ts'
import { batchToTensors } from './batchTensors.ts'
import type { Checkpoint, RunPosition } from './checkpoint.ts'
import { drive } from './drive.ts'
import { GoodStates } from './goodStates.ts'
import { rateFactor, runProgress } from './schedule.ts'
import * as tf from '@tensorflow/tfjs-core'

export type { Checkpoint, RunPosition } from './checkpoint.ts'

/** A pair of more parameters than this is slow to copy. */
const LARGE = 4_000_000
/** After so many roll-backs the run ends as diverged. */
const MOST_ROLLBACKS = 6
/** The controller leaves the first cooperative steps alone, then changes the move by this factor a step within these bounds. */
const CONTROLLER = { settle: 20, factor: 1.01, lowest: 0.03, highest: 0.4, memory: 0.9 } as const
/** Healthy running value gap of a normalised chain. */
const GAP_RANGE = { low: 0.05, high: 1.5 } as const
/** Where the gradient signal explodes: the papers' scale, and values trained in natural units. */
const GRADIENT_LIMIT = { phi: 20, natural: 8 } as const

export type StepReport =
  | { readonly kind: 'prelude'; readonly step: number; readonly observedError: number }
  | { readonly kind: 'cooperative'; readonly step: number; readonly metrics: StepMetrics; readonly move: number }
  | { readonly kind: 'rolledBack'; readonly step: number; readonly message: string }

export interface TrainerOptions {
  readonly recipe: Recipe
  readonly seed: number
  readonly batches: { read(step: number): Promise<Batch> }
  /** Number of training pictures: what an epoch is. */
  readonly pictures: number
  readonly resume?: Checkpoint
  /** Called between Langevin steps: let somebody else have a turn. */
  readonly pause?: () => Promise<void>
  /** Milliseconds, for tests; performance.now by default. */
  readonly now?: () => number
}

export class Trainer {
  readonly recipe: Recipe
  readonly #options: TrainerOptions
  #state: LearningState
  #position: RunPosition
  #guard: DivergenceGuard | undefined
  readonly #goods: GoodStates
  #dataEnergy: number | undefined
  #stepping = false

  constructor(options: TrainerOptions) {
    this.recipe = options.recipe
    this.#options = options
    const { recipe, seed, resume } = options
    this.#goods = new GoodStates({
      start: { seed, step: 0, cooperativeSteps: 0, elapsedMs: 0, solverFactor: 1, rollbacks: 0 },
      resume,
      large: countNumbers(recipe) > LARGE,
      copy: () => this.#store(),
    })
    this.#state = this.#createGoodState()
    this.#position = this.#goods.position
  }

  get position(): RunPosition {
    return this.#position
  }

  /** 0 at the start, 1 when the recipe's length is reached. */
  get progress(): number {
    return runProgress(this.recipe, this.#options.pictures, this.#position)
  }

  /** The pair as it is now, to sample with; valid until the next step. */
  get model(): Model {
    return { recipe: this.recipe, state: this.#state }
  }

  /**
   * The run as it is at the moment of the call; a step that begins before the answer changes nothing of it.
   * @throws RangeError in the middle of a step
   */
  async checkpoint(): Promise<Checkpoint> {
    if (this.#stepping) throw new RangeError('a checkpoint is taken between two steps, not in the middle of one')
    return this.#store()
  }

  /** What sampling needs of the present state. */
  weights(): Promise<StoredState> {
    return storeWeights(this.#state)
  }

  /**
   * One step: prelude or cooperative, or a roll-back instead of a step that diverged.
   * @throws AppError diverged after too many roll-backs; the last good state is what `checkpoint()` then returns
   */
  async step(): Promise<StepReport> {
    const now = this.#options.now ?? (() => performance.now())
    const started = now()
    const { step } = this.#position
    const batch = await this.#options.batches.read(step)
    // A broken batch says nothing about the data.
    this.#dataEnergy ||= halfSquaredNorm(batch)
    const tensors = batchToTensors(batch, this.recipe)
    this.#stepping = true
    try {
      await this.#keepHeadStart()
      const report = await (this.#isPrelude() ? this.#takePrelude(tensors) : this.#takeCooperative(tensors))
      this.#position = { ...this.#position, elapsedMs: this.#position.elapsedMs + now() - started }
      if (report.kind !== 'rolledBack') await this.#goods.watch(this.#position)
      return report
    } finally {
      this.#stepping = false
      tf.dispose(tensors)
    }
  }

  dispose(): void {
    disposeState(this.#state)
  }

  #isPrelude(): boolean {
    return this.#position.cooperativeSteps === 0 && this.progress < this.recipe.learning.prelude.share
  }

  async #takePrelude(tensors: ReturnType<typeof batchToTensors>): Promise<StepReport> {
    const { step } = this.#position
    const initializerRate = this.recipe.learning.prelude.rate
    const measured = preludeStep({
      recipe: this.recipe,
      state: this.#state,
      ...tensors,
      seed: this.#drawSeed(),
      step,
      initializerRate,
    })
    const [observedError] = await takeNumbers(measured)
    if (!Number.isFinite(observedError)) return this.#rollBack('observedError is not a number')
    this.#position = { ...this.#position, step: step + 1 }
    return { kind: 'prelude', step: step + 1, observedError }
  }

  async #takeCooperative(tensors: ReturnType<typeof batchToTensors>): Promise<StepReport> {
    const { recipe } = this
    const { step, cooperativeSteps, solverFactor } = this.#position
    const factor = rateFactor(recipe, this.#options.pictures, this.#position)
    const run = cooperativeStep({
      recipe,
      state: this.#state,
      ...tensors,
      seed: this.#drawSeed(),
      step,
      noisy: this.#isNoisy(step),
      solverRate: recipe.learning.solverRate * solverFactor * factor,
      initializerRate: recipe.learning.initializerRate * factor,
    })
    const metrics = await readMetrics(await drive(run, this.#options.pause))
    this.#guard ??= new DivergenceGuard({
      dataEnergy: this.#dataEnergy ?? Number.POSITIVE_INFINITY,
      gradient: GRADIENT_LIMIT[recipe.solver.units],
      gapRange: recipe.chain.normalised ? GAP_RANGE : undefined,
    })
    const trouble = this.#guard.watch(metrics)
    if (trouble) return this.#rollBack(trouble)
    this.#position = { ...this.#position, step: step + 1, cooperativeSteps: cooperativeSteps + 1 }
    this.#steer(metrics.gap)
    return { kind: 'cooperative', step: step + 1, metrics, move: this.#state.move }
  }

  /** A run that was rolled back must not meet the same numbers again. */
  #drawSeed(): number {
    return this.#position.seed + this.#position.rollbacks * 1_000_003
  }

  #isNoisy(step: number): boolean {
    const { noise } = this.recipe.chain
    if (typeof noise === 'string') return noise === 'on'
    return (step * this.recipe.learning.batch) / this.#options.pictures < noise.untilEpoch
  }

  /** The move controller: the chain goes further while observed pictures still score clearly higher than refined ones. */
  #steer(gap: number): void {
    const target = this.recipe.chain.normalised?.targetGap
    if (!target) return
    const { memory, settle, factor, lowest, highest } = CONTROLLER
    const state = this.#state
    state.gap = memory * state.gap + (1 - memory) * gap
    if (this.#position.cooperativeSteps <= settle) return
    state.move = Math.min(highest, Math.max(lowest, state.move * (state.gap > target ? factor : 1 / factor)))
  }

  async #store(): Promise<Checkpoint> {
    const position = this.#position
    return { position, state: await storeState(this.#state) }
  }

  #createGoodState(): LearningState {
    const { recipe, seed } = this.#options
    const { state } = this.#goods
    return state ? restoreState(state, { learning: true }) : createLearningState(recipe, seed)
  }

  /** The prelude's end is a good state: with a length in minutes its time would be gone after a roll-back to the start. */
  async #keepHeadStart(): Promise<void> {
    const { step, cooperativeSteps } = this.#position
    if (cooperativeSteps === 0 && step > this.#goods.position.step && !this.#isPrelude()) await this.#goods.accept()
  }

  #rollBack(trouble: string): StepReport {
    const { elapsedMs, step, solverFactor, rollbacks } = this.#position
    disposeState(this.#state)
    this.#state = this.#createGoodState()
    this.#goods.rolledBack()
    this.#guard = undefined
    this.#position = { ...this.#goods.position, elapsedMs, solverFactor: solverFactor / 2, rollbacks: rollbacks + 1 }
    if (rollbacks + 1 > MOST_ROLLBACKS)
      throw new AppError('diverged', `The run diverged ${rollbacks + 1} times; at step ${step + 1} ${trouble}.`, {
        hint: 'The last good state is kept. Try a lower --set learning.solverRate or the studio recipe.',
      })
    const back = `Rolled back to step ${this.#position.step}, halved the solver's rate and drew new random numbers.`
    return { kind: 'rolledBack', step: this.#position.step, message: `At step ${step + 1} ${trouble}. ${back}` }
  }
}

function countNumbers({ solver, initializer }: Recipe): number {
  return countParameters(solverShapes(solver)) + countParameters(initializerShapes(initializer))
}

/** E0: mean |Y|^2 / 2 of the pictures, over the pixels that may change. */
function halfSquaredNorm({ observed, mask }: Batch): number {
  const perPixel = observed.channels
  const total = observed.data.reduce(
    (sum, value, index) => sum + (mask ? mask.data[Math.floor(index / perPixel)] : 1) * value * value,
    0,
  )
  return total / (2 * observed.count)
}

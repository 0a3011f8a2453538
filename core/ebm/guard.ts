/**
 * The divergence guard: watches the signature of a run and says, in one sentence, when it has left the healthy range. The limits come from
 * measured runs, some of which had diverged unnoticed under simpler rules. Plain numbers; who keeps the checkpoints decides what to do.
 */
import type { StepMetrics } from './cooperativeStep.ts'

/** Steps whose value gap is averaged. */
const GAP_WINDOW = 5
/** Moves whose median is the usual move. */
const MOVE_WINDOW = 101
/** Steps over which the share of saturated numbers is averaged, and the share that is too much: measured starts on clothes and shoes stay under 0.0001. */
const SATURATION = { window: 20, limit: 0.2 } as const
/** Steps before the median and the normalised gap mean anything. */
const SETTLING = 60

export interface GuardLimits {
  /** E0: mean |Y|^2 / 2 of the data. A gap beyond it means the value has run away. */
  readonly dataEnergy: number
  /** The gradient signal at which a plain chain explodes: 20 at the papers' scale, 8 where the value is trained in natural units. */
  readonly gradient: number
  /** Normalised chains: the healthy range of the running value gap. */
  readonly gapRange?: { readonly low: number; readonly high: number }
}

export class DivergenceGuard {
  readonly #limits: GuardLimits
  #gaps: number[] = []
  #moves: number[] = []
  #saturations: number[] = []
  #runningGap = 0
  #steps = 0

  constructor(limits: GuardLimits) {
    this.#limits = limits
  }

  /** Why the run has diverged, or undefined while it is healthy. */
  watch(metrics: StepMetrics): string | undefined {
    this.#steps++
    const broken = Object.entries(metrics).find(([, value]) => !Number.isFinite(value))
    if (broken) return `${broken[0]} is not a number`
    if (metrics.meanPictureError > 2)
      return `the mean picture is off by ${metrics.meanPictureError.toFixed(2)} (limit 2)`
    return this.#watchPixels(metrics) ?? this.#watchChain(metrics)
  }

  /** Pixels far beyond white and black, for long: a chain that runs off without its mean picture telling. */
  #watchPixels({ saturation }: StepMetrics): string | undefined {
    const { window, limit } = SATURATION
    this.#saturations = [...this.#saturations, saturation].slice(-window)
    const mean = meanOf(this.#saturations)
    if (this.#saturations.length === window && mean > limit)
      return `${(100 * mean).toFixed(0)} % of the pixels are saturated (limit ${100 * limit} %)`
    return undefined
  }

  #watchChain(metrics: StepMetrics): string | undefined {
    return this.#limits.gapRange ? this.#watchNormalised(metrics, this.#limits.gapRange) : this.#watchPlain(metrics)
  }

  #watchPlain({ gap, move, gradientSize }: StepMetrics): string | undefined {
    this.#gaps = [...this.#gaps, gap].slice(-GAP_WINDOW)
    const mean = meanOf(this.#gaps)
    if (this.#gaps.length === GAP_WINDOW && Math.abs(mean) > this.#limits.dataEnergy)
      return `the value gap ran away to ${mean.toFixed(1)} (limit ${this.#limits.dataEnergy.toFixed(1)})`
    const { gradient } = this.#limits
    if (gradientSize > gradient) return `the gradient signal rose to ${gradientSize.toFixed(1)} (limit ${gradient})`
    const usual = median(this.#moves)
    this.#moves = [...this.#moves, move].slice(-MOVE_WINDOW)
    if (this.#steps > SETTLING && move > 2 * usual && move > 0.1)
      return `the chain moves ${move.toFixed(3)}, more than twice its usual ${usual.toFixed(3)}`
    return undefined
  }

  #watchNormalised({ gap }: StepMetrics, { low, high }: { low: number; high: number }): string | undefined {
    this.#runningGap = 0.98 * this.#runningGap + 0.02 * gap
    if (this.#steps < 4 * SETTLING) return undefined
    if (this.#runningGap > high)
      return `the value gap stays at ${this.#runningGap.toFixed(2)} (limit ${high}): the chain no longer keeps up`
    if (this.#runningGap < low)
      return `the value gap stays at ${this.#runningGap.toFixed(2)} (limit ${low}): the solver no longer tells pictures apart`
    return undefined
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function median(values: readonly number[]): number {
  if (values.length === 0) return Number.POSITIVE_INFINITY
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1]
}

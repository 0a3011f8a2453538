/**
 * A recipe is everything that decides what a training run does, as plain data: networks, chain, learning, data. It is stored with every
 * model. Each number's meaning, range and source stands in recipeOptions.ts.
 */
import type { InitializerNetwork, SolverNetwork } from './networks.ts'

export type TaskKind = 'class' | 'picture' | 'inpaint'
export type RecipeName = 'paper' | 'studio' | 'quick'
export type MaskKind = 'centre' | 'rectangles' | 'brush'

/** The Langevin chain: P1 Eq. 5 in the scaled form Y <- Y + c (dF/dY - Y) + delta U, c = delta^2 / (2 s^2). */
export interface ChainRecipe {
  /** l */
  readonly steps: number
  /** delta */
  readonly stepSize: number
  /** s, the standard deviation of the Gaussian reference. */
  readonly referenceDeviation: number
  /** The pull -Y of the Gaussian reference; without it the chain follows dF/dY alone (a departure). */
  readonly pull: boolean
  /** The term delta U: always, never, or until this epoch. */
  readonly noise: 'on' | 'off' | { readonly untilEpoch: number }
  /** Metropolis-Hastings correction of each step (both papers name it). */
  readonly metropolis: boolean
  /** No pixel moves further than this in one step; 0 is unbounded. Bounds the move, not the pixel. */
  readonly bound: number
  /** A departure: steps of the smoothed gradient, normalised so that a chain moves about `move` (root mean square). Off when absent. */
  readonly normalised?: {
    readonly move: number
    /** Smooth the gradient in space and tie its colours together. */
    readonly smooth: boolean
    /** The move follows the value gap: larger while observed pictures score more than this above refined ones. 0 switches it off. */
    readonly targetGap: number
  }
}

export interface LearningRecipe {
  readonly batch: number
  readonly solverRate: number
  readonly initializerRate: number
  readonly beta1: number
  readonly solverBeta2: number
  readonly initializerBeta2: number
  /** Gradient-norm clip; 0 is none. */
  readonly solverClip: number
  readonly initializerClip: number
  /** sigma, the standard deviation of the residual: weight 1 / (2 sigma^2) of the mapping loss. */
  readonly residualDeviation: number
  /** Chains start at g + eps, eps ~ N(0, sigma^2), while learning (P1 Algorithm 1, step 1), instead of at g. Sampling always starts at g. */
  readonly residualNoise: boolean
  /** `sum` over the numbers of a picture (P1 Eq. 8), or their `mean`. */
  readonly mappingReduction: 'sum' | 'mean'
  readonly mappingWeight: number
  /** Weight of the L1 term between the initializer's and the observed picture (P1 4.2.2). */
  readonly observedWeight: number
  /** `mapping`: learn from the refined pictures; `alternating`: alternating back-propagation on the observed ones (P1 2.2). */
  readonly initializerLearning: 'mapping' | 'alternating'
  /** The initializer learns in every n-th step. */
  readonly initializerEvery: number
  /** `difference`: P1 Eq. 6; `hinge`: relu(1 - (observed - refined)) at each position (a departure). */
  readonly objective: 'difference' | 'hinge'
  /** Weight of the mean squared value, which keeps values near zero. */
  readonly valuePenalty: number
  /** Gaussian noise added to both sides of the objective, standard deviation in picture units. */
  readonly instanceNoise: number
  /** Moving average of both networks, used for sampling; 0 is none. */
  readonly average: number
  /** Cooperative steps over which both rates rise from zero. */
  readonly warmUpSteps: number
  /** After the share `from` of the run the rates fall linearly to the share `to`; or by a factor every so many epochs. */
  readonly decay:
    | { readonly kind: 'none' }
    | { readonly kind: 'linear'; readonly from: number; readonly to: number }
    | { readonly kind: 'exponential'; readonly factor: number; readonly epochs: number }
  /** Share of the run in which the initializer alone learns, by L1 against the observed pictures, at `rate`. */
  readonly prelude: { readonly share: number; readonly rate: number }
  /** Share of labels hidden while learning, so that sampling can use guidance. Class task only. */
  readonly labelDropout: number
}

export interface DataRecipe {
  readonly mirror: boolean
  /** Resize to 286/256 of the size, then crop at random (P1 4.2.2). */
  readonly jitterCrop: boolean
  /** Inpainting: what is hidden while learning. */
  readonly mask: MaskKind
  /** Inpainting: the mask is a fourth channel of the condition. */
  readonly maskChannel: boolean
}

export type RunLength = { readonly minutes: number } | { readonly steps: number } | { readonly epochs: number }

export interface Recipe {
  readonly name: RecipeName
  readonly task: TaskKind
  readonly size: number
  readonly channels: 1 | 3
  /** The names of the classes; empty for the other tasks. */
  readonly labels: readonly string[]
  readonly initializer: InitializerNetwork
  readonly solver: SolverNetwork
  readonly chain: ChainRecipe
  readonly learning: LearningRecipe
  readonly data: DataRecipe
  readonly length: RunLength
}

/**
 * One mini-batch of cooperative learning (P1 Algorithm 1): the initializer proposes, the solver refines, the solver learns from the difference to
 * the observed pictures, the initializer learns what the solver did to its proposal.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Recipe } from '../domain/recipe.ts'
import { learnAlternating } from './alternating.ts'
import { potentialScale } from './solver.ts'
import { type Condition, drawLatent, drawNoise, type Latent } from './condition.ts'
import type { Chain } from './chain.ts'
import { initialize, keepObserved } from './initializer.ts'
import { type ChainStep, runChain } from './langevin.ts'
import { type LearningState, recordStatistics, type Statistics, takeStatistics } from './learningState.ts'
import { chainNoise, randomsOf, STREAMS } from './noise.ts'
import { absoluteError, mappingShift, objectiveShift } from './objectives.ts'
import { takeNumbers } from './readTensors.ts'

/** A number further than this from 0 counts as saturated: half the range of a picture beyond white or black. */
const SATURATED = 1.5

export interface StepInputs {
  readonly recipe: Recipe
  readonly state: LearningState
  readonly condition: Condition
  /** Y, [batch, size, size, channels] */
  readonly observed: tf.Tensor4D
  /** All randomness of this step comes from (seed, step). */
  readonly seed: number
  readonly step: number
  /** Langevin noise delta U in this step. */
  readonly noisy: boolean
  /** Rates after warm-up and decay. */
  readonly solverRate: number
  readonly initializerRate: number
}

/** What a run charts; plain numbers. Values and gradients in units of F = s^2 Phi. */
export interface StepMetrics {
  /** mean F(observed) - mean F(refined) */
  readonly gap: number
  /** Root mean square of refined - where the chain started. */
  readonly move: number
  /** mean |dF/dY| at the end of the chain. */
  readonly gradientSize: number
  /** mean (refined - g)^2: what the initializer has yet to learn. */
  readonly mappingError: number
  /** mean |observed - initial| */
  readonly observedError: number
  /** mean squared difference of the batch's mean refined and mean observed picture. */
  readonly meanPictureError: number
  /** Norm of the solver's gradient before the clip. */
  readonly solverGradient: number
  /** Share of refined numbers outside [-1.5, 1.5], of those that may move. */
  readonly saturation: number
}

/**
 * Learns from one batch. Yields every Langevin step, so that the caller may answer somebody else; returns what to chart, still on the engine: the
 * caller owns it and gives it to readMetrics. Left in the middle (return, throw) it frees every tensor and the state is as it was before.
 */
export function* cooperativeStep(inputs: StepInputs): Generator<ChainStep | undefined, tf.Tensor1D, void> {
  const { recipe, state, seed, step, observed } = inputs
  const batch = observed.shape[0]
  const condition = hideLabels(inputs)
  const latent = drawLatent(recipe.initializer, randomsOf(seed, STREAMS.latent, step, batch))
  const initial = tf.tidy(() =>
    initialize(recipe.initializer, state.initializer.parameters, latent, condition, { kind: 'batch' }),
  )
  const start = recipe.learning.residualNoise ? addResidual(inputs, initial) : initial
  const chain: Chain = {
    network: recipe.solver,
    parameters: state.solver.parameters,
    recipe: recipe.chain,
    condition,
    noise: inputs.noisy ? chainNoise(randomsOf(seed, STREAMS.chain, step, batch), observed) : undefined,
    normaliser: state.normaliser,
    move: state.move,
  }
  let refined: tf.Tensor4D | undefined
  let gradientSize: tf.Scalar | undefined
  const scaleBefore = state.normaliser.snapshot()
  const shifts: Shifts = {}
  let finished = false
  try {
    yield
    refined = yield* runChain(chain, start, ({ gradient, step: at, steps }) => {
      if (at === steps) gradientSize = tf.tidy(() => tf.mean(tf.abs(gradient)))
    })
    if (gradientSize === undefined) throw new RangeError('a chain needs at least one step')
    const drawn = { condition, latent, initial, start, refined, gradientSize }
    shifts.objective = shiftObjective(inputs, drawn)
    yield
    if (step % recipe.learning.initializerEvery === 0) {
      shifts.mapping = shiftMapping(inputs, drawn)
      yield
    }
    finished = true
    return applyShifts(inputs, drawn, { ...shifts, objective: shifts.objective })
  } finally {
    if (finished) scaleBefore?.dispose()
    else {
      state.normaliser.restore(scaleBefore)
      tf.dispose([shifts.objective, shifts.mapping] as tf.TensorContainer)
    }
    tf.dispose([
      latent as tf.Tensor[],
      initial,
      start,
      refined,
      gradientSize,
      condition === inputs.condition ? undefined : condition.label,
    ])
  }
}

/** The numbers that a step measured; disposes of the tensor. */
export async function readMetrics(measured: tf.Tensor1D): Promise<StepMetrics> {
  const [gap, move, gradientSize, mappingError, observedError, meanPictureError, solverGradient, saturation] =
    await takeNumbers(measured)
  return { gap, move, gradientSize, mappingError, observedError, meanPictureError, solverGradient, saturation }
}

/** Y_hat = g + eps, eps ~ N(0, sigma^2) (Algorithm 1, step 1), where the picture is hidden. */
function addResidual({ recipe, condition, seed, step }: StepInputs, initial: tf.Tensor4D): tf.Tensor4D {
  const randoms = randomsOf(seed, STREAMS.residual, step, initial.shape[0])
  return tf.tidy(() =>
    keepObserved(
      tf.add(initial, tf.mul(drawNoise(initial, randoms), recipe.learning.residualDeviation)) as tf.Tensor4D,
      condition,
    ),
  )
}

/** Label dropout: zeros instead of the one-hot, so that the networks also learn the unconditional pictures (guidance). */
function hideLabels({ recipe, condition, seed, step }: StepInputs): Condition {
  const share = recipe.learning.labelDropout
  const { label } = condition
  if (share === 0 || label === undefined) return condition
  const randoms = randomsOf(seed, STREAMS.labels, step, label.shape[0])
  const kept = randoms.map((random) => (random.uniform() < share ? 0 : 1))
  return { ...condition, label: tf.tidy(() => tf.mul(label, tf.tensor2d(kept, [kept.length, 1]))) }
}

interface Drawn {
  readonly condition: Condition
  readonly latent: Latent
  /** g(X, C) */
  readonly initial: tf.Tensor4D
  /** Y_hat, the same unless residual noise is added. */
  readonly start: tf.Tensor4D
  readonly refined: tf.Tensor4D
  readonly gradientSize: tf.Scalar
}

/** @returns [8], in the order in which readMetrics names them; disposes of what was learnt */
function applyShifts(
  inputs: StepInputs,
  drawn: Drawn,
  { objective, mapping }: Required<Pick<Shifts, 'objective'>> & Shifts,
): tf.Tensor1D {
  const { recipe, observed } = inputs
  const { condition, initial, start, refined } = drawn
  return tf.tidy(() => {
    const norm = updateSolver(inputs, objective)
    if (mapping) updateInitializer(inputs, mapping)
    const numbers = [
      tf.mul(objective.gap, potentialScale(recipe.solver, recipe.chain.referenceDeviation)),
      tf.sqrt(hiddenMean(tf.squaredDifference(refined, start), condition)),
      drawn.gradientSize,
      tf.mean(tf.squaredDifference(refined, initial)),
      absoluteError(initial, observed),
      tf.mean(tf.squaredDifference(tf.mean(refined, 0), tf.mean(observed, 0))),
      norm,
      hiddenMean(tf.cast(tf.greater(tf.abs(refined), SATURATED), 'float32'), condition),
    ]
    objective.gap.dispose()
    // One download for all of them.
    return tf.stack(numbers) as tf.Tensor1D
  })
}

/** Mean over the pixels that may move. */
function hiddenMean(values: tf.Tensor, { mask }: Condition): tf.Tensor {
  return mask ? tf.div(tf.mean(values), tf.maximum(tf.mean(mask), 1e-6)) : tf.mean(values)
}

type Gradients = Record<string, tf.Tensor>

interface Shifts {
  objective?: { readonly gradients: Gradients; readonly gap: tf.Scalar }
  mapping?: { readonly gradients: Gradients; readonly taken: Statistics }
}

/** Where the solver is to go. The caller owns the tensors. */
function shiftObjective(
  { recipe, state, observed, seed, step }: StepInputs,
  { condition, refined }: Drawn,
): NonNullable<Shifts['objective']> {
  const { learning } = recipe
  return tf.tidy(() => {
    let gap: tf.Scalar | undefined
    const noise = learning.instanceNoise
    const randoms = noise > 0 ? randomsOf(seed, STREAMS.instanceNoise, step, observed.shape[0]) : []
    const blurred = (picture: tf.Tensor4D) =>
      noise > 0 ? tf.add(picture, tf.mul(drawNoise(picture, randoms), noise)) : picture
    const pictures = { observed: blurred(observed) as tf.Tensor4D, refined: blurred(refined) as tf.Tensor4D }
    const { gradients } = state.solver.differentiate((parameters) => {
      const objective = objectiveShift({ network: recipe.solver, condition, ...pictures }, parameters, learning)
      gap = tf.keep(objective.gap)
      return objective.loss
    })
    return { gradients, gap: gap ?? tf.scalar(0) }
  })
}

/** Where the initializer is to go. The caller owns the tensors. */
function shiftMapping(inputs: StepInputs, drawn: Drawn): NonNullable<Shifts['mapping']> {
  const { recipe, state, observed } = inputs
  const { learning, initializer } = recipe
  const { condition, refined } = drawn
  const statistics = takeStatistics()
  const gradients = tf.tidy(() => {
    const alternating = learning.initializerLearning === 'alternating'
    const latent = alternating ? learnAlternating(inputs, condition, drawn.latent) : drawn.latent
    return state.initializer.differentiate((parameters) => {
      const again = initialize(initializer, parameters, latent, condition, { kind: 'batch', record: statistics.record })
      return mappingShift(again, alternating ? observed : refined, observed, learning)
    }).gradients
  })
  return { gradients, taken: statistics.taken }
}

/** @returns the norm of the gradient */
function updateSolver(
  { recipe: { learning }, state, solverRate }: StepInputs,
  { gradients }: { gradients: Gradients },
): tf.Scalar {
  return state.solver.update(gradients, {
    rate: solverRate,
    beta1: learning.beta1,
    beta2: learning.solverBeta2,
    clip: learning.solverClip,
    average: learning.average,
  })
}

function updateInitializer(
  { recipe: { learning }, state, initializerRate }: StepInputs,
  { gradients, taken }: NonNullable<Shifts['mapping']>,
): void {
  state.initializer
    .update(gradients, {
      rate: initializerRate,
      beta1: learning.beta1,
      beta2: learning.initializerBeta2,
      clip: learning.initializerClip,
      average: learning.average,
    })
    .dispose()
  recordStatistics(state, taken)
}

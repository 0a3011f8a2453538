/**
 * A head start for the initializer of picture tasks: before the solver joins it learns by L1 against the observed pictures alone. Published code trains
 * both from the start; with minutes to spend this saves the solver from learning to correct noise. A departure from the papers.
 */
import * as tf from '@tensorflow/tfjs-core'
import { drawLatent } from './condition.ts'
import type { StepInputs } from './cooperativeStep.ts'
import { initialize } from './initializer.ts'
import { recordStatistics, takeStatistics } from './learningState.ts'
import { randomsOf } from './noise.ts'
import { absoluteError } from './objectives.ts'

const LATENT_STREAM = 11

/** @returns mean |Y - g| of the batch before the step, [], which the caller owns */
export function preludeStep(inputs: Omit<StepInputs, 'solverRate' | 'noisy'>): tf.Scalar {
  const { recipe, state, condition, observed, seed, step, initializerRate } = inputs
  const { learning, initializer } = recipe
  return tf.tidy(() => {
    const latent = drawLatent(initializer, randomsOf(seed, LATENT_STREAM, step, observed.shape[0]))
    const statistics = takeStatistics()
    const { loss, gradients } = state.initializer.differentiate((parameters) => {
      const initial = initialize(initializer, parameters, latent, condition, {
        kind: 'batch',
        record: statistics.record,
      })
      return absoluteError(initial, observed)
    })
    state.initializer.update(gradients, {
      rate: initializerRate,
      beta1: learning.beta1,
      beta2: learning.initializerBeta2,
      clip: learning.initializerClip,
      average: learning.average,
    })
    recordStatistics(state, statistics.taken)
    return loss
  })
}

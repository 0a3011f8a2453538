/**
 * Alternating back-propagation (P1 2.2; Han et al., 2017), the initializer's other way to learn: sample the latent of the observed pictures from its
 * posterior by Langevin dynamics, then learn to map it onto them. Only for initializers with a latent vector and labels. Han et al. go on from
 * the last visit's latent of each picture; here each chain starts from the prior, because batches are drawn afresh.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Recipe } from '../domain/recipe.ts'
import type { Condition, Latent } from './condition.ts'
import { inferLatent } from './latentInference.ts'
import type { LearningState } from './learningState.ts'
import { inferenceNoise, randomsOf, STREAMS } from './noise.ts'
import { runToEnd } from './runToEnd.ts'

/** Steps and step size of the inference while learning (Han et al., 2017). */
export const ALTERNATING = { steps: 10, stepSize: 0.1 } as const

export interface AlternatingInputs {
  readonly recipe: Recipe
  readonly state: LearningState
  /** Y, [batch, size, size, channels] */
  readonly observed: tf.Tensor4D
  /** The Langevin noise comes from (seed, step). */
  readonly seed: number
  readonly step: number
}

/**
 * @param latent the prior's draw, where the chains start
 * @returns X sampled from the posterior of the observed pictures
 */
export function learnAlternating(
  { recipe, state, observed, seed, step }: AlternatingInputs,
  condition: Condition,
  latent: Latent,
): Latent {
  const network = recipe.initializer
  if (network.kind !== 'classDecoder')
    throw new RangeError('alternating back-propagation needs a latent vector and labels')
  const randoms = randomsOf(seed, STREAMS.inference, step, observed.shape[0])
  const run = inferLatent(
    {
      network,
      parameters: state.initializer.parameters,
      mode: { kind: 'batch' },
      observed,
      residualDeviation: recipe.learning.residualDeviation,
      noise: inferenceNoise(network, { latents: randoms }),
      ...ALTERNATING,
    },
    { latent: latent[0] as tf.Tensor2D },
    condition.label,
  )
  return [runToEnd(run).latent]
}

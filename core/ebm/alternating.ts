/**
 * Alternating back-propagation (P1 2.2; Han et al., 2017), the initializer's other way to learn: infer the latent of the observed pictures by
 * Langevin dynamics, then learn to map it onto them. Only for initializers with a latent vector and labels.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Recipe } from '../domain/recipe.ts'
import type { Condition, Latent } from './condition.ts'
import { inferLatent } from './latentInference.ts'
import type { LearningState } from './learningState.ts'

/** Steps and step size of the inference while learning (Han et al., 2017). */
export const ALTERNATING = { steps: 10, stepSize: 0.1 } as const

/** @returns X inferred from the observed pictures, starting from the prior's draw. */
export function learnAlternating(
  { recipe, state, observed }: { recipe: Recipe; state: LearningState; observed: tf.Tensor4D },
  condition: Condition,
  latent: Latent,
): Latent {
  const network = recipe.initializer
  if (network.kind !== 'classDecoder')
    throw new RangeError('alternating back-propagation needs a latent vector and labels')
  const run = inferLatent(
    {
      network,
      parameters: state.initializer.parameters,
      mode: { kind: 'batch' },
      observed,
      residualDeviation: recipe.learning.residualDeviation,
      ...ALTERNATING,
    },
    { latent: latent[0] as tf.Tensor2D },
    condition.label,
  )
  for (;;) {
    const next = run.next()
    if (next.done) return [next.value.latent]
  }
}

/** The two learning steps of Algorithm 1 as losses to descend: the objective shift (P1 Eq. 6) and the mapping shift (P1 Eq. 8). */
import * as tf from '@tensorflow/tfjs-core'
import { assertNever } from '../domain/errors.ts'
import type { SolverNetwork } from '../domain/networks.ts'
import type { LearningRecipe } from '../domain/recipe.ts'
import type { Condition } from './condition.ts'
import type { Parameters } from './parameters.ts'
import { combineResponses, prepareSolver, respond } from './solver.ts'

export interface ObjectiveInputs {
  readonly network: SolverNetwork
  readonly condition: Condition
  /** Y and Y-tilde, [batch, size, size, channels]; both constant. */
  readonly observed: tf.Tensor4D
  readonly refined: tf.Tensor4D
}

export interface Objective {
  /** To descend. */
  readonly loss: tf.Scalar
  /** mean Phi(observed) - mean Phi(refined), in the network's units; oscillates around 0 in a healthy run. */
  readonly gap: tf.Scalar
}

/**
 * Objective shift: raise the value of observed pictures, lower that of refined ones.
 * `difference`: mean Phi(refined) - mean Phi(observed); the Gaussian reference has no parameters and drops out.
 * `hinge`: relu(1 - (Phi(observed) - Phi(refined))) at each position, so that what is already told apart no longer counts.
 */
export function objectiveShift(
  { network, condition, observed, refined }: ObjectiveInputs,
  parameters: Parameters,
  { objective, valuePenalty }: Pick<LearningRecipe, 'objective' | 'valuePenalty'>,
): Objective {
  const prepared = prepareSolver(network, parameters, condition)
  const better = respond(network, parameters, prepared, observed)
  const worse = respond(network, parameters, prepared, refined)
  const high = combineResponses(network, prepared, better)
  const low = combineResponses(network, prepared, worse)
  const gap = tf.mean(tf.sub(high, low)) as tf.Scalar
  let loss: tf.Scalar
  switch (objective) {
    case 'difference':
      loss = tf.neg(gap)
      break
    case 'hinge':
      loss = tf.addN(
        better.map((response, scale) => hinge(response, worse[scale], network.outputScale, prepared[scale].weight)),
      )
      break
    default:
      return assertNever(objective)
  }
  if (valuePenalty > 0) {
    const squares = tf.add(tf.mean(tf.square(high)), tf.mean(tf.square(low)))
    loss = tf.add(loss, tf.mul(squares, valuePenalty))
  }
  return { loss, gap }
}

function hinge(better: tf.Tensor, worse: tf.Tensor, scale: number, weight: tf.Tensor | undefined): tf.Scalar {
  const shortfall = tf.relu(tf.sub(1, tf.mul(tf.sub(better, worse), scale)))
  return tf.mean(weight ? tf.mul(shortfall, weight) : shortfall)
}

/**
 * Mapping shift: weight |Y-tilde - g|^2 / (2 sigma^2) + observedWeight |Y - g|, per picture summed (P1 Eq. 8) or averaged over its numbers,
 * averaged over the batch.
 */
export function mappingShift(
  initial: tf.Tensor4D,
  refined: tf.Tensor4D,
  observed: tf.Tensor4D,
  recipe: Pick<LearningRecipe, 'residualDeviation' | 'mappingReduction' | 'mappingWeight' | 'observedWeight'>,
): tf.Scalar {
  const { residualDeviation, mappingReduction, mappingWeight, observedWeight } = recipe
  const numbers = mappingReduction === 'sum' ? initial.size / initial.shape[0] : 1
  const squares = tf.mul(tf.mean(tf.squaredDifference(refined, initial)), numbers)
  const mapping = tf.mul(squares, mappingWeight / (2 * residualDeviation ** 2)) as tf.Scalar
  if (observedWeight === 0) return mapping
  return tf.add(mapping, tf.mul(absoluteError(initial, observed), observedWeight * numbers))
}

/** mean |Y - g| */
export function absoluteError(initial: tf.Tensor4D, observed: tf.Tensor4D): tf.Scalar {
  return tf.mean(tf.abs(tf.sub(observed, initial)))
}

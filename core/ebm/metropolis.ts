/**
 * Metropolis-Hastings correction of a Langevin proposal (both papers name it): with q(b | a) = N(b; a + drift(a), delta^2 I), drift being
 * (delta^2 / 2) df/da or what the recipe's departures make of it,
 * log alpha = f(b) - f(a) + log q(a | b) - log q(b | a).
 */
import * as tf from '@tensorflow/tfjs-core'
import { type Chain, potentialGradient, type PreparedChain, scaledValue } from './chain.ts'
import { driftFrom } from './drift.ts'

/**
 * @param from, proposal [batch, size, size, channels]
 * @param gradient dF/dY at `from`
 * @returns log of the acceptance probability, at most 0, [batch]
 */
export function logAcceptance(
  chain: Chain,
  prepared: PreparedChain,
  from: tf.Tensor4D,
  gradient: tf.Tensor4D,
  proposal: tf.Tensor4D,
): tf.Tensor1D {
  const { referenceDeviation, stepSize } = chain.recipe
  // The proposal has taught the normaliser already.
  const frozen = { ...chain, normaliser: chain.normaliser?.frozen }
  const backGradient = potentialGradient(chain, prepared, proposal)
  const gain = tf.sub(scaledValue(chain, prepared, proposal), scaledValue(chain, prepared, from))
  const forward = squaredDistance(proposal, drift(frozen, from, gradient), chain)
  const backward = squaredDistance(from, drift(frozen, proposal, backGradient), chain)
  const proposals = tf.div(tf.sub(forward, backward), 2 * stepSize ** 2)
  return tf.minimum(0, tf.add(tf.div(gain, referenceDeviation ** 2), proposals))
}

/** The mean of the proposal that starts at y. */
function drift(chain: Chain, y: tf.Tensor4D, gradient: tf.Tensor4D): tf.Tensor4D {
  return tf.add(y, driftFrom(chain, y, gradient))
}

/** Only pixels that may move count. */
function squaredDistance(a: tf.Tensor4D, b: tf.Tensor4D, { condition }: Chain): tf.Tensor1D {
  const squares = tf.squaredDifference(a, b)
  return tf.sum(condition.mask ? tf.mul(squares, condition.mask) : squares, [1, 2, 3])
}

/** The mean of a Langevin proposal: P1 Eq. 5 without its noise, Y + c (dF/dY - Y), or what the recipe's departures make of it. */
import * as tf from '@tensorflow/tfjs-core'
import { type Chain, relaxation } from './chain.ts'
import { smoothGradient } from './smooth.ts'

/** A chain moves about `move` (root mean square) in this many normalised steps. */
const NORMALISED_STEPS = 8

/**
 * How far the mean of the proposal lies from y, masked pixels included.
 * @param y, gradient [batch, size, size, channels]; the gradient is dF/dY at y
 */
export function driftFrom(chain: Chain, y: tf.Tensor4D, gradient: tf.Tensor4D): tf.Tensor4D {
  const { recipe } = chain
  let move = recipe.normalised ? normalisedMove(chain, gradient) : tf.mul(gradient, relaxation(recipe))
  if (recipe.pull) move = tf.sub(move, tf.mul(y, relaxation(recipe)))
  if (recipe.bound > 0) move = tf.clipByValue(move, -recipe.bound, recipe.bound)
  return move as tf.Tensor4D
}

function normalisedMove(chain: Chain, gradient: tf.Tensor4D): tf.Tensor4D {
  const { recipe, normaliser, condition } = chain
  if (normaliser === undefined || recipe.normalised === undefined)
    throw new RangeError('normalised steps need a normaliser')
  let direction = recipe.normalised.smooth ? smoothGradient(gradient) : gradient
  if (condition.mask) direction = tf.mul(direction, condition.mask)
  const move = chain.move ?? recipe.normalised.move
  return tf.mul(direction, tf.div(move / NORMALISED_STEPS, normaliser.scaleOf(direction, condition.mask)))
}

/**
 * The slow solver: Langevin dynamics on the value function. P1 Eq. 5, Y <- Y + (delta^2 / 2) df/dY + delta U, written as the well-scaled
 * relaxation Y <- Y + c (dF/dY - Y) + delta U with c = delta^2 / (2 s^2).
 */
import * as tf from '@tensorflow/tfjs-core'
import { type Chain, potentialGradient, prepareChain, type PreparedChain } from './chain.ts'
import { driftFrom } from './drift.ts'
import { logAcceptance } from './metropolis.ts'
import { runToEnd } from './runToEnd.ts'

export interface ChainStep {
  /** 1 .. steps */
  readonly step: number
  readonly steps: number
  /** Y after this step. The chain owns it: clone what must outlive the next step. */
  readonly picture: tf.Tensor4D
  /** dF/dY that led here. Owned by the chain too. */
  readonly gradient: tf.Tensor4D
}

/**
 * Runs the chain from `start` ([batch, size, size, channels], not disposed of). Yields after every step and returns the refined picture, which
 * the caller owns. Leaving early (return, break, throw) frees every tensor. Do not call it inside tf.tidy.
 * @param watch sees each step before it is yielded: for a generator that passes the steps on with yield*
 */
export function* runChain(
  chain: Chain,
  start: tf.Tensor4D,
  watch?: (step: ChainStep) => void,
): Generator<ChainStep, tf.Tensor4D, void> {
  const steps = chain.steps ?? chain.recipe.steps
  const prepared = tf.tidy(() => prepareChain(chain))
  let current: { picture: tf.Tensor4D; gradient?: tf.Tensor4D } | undefined = { picture: tf.clone(start) }
  try {
    for (let step = 1; step <= steps; step++) {
      const from: tf.Tensor4D = current.picture
      const next = tf.tidy(() => advance(chain, prepared, from, step))
      tf.dispose(current)
      current = next
      const taken = { step, steps, ...next }
      watch?.(taken)
      yield taken
    }
    const refined = current.picture
    current.gradient?.dispose()
    current = undefined
    return refined
  } finally {
    tf.dispose([prepared, current])
  }
}

/** Runs the chain to its end. */
export function refine(chain: Chain, start: tf.Tensor4D): tf.Tensor4D {
  return runToEnd(runChain(chain, start))
}

function advance(
  chain: Chain,
  prepared: PreparedChain,
  y: tf.Tensor4D,
  step: number,
): { picture: tf.Tensor4D; gradient: tf.Tensor4D } {
  const gradient = potentialGradient(chain, prepared, y)
  const proposal = propose(chain, y, gradient, step)
  if (!chain.recipe.metropolis || !chain.noise) return { picture: proposal, gradient }
  const accepted = tf.greater(logAcceptance(chain, prepared, y, gradient, proposal), tf.log(chain.noise.uniform(step)))
  const everywhere = tf.tile(tf.reshape(accepted, [y.shape[0], 1, 1, 1]), [1, ...y.shape.slice(1)])
  return { picture: tf.where(everywhere, proposal, y), gradient }
}

function propose(chain: Chain, y: tf.Tensor4D, gradient: tf.Tensor4D, step: number): tf.Tensor4D {
  const { recipe, noise, condition } = chain
  let move = driftFrom(chain, y, gradient)
  if (noise) move = tf.add(move, tf.mul(noise.normal(step), recipe.stepSize))
  // Adding an exact zero leaves the observed pixels bit-identical.
  if (condition.mask) move = tf.mul(move, condition.mask)
  return tf.add(y, move)
}

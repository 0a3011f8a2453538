/**
 * Inference of what made a picture: the latent X (P1 Eq. 20) and, where the label is unknown, the label C = softmax(A) with A ~ N(0, I) (P1
 * Eq. 21), alternating X and A. Langevin dynamics on the log posterior, with the initializer differentiated by its inputs.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { ClassInitializer } from '../domain/networks.ts'
import { decodeClass } from './classDecoder.ts'
import type { BatchMode } from './layers/normalise.ts'
import type { Parameters } from './parameters.ts'

export interface Inference {
  readonly network: ClassInitializer
  readonly parameters: Parameters
  readonly mode: BatchMode
  /** Y, [batch, size, size, channels] */
  readonly observed: tf.Tensor4D
  /** sigma */
  readonly residualDeviation: number
  /** s' */
  readonly stepSize: number
  readonly steps: number
  /** Without it the inference climbs to a mode of the posterior instead of sampling it. */
  readonly noise?: InferenceNoise
}

/** U of step 1 .. steps for the latent [batch, d] and the logits [batch, K]. */
export interface InferenceNoise {
  latent(step: number): tf.Tensor2D
  logits?(step: number): tf.Tensor2D
}

export type InferenceState = {
  /** X, [batch, d] */
  readonly latent: tf.Tensor2D
  /** A, [batch, K]; only where the label is unknown. */
  readonly logits?: tf.Tensor2D
}

/**
 * Yields the state after each step; the generator owns it until the next. Returns the last state, which the caller owns.
 * @param start where the chain starts; not disposed of
 * @param label the known label [batch, K]; absent: start.logits are inferred too
 */
export function* inferLatent(
  inference: Inference,
  start: InferenceState,
  label?: tf.Tensor2D,
): Generator<InferenceState, InferenceState, void> {
  let state: InferenceState | undefined = tf.tidy(() => cloneState(start, label))
  try {
    for (let step = 1; step <= inference.steps; step++) {
      const from: InferenceState = state
      const next = tf.tidy(() => advance(inference, from, label, step))
      tf.dispose(state)
      state = next
      yield next
    }
    const last = state
    state = undefined
    return last
  } finally {
    tf.dispose(state)
  }
}

function cloneState({ latent, logits }: InferenceState, label: tf.Tensor2D | undefined): InferenceState {
  if (label === undefined && logits === undefined) throw new RangeError('an unknown label needs logits to start from')
  return label === undefined && logits
    ? { latent: tf.clone(latent), logits: tf.clone(logits) }
    : { latent: tf.clone(latent) }
}

function advance(
  inference: Inference,
  { latent, logits }: InferenceState,
  label: tf.Tensor2D | undefined,
  step: number,
): InferenceState {
  const current = label ?? labelOf(logits)
  const nextLatent = move(inference, latent, inference.noise?.latent(step), (x) => logLikelihood(inference, x, current))
  if (label !== undefined || logits === undefined) return { latent: nextLatent }
  const noise = inference.noise?.logits?.(step)
  const nextLogits = move(inference, logits, noise, (a) => logLikelihood(inference, nextLatent, labelOf(a)))
  return { latent: nextLatent, logits: nextLogits }
}

/** C = softmax(A), [batch, K] */
export function labelOf(logits: tf.Tensor2D | undefined): tf.Tensor2D {
  if (logits === undefined) throw new RangeError('no logits')
  return tf.softmax(logits)
}

/** -|Y - g(X, C)|^2 / (2 sigma^2), summed over the batch: each row's gradient is its own. */
function logLikelihood(
  { network, parameters, mode, observed, residualDeviation }: Inference,
  latent: tf.Tensor2D,
  label: tf.Tensor2D,
): tf.Scalar {
  const drawn = decodeClass(network, parameters, latent, label, mode)
  return tf.mul(tf.sum(tf.squaredDifference(observed, drawn)), -1 / (2 * residualDeviation ** 2))
}

/** x <- x + s' U + (s'^2 / 2) (d log likelihood / dx - x), the prior being N(0, I). */
function move(
  { stepSize }: Inference,
  x: tf.Tensor2D,
  noise: tf.Tensor2D | undefined,
  likelihood: (x: tf.Tensor2D) => tf.Scalar,
): tf.Tensor2D {
  const gradient = tf.grad((value) => likelihood(value as tf.Tensor2D))(x)
  const drifted = tf.add(x, tf.mul(tf.sub(gradient, x), stepSize ** 2 / 2)) as tf.Tensor2D
  return noise ? tf.add(drifted, tf.mul(noise, stepSize)) : drifted
}

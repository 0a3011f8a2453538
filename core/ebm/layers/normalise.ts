/**
 * Normalisation, explicit per call. Batch normalisation takes either the batch's own statistics (learning, as in all published code) or the
 * running averages (sampling: a sample never depends on its batch mates). Group and instance normalisation look at one example only.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Normalisation } from '../../domain/networks.ts'
import { hasKernel, runCompound, runKernel } from './kernels.ts'

/** Population variance plus this, under the root. */
const EPSILON = 1e-5
/** Consecutive channels are normalised in this many groups (Wu and He, 2018). */
const GROUPS = 8

export type BatchMode =
  /** Statistics of the batch itself; `record` receives them, for the running averages. */
  | { readonly kind: 'batch'; readonly record?: (layer: string, mean: tf.Tensor1D, variance: tf.Tensor1D) => void }
  /** Running averages: `layer/mean`, `layer/variance`. */
  | { readonly kind: 'running'; readonly statistics: Readonly<Record<string, tf.Tensor>> }

/**
 * @param x [batch, height, width, channels]
 * @param gamma, beta [channels]
 * @param layer the name under which running averages are kept
 */
export function normalise(
  x: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  kind: Exclude<Normalisation, 'none'>,
  layer: string,
  mode: BatchMode,
): tf.Tensor4D {
  const channels = x.shape[3]
  if (kind !== 'batch')
    return normaliseGroups(x, gamma, beta, kind === 'instance' ? channels : greatestDivisor(channels))
  if (mode.kind === 'running') {
    const { [`${layer}/mean`]: mean, [`${layer}/variance`]: variance } = mode.statistics
    return scaleAndShift(x, mean, variance, gamma, beta)
  }
  const { mean, variance } = tf.moments(x, [0, 1, 2])
  mode.record?.(layer, mean as tf.Tensor1D, variance as tf.Tensor1D)
  return scaleAndShift(x, mean, variance, gamma, beta)
}

function scaleAndShift(
  x: tf.Tensor4D,
  mean: tf.Tensor,
  variance: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
): tf.Tensor4D {
  const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, EPSILON)))
  return tf.add(tf.mul(tf.sub(x, mean), scale), beta)
}

/** Eight groups, or as many as divide a small number of channels. */
function greatestDivisor(channels: number): number {
  let groups = Math.min(GROUPS, channels)
  while (channels % groups !== 0) groups--
  return groups
}

function normaliseGroups(x: tf.Tensor4D, gamma: tf.Tensor1D, beta: tf.Tensor1D, groups: number): tf.Tensor4D {
  if (hasKernel('GroupNorm'))
    return runCompound('TandemGroupNorm', computeGroups, { x, gamma, beta }, { groups })[0] as tf.Tensor4D
  const [batch, height, width, channels] = x.shape
  const grouped = tf.reshape(x, [batch, height * width, groups, channels / groups])
  const { mean, variance } = tf.moments(grouped, [1, 3], true)
  const standard = tf.mul(tf.sub(grouped, mean), tf.rsqrt(tf.add(variance, EPSILON)))
  return tf.add(tf.mul(tf.reshape(standard, x.shape), gamma), beta)
}

function computeGroups(inputs: Record<string, tf.Tensor>, { groups }: tf.NamedAttrMap): tf.Tensor[] {
  return runKernel<tf.Tensor[]>('GroupNorm', inputs, { groups, epsilon: EPSILON })
}

tf.registerGradient({
  kernelName: 'TandemGroupNorm',
  inputsToSave: ['x', 'gamma'],
  outputsToSave: [false, true, true],
  gradFunc: (dy, [x, gamma, mean, rstd], { groups }) => {
    const [dx, dgamma, dbeta] = runKernel<tf.Tensor[]>(
      'GroupNormGrad',
      { dy: (dy as tf.Tensor[])[0], x, gamma, mean, rstd },
      { groups },
    )
    return { x: () => dx, gamma: () => dgamma, beta: () => dbeta }
  },
})

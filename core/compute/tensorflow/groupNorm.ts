/**
 * Group normalisation (Wu and He, 2018) and its gradient for the native engine, arranged for it: the sums run over whole channels
 * first, which TensorFlow does at the speed of memory, and only those few numbers are gathered into groups. The plain composition
 * reduces over pixels and part of the channels at once and takes several times longer than the convolution before it.
 */
import * as tf from '@tensorflow/tfjs-core'

type Inputs = Record<string, tf.Tensor>

/**
 * @param inputs x [batch, height, width, channels]; gamma, beta [channels]
 * @param attributes groups, epsilon
 * @returns y like x; mean and rstd = 1 / sqrt(population variance + epsilon), [batch, groups]
 */
export function groupNorm({ x, gamma, beta }: Inputs, attributes: tf.NamedAttrMap): tf.Tensor[] {
  const { pixels, gather, spread } = arrange(x!, Number(attributes.groups))
  const mean = gather(tf.mean(pixels, 1))
  const variance = gather(tf.mean(tf.squaredDifference(pixels, spread(mean)), 1))
  const rstd = tf.rsqrt(tf.add(variance, Number(attributes.epsilon)))
  // One factor and one summand per picture and channel: (x - mean) rstd gamma + beta.
  const factor = tf.mul(spread(rstd), gamma!)
  const summand = tf.sub(beta!, tf.mul(spread(mean), factor))
  return [tf.reshape(tf.add(tf.mul(pixels, factor), summand), x!.shape), mean, rstd]
}

/**
 * @param inputs dy and x [batch, height, width, channels]; gamma [channels]; mean and rstd as groupNorm gave them
 * @returns dx like x; dgamma and dbeta [channels]
 */
export function groupNormGradient({ dy, x, gamma, mean, rstd }: Inputs, attributes: tf.NamedAttrMap): tf.Tensor[] {
  const { pixels, gather, spread } = arrange(x!, Number(attributes.groups))
  const flow = tf.reshape(dy!, pixels.shape)
  const [wideMean, wideRstd] = [spread(mean!), spread(rstd!)]
  // Per picture and channel: sum of dy, and of dy times the standardised x; [batch, 1, channels].
  const plain = tf.sum(flow, 1, true)
  const aligned = tf.mul(tf.sub(tf.sum(tf.mul(flow, pixels), 1, true), tf.mul(wideMean, plain)), wideRstd)
  // dx = rstd (gamma dy - mean over the group of [gamma dy] - standardised x * mean over the group of [gamma dy * standardised x]).
  const count = pixels.shape[1]!
  const level = tf.mul(spread(gather(tf.div(tf.mul(plain, gamma!), count))), wideRstd)
  const slope = tf.mul(spread(gather(tf.div(tf.mul(aligned, gamma!), count))), tf.square(wideRstd))
  const summand = tf.sub(tf.mul(slope, wideMean), level)
  const dx = tf.add(tf.sub(tf.mul(flow, tf.mul(wideRstd, gamma!)), tf.mul(pixels, slope)), summand)
  return [tf.reshape(dx, x!.shape), tf.sum(aligned, [0, 1]), tf.sum(plain, [0, 1])]
}

/** x as [batch, pixels, channels], and the ways between a number per channel and the mean over its group. */
function arrange(x: tf.Tensor, groups: number) {
  const [batch = 0, height = 0, width = 0, channels = 0] = x.shape
  if (x.rank !== 4 || !Number.isInteger(groups) || groups < 1 || channels % groups !== 0)
    throw new RangeError(`group normalisation of [${x.shape.join(', ')}] in ${groups} groups`)
  const share = channels / groups
  return {
    pixels: tf.reshape(x, [batch, height * width, channels]),
    gather: (perChannel: tf.Tensor) => tf.mean(tf.reshape(perChannel, [batch, groups, share]), 2),
    spread: (perGroup: tf.Tensor) =>
      tf.reshape(tf.tile(tf.reshape(perGroup, [batch, groups, 1]), [1, 1, share]), [batch, 1, channels]),
  }
}

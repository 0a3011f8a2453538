/**
 * Smoothing of the solver's gradient: a small symmetric blur, and colours tied together (30 % own channel, 70 % the mean of all). Being symmetric
 * and positive it only changes the metric in which the chain climbs. Less speckle, measured. A departure from the papers.
 */
import * as tf from '@tensorflow/tfjs-core'

const OWN_COLOUR = 0.3
const NARROW = [1, 2, 1].map((weight) => weight / 4)
const WIDE = [1, 4, 6, 4, 1].map((weight) => weight / 16)

/** @param gradient [batch, size, size, channels] */
export function smoothGradient(gradient: tf.Tensor4D): tf.Tensor4D {
  const channels = gradient.shape[3]
  const blurred = tf.depthwiseConv2d(gradient, blurKernel(channels), 1, 'same')
  if (channels === 1) return blurred
  const mean = tf.mean(blurred, 3, true)
  return tf.add(tf.mul(blurred, OWN_COLOUR), tf.mul(mean, 1 - OWN_COLOUR))
}

/** A narrow blur plus a wide one (5x5 twice), the same for each channel: [9, 9, channels, 1]. */
function blurKernel(channels: number): tf.Tensor4D {
  const wide = convolveLines(WIDE, WIDE)
  const narrow = [0, 0, 0, ...NARROW, 0, 0, 0]
  const values = wide.flatMap((_, row) =>
    wide.flatMap((_, column) => Array<number>(channels).fill(wide[row] * wide[column] + narrow[row] * narrow[column])),
  )
  return tf.tensor4d(values, [9, 9, channels, 1])
}

function convolveLines(a: readonly number[], b: readonly number[]): number[] {
  const out = Array<number>(a.length + b.length - 1).fill(0)
  a.forEach((x, i) => b.forEach((y, j) => (out[i + j] += x * y)))
  return out
}

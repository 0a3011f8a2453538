/** Doubling and halving of feature maps. */
import * as tf from '@tensorflow/tfjs-core'
import { deconvolve } from './convolve.ts'

/**
 * How the three taps of a kernel on a doubled map fall on the four taps of a transposed convolution of stride 2: a doubled pixel is met by two taps
 * at once, so their weights add.
 */
const TAPS = [
  [0, 0, 1],
  [0, 1, 1],
  [1, 1, 0],
  [1, 0, 0],
]

/**
 * Nearest-neighbour copy to twice the size followed by a convolution k3, [batch, h, w, in] -> [batch, 2h, 2w, out], computed as one transposed
 * convolution k4 s2: the same function with four multiplications a pixel instead of nine.
 * @param kernel [3, 3, in, out]
 */
export function doubleAndConvolve(x: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D {
  const [, , incoming, outgoing] = kernel.shape
  const spread = tf.matMul(tapPairs(), tf.reshape(kernel, [9, incoming * outgoing]))
  const transposed = tf.transpose(tf.reshape(spread, [4, 4, incoming, outgoing]), [0, 1, 3, 2]) as tf.Tensor4D
  return deconvolve(x, transposed, x.shape[1] * 2)
}

/** The taps in both directions: [16, 9]. */
function tapPairs(): tf.Tensor2D {
  return tf.tensor2d(TAPS.flatMap((row) => TAPS.map((column) => row.flatMap((r) => column.map((c) => r * c)))))
}

/** Mean of 2x2 blocks: [batch, h, w, c] -> [batch, h / 2, w / 2, c]. */
export function halve(x: tf.Tensor4D): tf.Tensor4D {
  return tf.avgPool(x, 2, 2, 'valid')
}

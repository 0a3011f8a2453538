/**
 * A small known-answer test of the current backend: whole numbers, which float32 adds exactly in any order.
 */
import * as tf from '@tensorflow/tfjs-core'

/** Undefined when the answers are right, else a sentence about the first that is wrong. */
export async function proveEngine(): Promise<string | undefined> {
  const counting = (count: number, modulus: number): Float32Array =>
    Float32Array.from({ length: count }, (_, i) => (i % modulus) - 2)
  const [a, b] = [counting(12 * 20, 5), counting(20 * 9, 7)]
  const [picture, kernel] = [counting(2 * 6 * 6 * 3, 5), counting(3 * 3 * 3 * 4, 7)]

  const product = tf.tidy(() => tf.matMul(tf.tensor2d(a, [12, 20]), tf.tensor2d(b, [20, 9])))
  const convolution = tf.tidy(() =>
    tf.conv2d(tf.tensor4d(picture, [2, 6, 6, 3]), tf.tensor4d(kernel, [3, 3, 3, 4]), 1, 'valid'),
  )
  const gradient = tf.tidy(() =>
    tf.conv2dTranspose(tf.onesLike(convolution), tf.tensor4d(kernel, [3, 3, 3, 4]), [2, 6, 6, 3], 1, 'valid'),
  )
  try {
    if (!isSame(await product.data(), multiply(a, b, 12, 20, 9))) return 'it multiplies matrices wrongly'
    if (!isSame(await convolution.data(), convolve(picture, kernel))) return 'it convolves wrongly'
    // For a linear map A: sum(A x) = <x, A^T 1>.
    const adjoint = await gradient.data()
    const total = convolve(picture, kernel).reduce((sum, value) => sum + value, 0)
    return picture.reduce((sum, value, i) => sum + value * adjoint[i]!, 0) === total
      ? undefined
      : 'its transposed convolution is wrong'
  } finally {
    tf.dispose([product, convolution, gradient])
  }
}

function isSame(actual: ArrayLike<number>, expected: Float32Array): boolean {
  return actual.length === expected.length && expected.every((value, i) => value === actual[i])
}

function multiply(a: Float32Array, b: Float32Array, rows: number, inner: number, columns: number): Float32Array {
  const product = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let i = 0; i < inner; i++) product[row * columns + column]! += a[row * inner + i]! * b[i * columns + column]!
    }
  }
  return product
}

/** [2, 6, 6, 3] by [3, 3, 3, 4] without padding -> [2, 4, 4, 4]. */
function convolve(picture: Float32Array, kernel: Float32Array): Float32Array {
  const output = new Float32Array(2 * 4 * 4 * 4)
  for (let i = 0; i < output.length; i++) {
    const [filter, x, y, image] = [i % 4, (i >> 2) % 4, (i >> 4) % 4, i >> 6]
    for (let tap = 0; tap < 27; tap++) {
      const [channel, dx, dy] = [tap % 3, Math.floor(tap / 3) % 3, Math.floor(tap / 9)]
      output[i]! += picture[((image * 6 + y + dy) * 6 + x + dx) * 3 + channel]! * kernel[tap * 4 + filter]!
    }
  }
  return output
}

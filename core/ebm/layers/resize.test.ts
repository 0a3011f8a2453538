import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { randomTensor, relativeDifference, useCpu } from '../testing.ts'
import './gradients.ts'
import { doubleAndConvolve, halve } from './resize.ts'

beforeAll(useCpu)

type Map4 = tf.Tensor4D

/** Every pixel four times, in plain ops that every backend differentiates rightly. */
function copies(x: tf.Tensor): Map4 {
  const [batch, height, width, channels] = x.shape
  const tall = tf.reshape(tf.stack([x, x], 2), [batch, height * 2, width, channels])
  return tf.reshape(tf.stack([tall, tall], 3), [batch, height * 2, width * 2, channels])
}

describe('doubleAndConvolve', () => {
  it.each([1, 2, 5])('is the convolution of every pixel copied four times, gradients included (%i pixels)', (size) =>
    tf.tidy(() => {
      const inputs = [randomTensor([3, size, size, 4], 1), randomTensor([3, 3, 4, 2], 2)]
      const weight = randomTensor([3, 2 * size, 2 * size, 2], 3)
      const ours = (x: tf.Tensor, kernel: tf.Tensor) => doubleAndConvolve(x as Map4, kernel as Map4)
      const literal = (x: tf.Tensor, kernel: tf.Tensor) => tf.conv2d(copies(x), kernel as Map4, 1, 'same')
      expect(relativeDifference(ours(inputs[0], inputs[1]), literal(inputs[0], inputs[1]))).toBeLessThan(1e-5)
      const differentiate = (f: typeof literal) =>
        tf.grads((...all: tf.Tensor[]) => tf.sum(tf.mul(f(all[0], all[1]), weight)))(inputs)
      const expected = differentiate(literal)
      differentiate(ours).forEach((gradient, index) =>
        expect(relativeDifference(gradient, expected[index])).toBeLessThan(1e-5),
      )
    }),
  )
})

describe('halve', () => {
  it('takes the mean of 2x2 blocks', () => {
    expect([
      ...halve(tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], [1, 4, 4, 1])).dataSync(),
    ]).toEqual([3.5, 5.5, 11.5, 13.5])
  })
})

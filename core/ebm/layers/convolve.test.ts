import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Activation } from '../../domain/networks.ts'
import { randomTensor, relativeDifference, useCpu } from '../testing.ts'
import { convolve, deconvolve } from './convolve.ts'
import './gradients.ts'

type Map4 = tf.Tensor4D
const FORWARD = 1e-5

const plain: Record<Activation, (x: tf.Tensor) => tf.Tensor> = {
  linear: (x) => x,
  relu: (x) => tf.relu(x),
  leakyRelu: (x) => tf.maximum(x, tf.mul(x, 0.2)),
  silu: (x) => tf.mul(x, tf.sigmoid(x)),
}

beforeAll(useCpu)

describe('convolve', () => {
  const cases = (['linear', 'relu', 'leakyRelu', 'silu'] as const).flatMap((activation) =>
    [
      [3, 1, 6],
      [5, 2, 7],
      [4, 2, 8],
    ].map(([kernel, stride, size]) => [activation, kernel, stride, size] as const),
  )

  it.each(cases)(
    '%s, kernel %i, stride %i on %i pixels: value and gradients of plain ops',
    (activation, k, stride, size) =>
      tf.tidy(() => {
        const inputs = [randomTensor([2, size, size, 3], 1), randomTensor([k, k, 3, 4], 2, 0.3), randomTensor([4], 3)]
        const weight = randomTensor([2, Math.ceil(size / stride), Math.ceil(size / stride), 4], 4)
        const ours = (x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) =>
          convolve(x as Map4, kernel as Map4, bias as tf.Tensor1D, stride, activation)
        const reference = (x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) =>
          plain[activation](tf.add(tf.conv2d(x as Map4, kernel as Map4, stride, 'same'), bias))
        const [x, kernel, bias] = inputs
        expect(relativeDifference(ours(x, kernel, bias), reference(x, kernel, bias))).toBeLessThan(FORWARD)
        const differentiate = (f: typeof reference) =>
          tf.grads((...all: tf.Tensor[]) => tf.sum(tf.mul(f(all[0], all[1], all[2]), weight)))(inputs)
        const expected = differentiate(reference)
        differentiate(ours).forEach((gradient, index) =>
          expect(relativeDifference(gradient, expected[index])).toBeLessThan(FORWARD),
        )
      }),
  )

  it.each(['linear', 'relu', 'leakyRelu', 'silu'] as const)('%s without bias', (activation) =>
    tf.tidy(() => {
      const [x, kernel] = [randomTensor([1, 5, 5, 2], 1) as Map4, randomTensor([3, 3, 2, 3], 2) as Map4]
      const expected = plain[activation](tf.conv2d(x, kernel, 2, 'same'))
      expect(relativeDifference(convolve(x, kernel, undefined, 2, activation), expected)).toBeLessThan(FORWARD)
    }),
  )

  it('has the gradient that differences show', () =>
    tf.tidy(() => {
      const [x, kernel, bias] = [
        randomTensor([1, 6, 6, 2], 1) as Map4,
        randomTensor([5, 5, 2, 3], 2, 0.3) as Map4,
        randomTensor([3], 3) as tf.Tensor1D,
      ]
      const value = (picture: tf.Tensor) =>
        tf.sum(tf.square(convolve(picture as Map4, kernel, bias, 2, 'silu'))) as tf.Scalar
      const gradient = tf.grad(value)(x)
      const direction = randomTensor(x.shape, 9)
      const along = tf.sum(tf.mul(gradient, direction)).dataSync()[0]
      const at = (share: number) => value(tf.add(x, tf.mul(direction, share))).dataSync()[0]
      expect((at(0.01) - at(-0.01)) / 0.02 / along).toBeCloseTo(1, 2)
    }))

  it('computes no weight gradient and keeps no tensor when only the picture is asked for', () => {
    const kernel = randomTensor([3, 3, 2, 3], 2) as Map4
    const bias = randomTensor([3], 3) as tf.Tensor1D
    const x = randomTensor([1, 6, 6, 2], 1)
    const before = tf.memory().numTensors
    const gradient = tf.grad((y) => tf.sum(convolve(y as Map4, kernel, bias, 1, 'relu')))(x)
    expect(tf.memory().numTensors).toBe(before + 1)
    tf.dispose([gradient, kernel, bias, x])
  })
})

describe('deconvolve', () => {
  // From, kernel, to: the decoders of all recipes, and the U-Net's step from 1x1.
  it.each([
    [1, 4, 4],
    [1, 4, 2],
    [2, 4, 4],
    [4, 4, 7],
    [4, 5, 8],
    [7, 4, 14],
  ])('from %i with kernel %i to %i: the transpose of a convolution, gradients included', (from, k, to) =>
    tf.tidy(() => {
      const x = randomTensor([2, from, from, 3], 1) as Map4
      const kernel = randomTensor([k, k, 2, 3], 2) as Map4
      const drawn = deconvolve(x, kernel, to)
      expect(drawn.shape).toEqual([2, to, to, 2])
      const stride = to === k && from === 1 ? 1 : Math.ceil(to / from)
      const down = (picture: tf.Tensor, weights: tf.Tensor) =>
        tf.conv2d(picture as Map4, weights as Map4, stride, stride === 1 ? 'valid' : 'same')
      // <deconvolve(x), picture> = <x, convolve(picture)> for every picture.
      const picture = randomTensor([2, to, to, 2], 3)
      const inner = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.mul(a, b))
      const [left, right] = [inner(drawn, picture), inner(x, down(picture, kernel))]
      expect(relativeDifference(left, right)).toBeLessThan(FORWARD)
      const [dx, dkernel] = tf.grads((value, weights) =>
        inner(deconvolve(value as Map4, weights as Map4, to), picture),
      )([x, kernel])
      expect(relativeDifference(dx, down(picture, kernel))).toBeLessThan(FORWARD)
      const expected = tf.grad((weights) => inner(x, down(picture, weights)))(kernel)
      expect(relativeDifference(dkernel, expected)).toBeLessThan(FORWARD)
    }),
  )
})

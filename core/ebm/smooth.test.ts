import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { smoothGradient } from './smooth.ts'
import { randomTensor, useCpu } from './testing.ts'

beforeAll(useCpu)

describe('smoothGradient', () => {
  const inner = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.mul(a, b)).dataSync()[0]

  it.each([1, 3])('is symmetric and positive: another metric, the same summits (%i channels)', (channels) =>
    tf.tidy(() => {
      const [a, b] = [1, 2].map((seed) => randomTensor([1, 12, 12, channels], seed) as tf.Tensor4D)
      expect(inner(a, smoothGradient(b)) / inner(smoothGradient(a), b)).toBeCloseTo(1, 4)
      for (let seed = 3; seed < 13; seed++) {
        const v = randomTensor([1, 12, 12, channels], seed) as tf.Tensor4D
        expect(inner(v, smoothGradient(v))).toBeGreaterThan(0)
      }
    }),
  )

  it('blurs one point into its neighbourhood and ties the colours', () =>
    tf.tidy(() => {
      const point = tf.buffer([1, 17, 17, 3])
      point.set(1, 0, 8, 8, 0)
      const blurred = smoothGradient(point.toTensor() as tf.Tensor4D)
      const [red, green, blue] = [0, 1, 2].map((channel) => tf.slice(blurred, [0, 0, 0, channel], [1, 17, 17, 1]))
      const [sumRed, sumGreen] = [tf.sum(red).dataSync()[0], tf.sum(green).dataSync()[0]]
      expect(sumRed + 2 * sumGreen).toBeCloseTo(2, 5)
      expect(sumRed / sumGreen).toBeCloseTo((0.3 + 0.7 / 3) / (0.7 / 3), 4)
      expect([...green.dataSync()]).toEqual([...blue.dataSync()])
      expect([...red.dataSync()]).toEqual([...tf.transpose(red, [0, 2, 1, 3]).dataSync()])
      const values = red.dataSync()
      expect(Math.max(...values)).toBe(values[8 * 17 + 8])
      expect(values[8 * 17 + 3]).toBe(0)
    }))
})

import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { randomTensor, relativeDifference, useCpu } from '../testing.ts'
import { normalise } from './normalise.ts'
import './gradients.ts'

beforeAll(useCpu)

const batch = { kind: 'batch' } as const
const ones = (channels: number) => tf.ones([channels]) as tf.Tensor1D
const zeros = (channels: number) => tf.zeros([channels]) as tf.Tensor1D

/** Mean and variance of chosen numbers of x. */
function momentsOf(x: tf.Tensor4D, chosen: (example: number, channel: number) => boolean): [number, number] {
  const [, height, width, channels] = x.shape
  const values = [...x.dataSync()].filter((_, index) =>
    chosen(Math.floor(index / (height * width * channels)), index % channels),
  )
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length]
}

describe('normalise', () => {
  it('group: consecutive channels of one example have mean 0 and variance 1 together', () =>
    tf.tidy(() => {
      const x = tf.add(tf.mul(randomTensor([3, 4, 4, 16], 1), 5), 7) as tf.Tensor4D
      const y = normalise(x, ones(16), zeros(16), 'group', 'layer', batch)
      for (let group = 0; group < 8; group++) {
        const [mean, variance] = momentsOf(y, (example, channel) => example === 1 && channel >> 1 === group)
        expect(Math.abs(mean)).toBeLessThan(1e-5)
        expect(Math.abs(variance - 1)).toBeLessThan(1e-4)
      }
      // Not each channel alone.
      const [alone] = momentsOf(y, (example, channel) => example === 1 && channel === 0)
      expect(Math.abs(alone)).toBeGreaterThan(1e-3)
    }))

  it('group: as many groups as divide a small number of channels', () =>
    tf.tidy(() => {
      const x = randomTensor([1, 4, 4, 12], 1) as tf.Tensor4D
      const y = normalise(x, ones(12), zeros(12), 'group', 'layer', batch)
      const [mean, variance] = momentsOf(y, (_, channel) => channel < 2)
      expect(Math.abs(mean)).toBeLessThan(1e-5)
      expect(Math.abs(variance - 1)).toBeLessThan(1e-3)
    }))

  it('instance: each channel of each example alone', () =>
    tf.tidy(() => {
      const x = tf.add(randomTensor([2, 5, 5, 3], 1), randomTensor([2, 1, 1, 3], 2, 4)) as tf.Tensor4D
      const y = normalise(x, ones(3), zeros(3), 'instance', 'layer', batch)
      const [mean, variance] = momentsOf(y, (example, channel) => example === 1 && channel === 2)
      expect(Math.abs(mean)).toBeLessThan(1e-5)
      expect(Math.abs(variance - 1)).toBeLessThan(1e-4)
    }))

  it('batch: the statistics of the batch while learning, recorded, and the running ones when sampling', () =>
    tf.tidy(() => {
      const x = tf.add(tf.mul(randomTensor([4, 3, 3, 2], 1), 3), 1) as tf.Tensor4D
      const taken: Record<string, tf.Tensor> = {}
      const record = (layer: string, mean: tf.Tensor1D, variance: tf.Tensor1D) =>
        Object.assign(taken, { [`${layer}/mean`]: mean, [`${layer}/variance`]: variance })
      const [gamma, beta] = [tf.tensor1d([2, 0.5]), tf.tensor1d([0.3, -1])]
      const y = normalise(x, gamma, beta, 'batch', 'deconv1', { kind: 'batch', record })
      const [mean, variance] = momentsOf(y, (_, channel) => channel === 0)
      expect(mean).toBeCloseTo(0.3, 5)
      expect(variance).toBeCloseTo(4, 3)
      const [inputMean, inputVariance] = momentsOf(x, (_, channel) => channel === 1)
      expect(taken['deconv1/mean'].dataSync()[1]).toBeCloseTo(inputMean, 5)
      // Population variance.
      expect(taken['deconv1/variance'].dataSync()[1]).toBeCloseTo(inputVariance, 4)
      const sampled = normalise(x, gamma, beta, 'batch', 'deconv1', { kind: 'running', statistics: taken })
      expect(relativeDifference(sampled, y)).toBeLessThan(1e-6)
      const alone = normalise(tf.slice(x, [1, 0, 0, 0], [1, -1, -1, -1]), gamma, beta, 'batch', 'deconv1', {
        kind: 'running',
        statistics: taken,
      })
      expect([...alone.dataSync()]).toEqual([...tf.slice(sampled, [1, 0, 0, 0], [1, -1, -1, -1]).dataSync()])
    }))

  it.each(['batch', 'group', 'instance'] as const)('%s: has the gradient that differences show', (kind) =>
    tf.tidy(() => {
      const inputs = [randomTensor([2, 3, 3, 4], 1), randomTensor([4], 2), randomTensor([4], 3)]
      const weight = randomTensor([2, 3, 3, 4], 4)
      const value = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) => {
        const y = normalise(x as tf.Tensor4D, gamma as tf.Tensor1D, beta as tf.Tensor1D, kind, 'layer', batch)
        return tf.sum(tf.mul(tf.square(y), weight))
      }
      const gradients = tf.grads((...all: tf.Tensor[]) => value(all[0], all[1], all[2]))(inputs)
      gradients.forEach((gradient, changed) => {
        const direction = randomTensor(inputs[changed].shape, 9)
        const along = tf.sum(tf.mul(gradient, direction)).dataSync()[0]
        const at = (share: number) => {
          const moved = inputs.map((input, index) =>
            index === changed ? tf.add(input, tf.mul(direction, share)) : input,
          )
          return value(moved[0], moved[1], moved[2]).dataSync()[0]
        }
        expect(Math.abs((at(0.005) - at(-0.005)) / 0.01 - along)).toBeLessThan(0.01 * Math.max(1, Math.abs(along)))
      })
    }),
  )
})

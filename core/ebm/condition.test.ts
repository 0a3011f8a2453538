import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../domain/random.ts'
import { drawLatent, drawNoise, latentShapes, oneHot } from './condition.ts'
import { encodeCondition } from './uNet.ts'
import { requestOf, smallRecipe, useCpu, zeroParameters } from './testing.ts'
import { initializerShapes } from './initializer.ts'

beforeAll(useCpu)

describe('oneHot', () => {
  it('marks the label of each row, and hides -1', () => {
    expect(oneHot([2, -1, 0], 3).arraySync()).toEqual([
      [0, 0, 1],
      [0, 0, 0],
      [1, 0, 0],
    ])
    expect(oneHot(Int32Array.of(1), 2).shape).toEqual([1, 2])
  })

  it.each([3, -2, 0.5, Number.NaN])('refuses the label %s', (label) => {
    expect(() => oneHot([0, label], 3)).toThrow(new RangeError(`label ${label} of 3 classes`))
  })
})

describe('latents', () => {
  it.each([
    ['class', smallRecipe('quick', requestOf('class')).initializer],
    ['dropout', smallRecipe('paper', requestOf('picture')).initializer],
    ['naive', smallRecipe('paper', requestOf('picture', { naive: true })).initializer],
  ])('%s: example i depends on its own source alone', (_, network) => {
    const sources = (seeds: number[]) => seeds.map((seed) => new Random(seed, 1))
    const together = drawLatent(network, sources([4, 5, 6]))
    const alone = drawLatent(network, sources([5]))
    expect(together).toHaveLength(latentShapes(network).length)
    together.forEach((tensor, index) => {
      expect(tensor.shape.slice(1)).toEqual([...latentShapes(network)[index].shape])
      const row = tf.slice(tensor, [1], [1])
      expect([...row.dataSync()]).toEqual([...alone[index].dataSync()])
    })
  })

  it('keeps each activation with the right share and the right weight, where the decoder has its maps', () => {
    const { initializer } = smallRecipe('paper', requestOf('picture'), { size: 16 })
    if (initializer.kind !== 'uNet') throw new Error('another network')
    const network = { ...initializer, dropout: 0.3 }
    const masks = drawLatent(
      network,
      Array.from({ length: 40 }, (_, seed) => new Random(seed)),
    )
    const maps = encodeCondition(network, zeroParameters(initializerShapes(network)), tf.zeros([1, 16, 16, 3]), {
      kind: 'batch',
    })
    masks.forEach((mask, layer) => {
      // The decoder's layer has the size and the channels of the skip that joins it.
      expect(mask.shape.slice(1)).toEqual(maps[network.channels.length - 2 - layer].shape.slice(1))
      const values = [...mask.dataSync()]
      expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / 0.7)]))
      const share = values.filter((value) => value === 0).length / values.length
      expect(Math.abs(share - 0.3)).toBeLessThan(5 * Math.sqrt(0.21 / values.length))
    })
  })
})

describe('drawNoise', () => {
  it('has the shape of its example and depends on the source of each row', () => {
    const like = tf.zeros([2, 3, 3, 1]) as tf.Tensor4D
    const noise = drawNoise(like, [new Random(1), new Random(2)])
    expect(noise.shape).toEqual([2, 3, 3, 1])
    expect([...noise.dataSync()].slice(9)).toEqual([...new Random(2).normals(9)])
  })
})

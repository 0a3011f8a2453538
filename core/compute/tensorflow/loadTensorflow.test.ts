import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listBuilds } from './engineFolder.ts'
import { openTensorflow, type TensorflowEngine } from './loadTensorflow.ts'

const isHere = listBuilds().length > 0
if (!isHere)
  process.stdout.write('Not run: the tests of the native engine. Bring it with "npm run engine:tensorflow".\n')

it('refuses a number of threads that cannot be', async () => {
  for (const threads of [0, 1.5, NaN]) await expect(openTensorflow({ threads })).rejects.toThrow(RangeError)
})

it('says when the library does not load', async () => {
  await expect(openTensorflow({ folder: '/nowhere' })).rejects.toMatchObject({
    code: 'engine-unavailable',
    hint: expect.stringContaining('npm run engine:tensorflow'),
  })
})

describe.skipIf(!isHere)('the native engine', () => {
  let engine: TensorflowEngine
  beforeAll(async () => {
    // Keeps tfjs's JavaScript backend, the witness, from advertising the native one.
    tf.env().set('IS_TEST', true)
    engine = await openTensorflow({ threads: 2 })
  })
  afterAll(() => engine.close())

  it('is the current backend of the tfjs-core that everybody imports', () => {
    expect(tf.getBackend()).toBe('tensorflow')
    expect(engine.version).toBe('2.21.0')
    expect(Array.from(tf.tidy(() => tf.matMul([[1, 2]], [[3], [4]])).dataSync())).toEqual([11])
  })

  /** Numbers that repeat, with zeros and both signs, and no symmetry. */
  function numbers(shape: number[], seed: number): tf.Tensor {
    const size = shape.reduce((product, length) => product * length, 1)
    return tf.tensor(
      Float32Array.from({ length: size }, (_, i) => (((i + seed) * 7919) % 23) / 8 - 1),
      shape,
    )
  }

  /** The greatest difference from tfjs's own JavaScript backend, in units of its greatest value. */
  async function compare(compute: () => tf.Tensor): Promise<number> {
    const results: Float32Array[] = []
    for (const backend of ['cpu', 'tensorflow']) {
      await tf.setBackend(backend)
      results.push(tf.tidy(() => Float32Array.from(compute().dataSync())))
    }
    const [expected, actual] = results as [Float32Array, Float32Array]
    expect(actual.length).toBe(expected.length)
    const greatest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30)
    return expected.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i]!)), 0) / greatest
  }

  it.each([
    [[3, 3, 5, 6], 2, 'same'],
    [[4, 4, 5, 6], 2, 'same'],
    [[5, 5, 5, 6], 1, 'same'],
    [[3, 3, 5, 6], 1, 'valid'],
  ] as const)('convolves with kernel %o, stride %i, %s, and back, like tfjs', async (kernel, stride, padding) => {
    const forward = (x: tf.Tensor, w: tf.Tensor): tf.Tensor =>
      tf.sum(tf.square(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, padding)))
    const [x, w] = [() => numbers([2, 9, 8, 5], 1), () => numbers([...kernel], 2)]
    expect(await compare(() => forward(x(), w()))).toBeLessThan(1e-5)
    expect(await compare(() => tf.grads(forward)([x(), w()])[0]!)).toBeLessThan(1e-5)
    expect(await compare(() => tf.grads(forward)([x(), w()])[1]!)).toBeLessThan(1e-5)
  })

  it.each(['linear', 'relu', 'sigmoid', 'elu', 'leakyrelu'] as const)(
    'fuses a convolution with bias and %s like tfjs',
    async (activation) => {
      const fused = (): tf.Tensor =>
        tf.fused.conv2d({
          ...{ x: numbers([2, 7, 7, 5], 1) as tf.Tensor4D, filter: numbers([3, 3, 5, 6], 2) as tf.Tensor4D },
          ...{ strides: 2, pad: 'same', bias: numbers([6], 3), activation, leakyreluAlpha: 0.3 },
        })
      expect(await compare(fused)).toBeLessThan(1e-5)
    },
  )

  it.each([
    ['nearest', (x: tf.Tensor4D) => tf.image.resizeNearestNeighbor(x, [10, 6])],
    ['bilinear', (x: tf.Tensor4D) => tf.image.resizeBilinear(x, [10, 6])],
    [
      'transposed',
      (x: tf.Tensor4D) => tf.conv2dTranspose(x, numbers([4, 4, 2, 3], 5) as tf.Tensor4D, [2, 10, 6, 2], 2, 'same'),
    ],
    ['halved', (x: tf.Tensor4D) => tf.avgPool(x, 2, 2, 'same')],
  ] as const)('resizes (%s) like tfjs, and goes back', async (_, resize) => {
    const x = () => numbers([2, 5, 3, 3], 1) as tf.Tensor4D
    expect(await compare(() => resize(x()))).toBeLessThan(1e-5)
    // <A x, w> = <x, A^T w>. tfjs's own gradient is no witness here: it confuses height and width.
    const [image, back] = tf.tidy(() => {
      const weights = numbers(resize(x()).shape, 3)
      const weigh = (y: tf.Tensor): tf.Scalar => tf.sum(tf.mul(resize(y as tf.Tensor4D), weights))
      return [weigh(x()).dataSync()[0]!, tf.sum(tf.mul(x(), tf.grad(weigh)(numbers([2, 5, 3, 3], 8)))).dataSync()[0]!]
    })
    expect(back).toBeCloseTo(image, 3)
  })

  /** The native kernel where it is known, the composition elsewhere: what the networks do. */
  function run(
    name: string,
    inputs: tf.NamedTensorMap,
    composition: () => tf.Tensor,
    attributes: tf.NamedAttrMap = {},
  ): tf.Tensor {
    return tf.getKernel(name, tf.getBackend()) ? tf.engine().runKernel(name, inputs, attributes) : composition()
  }

  const shape = [2, 3, 3, 5]
  const cases: Record<string, () => tf.Tensor> = {
    BiasAdd: () => {
      const [x, bias] = [numbers(shape, 1), numbers([5], 2)]
      return run('BiasAdd', { x, bias }, () => tf.add(x, bias))
    },
    BiasAddGrad: () => {
      const dy = numbers(shape, 1)
      return run('BiasAddGrad', { dy }, () => tf.sum(dy, [0, 1, 2]))
    },
    ReluGrad: () => {
      const [dy, y] = [numbers(shape, 1), tf.relu(numbers(shape, 2))]
      return run('ReluGrad', { dy, y }, () => tf.mul(dy, tf.step(y)))
    },
    LeakyReluGrad: () => {
      const [dy, y] = [numbers(shape, 1), tf.leakyRelu(numbers(shape, 2), 0.2)]
      const composition = () => tf.where(tf.greater(y, 0), dy, tf.mul(dy, 0.2))
      return run('LeakyReluGrad', { dy, y }, composition, { alpha: 0.2 })
    },
    SiluGrad: () => {
      const [dy, x] = [numbers(shape, 1), numbers(shape, 2)]
      return run('SiluGrad', { dy, x }, () => tf.grad((v: tf.Tensor) => tf.mul(v, tf.sigmoid(v)))(x, dy))
    },
  }

  describe.each([1, 2, 6])('group normalisation in %i groups', (groups) => {
    const [batch, height, width, channels] = [3, 4, 5, 6]
    const inputs = () => ({ x: numbers([3, 4, 5, 6], 1), gamma: numbers([6], 2), beta: numbers([6], 3) })

    function compose({ x, gamma, beta }: Record<'x' | 'gamma' | 'beta', tf.Tensor>): tf.Tensor {
      const grouped = tf.reshape(x, [batch, height * width, groups, channels / groups])
      const { mean, variance } = tf.moments(grouped, [1, 3], true)
      const standard = tf.mul(tf.sub(grouped, mean), tf.rsqrt(tf.add(variance, 1e-5)))
      return tf.add(tf.mul(tf.reshape(standard, x.shape), gamma), beta)
    }

    const forward = (): tf.Tensor[] => tf.engine().runKernel('GroupNorm', inputs(), { groups, epsilon: 1e-5 })

    it('gives what the composition gives', async () => {
      expect(await compare(() => (tf.getBackend() === 'cpu' ? compose(inputs()) : forward()[0]!))).toBeLessThan(1e-5)
    })

    it.each(['x', 'gamma', 'beta'] as const)('has its gradient to %s', async (name) => {
      const dy = () => numbers([3, 4, 5, 6], 4)
      const composed = (): tf.Tensor =>
        tf.grad((value: tf.Tensor) => compose({ ...inputs(), [name]: value }))(inputs()[name], dy())
      const own = (): tf.Tensor => {
        const [, mean, rstd] = forward() as [tf.Tensor, tf.Tensor, tf.Tensor]
        const { x, gamma } = inputs()
        const gradients: tf.Tensor[] = tf
          .engine()
          .runKernel('GroupNormGrad', { dy: dy(), x, gamma, mean, rstd }, { groups })
        return gradients[['x', 'gamma', 'beta'].indexOf(name)]!
      }
      expect(await compare(() => (tf.getBackend() === 'cpu' ? composed() : own()))).toBeLessThan(1e-5)
    })
  })

  it('refuses groups that do not divide the channels', async () => {
    await tf.setBackend('tensorflow')
    const inputs = { x: tf.ones([1, 2, 2, 6]), gamma: tf.ones([6]), beta: tf.ones([6]) }
    expect(() => tf.engine().runKernel('GroupNorm', inputs, { groups: 4, epsilon: 1e-5 })).toThrow('4 groups')
    tf.dispose(inputs)
  })

  it.each(Object.keys(cases))('has %s, equal to its composition', async (name) => {
    expect(tf.getKernel(name, 'tensorflow')).toBeDefined()
    expect(await compare(cases[name]!)).toBeLessThan(1e-6)
  })

  it('names an input that a kernel misses', async () => {
    await tf.setBackend('tensorflow')
    expect(() => tf.engine().runKernel('ReluGrad', { dy: tf.scalar(1) })).toThrow('"y"')
  })

  it('opens again after it was closed', async () => {
    engine.close()
    expect(tf.findBackendFactory('tensorflow')).toBeNull()
    engine = await openTensorflow()
    expect(tf.getBackend()).toBe('tensorflow')
    expect(engine.threads).toBe(2)
    expect(tf.tidy(() => tf.add(1, 2).dataSync()[0])).toBe(3)
  })

  it('keeps no tensor behind', async () => {
    await tf.setBackend('tensorflow')
    const before = tf.memory()
    for (const compute of Object.values(cases)) tf.tidy(() => void compute())
    expect(tf.memory().numTensors).toBe(before.numTensors)
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers)
  })
})

import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WasmEngine } from './openWasm.ts'
import {
  examples,
  fastForms,
  haveSameBits,
  onCpu,
  openBuilt,
  randomValues,
  relativeError,
  runKernel,
  type Call,
} from './testing.ts'

const nearest = { alignCorners: false, halfPixelCenters: false }

/** One picture each: of a stack, tfjs's cpu backend reads the wrong examples in the gradient. */
function resize(shape: number[], size: [number, number], more: tf.NamedAttrMap = nearest): Call[] {
  const [batch, , , channels] = shape
  const images = randomValues(1, shape)
  const dy = randomValues(2, [batch, ...size, channels])
  return [
    { name: 'ResizeNearestNeighbor', inputs: { images }, attributes: { ...more, size } },
    { name: 'ResizeNearestNeighborGrad', inputs: { images, dy }, attributes: { ...more, size: shape.slice(1, 3) } },
  ]
}

function pool(shape: number[], filterSize: number, strides: number, pad: 'valid' | 'same' | number): Call[] {
  const attributes = { filterSize, strides, pad }
  const info = tf.backend_util.computePool2DInfo([shape[0], shape[1], shape[2], shape[3]], filterSize, strides, 1, pad)
  const [input, dy] = [randomValues(1, shape), randomValues(2, info.outShape)]
  return [
    { name: 'AvgPool', inputs: { x: input }, attributes },
    { name: 'AvgPoolGrad', inputs: { dy, input }, attributes },
  ]
}

function blur(shape: number[], filter: number[], more: tf.NamedAttrMap = {}): Call {
  const attributes = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dilations: [1, 1], ...more }
  return {
    name: 'DepthwiseConv2dNative',
    inputs: { x: randomValues(1, shape), filter: randomValues(2, filter) },
    attributes,
  }
}

function tile(shape: number[], reps: number[]): Call {
  return { name: 'Tile', inputs: { x: randomValues(1, shape) }, attributes: { reps } }
}

function sum(shape: number[], axis: number[], keepDims = false): Call {
  return { name: 'Sum', inputs: { x: randomValues(1, shape) }, attributes: { axis, keepDims } }
}

const cases: Call[] = [
  ...resize([1, 4, 4, 5], [8, 8]),
  ...resize([1, 1, 1, 138], [3, 2]),
  ...resize([1, 5, 7, 1], [10, 7]),
  ...resize([1, 4, 4, 3], [7, 6]),
  ...pool([2, 8, 6, 5], 2, 2, 'valid'),
  ...pool([1, 9, 9, 3], 3, 3, 'same'),
  ...pool([1, 7, 7, 4], 2, 2, 'valid'),
  ...pool([2, 6, 6, 4], 3, 1, 'same'),
  blur([2, 16, 17, 3], [9, 9, 3, 1]),
  blur([3, 8, 8, 1], [3, 5, 1, 1]),
  blur([1, 1, 1, 3], [5, 5, 3, 1]),
  blur([2, 9, 7, 5], [3, 2, 5, 1], { pad: 'valid' }),
  blur([1, 6, 6, 2], [2, 2, 2, 1], { pad: 1 }),
  blur([1, 6, 6, 2], [3, 3, 2, 2]),
  blur([1, 6, 6, 2], [3, 3, 2, 1], { strides: [2, 2] }),
  blur([1, 6, 6, 2], [3, 3, 2, 1], { dilations: [2, 2] }),
  tile([3, 1, 1, 10], [1, 7, 5, 1]),
  tile([2, 3, 4, 1], [1, 1, 1, 3]),
  tile([2, 3], [2, 1]),
  tile([2, 3], [2, 3]),
  tile([4], [1]),
  sum([3, 40, 41, 5], [0, 1, 2]),
  sum([2, 3, 4, 138], [0, 1, 2], true),
  sum([7, 1], [0]),
  sum([2, 3, 4], [2]),
  sum([2, 3, 4], [0, 1, 2]),
  sum([2, 3, 4], [1, 0]),
  { ...sum([5, 6], []), attributes: { axis: 0, keepDims: false } },
  { ...sum([5, 6], []), attributes: { axis: -1, keepDims: true } },
  { name: 'LeakyRelu', inputs: { x: randomValues(1, [3, 7, 5]) }, attributes: { alpha: 0.2 } },
]

describe.each(fastForms)('kernels in the place of tfjs ones with $kernels kernels, $threads threads', (form) => {
  let engine: WasmEngine
  beforeAll(async () => {
    engine = await openBuilt(form)
  })
  afterAll(() => engine.close())

  it.each(cases)('agrees with the cpu backend: $name, case %$', async (call) => {
    const [expected] = await onCpu(() => runKernel(call))
    expect(relativeError(runKernel(call)[0], expected)).toBeLessThan(1e-6)
  })

  it('sums everything when no axis is named', () => {
    const total = tf.tidy(() => tf.sum(tf.ones([5, 6])).dataSync())
    expect([...total]).toEqual([30])
  })

  it('treats an example alone as among 16', () => {
    const blurred = blur([16, 8, 8, 3], [5, 5, 3, 1])
    const inputsOfOne = ({ inputs }: Call) =>
      Object.fromEntries(
        Object.entries(inputs).map(([name, values]) => [name, name === 'filter' ? values : examples(values, 7, 8)]),
      )
    const pooled = pool([16, 8, 8, 6], 2, 2, 'valid')
    for (const call of [...resize([16, 8, 8, 6], [16, 16]), ...pooled, tile([16, 1, 1, 5], [1, 9, 9, 1]), blurred]) {
      const [alone] = runKernel({ ...call, inputs: inputsOfOne(call) })
      expect(haveSameBits(alone, examples(runKernel(call)[0], 7, 8)), call.name).toBe(true)
    }
  })
})

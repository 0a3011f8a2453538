import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { convolutionInfo } from './convolutionGeometry.ts'
import type { WasmEngine } from './openWasm.ts'
import {
  allForms,
  examples,
  fastForms,
  haveSameBits,
  onCpu,
  openBuilt,
  randomValues,
  relativeError,
  runKernel,
  type Call,
  type Values,
} from './testing.ts'

interface Case {
  name: string
  x: [number, number, number, number]
  filter: [number, number, number, number]
  strides: number | [number, number]
  pad: 'same' | 'valid' | number | [number, number][]
}

const cases: Case[] = [
  { name: '28x28 grey, 5x5', x: [3, 28, 28, 1], filter: [5, 5, 1, 64], strides: 2, pad: 'same' },
  { name: '138 channels', x: [2, 7, 7, 138], filter: [3, 3, 138, 20], strides: 1, pad: 'same' },
  { name: '1x1 picture', x: [2, 1, 1, 5], filter: [3, 3, 5, 10], strides: 1, pad: 'same' },
  { name: '1x1 picture, stride 2', x: [1, 1, 1, 3], filter: [4, 4, 3, 1], strides: 2, pad: 'same' },
  { name: 'kernel larger than the picture', x: [2, 3, 2, 3], filter: [5, 5, 3, 4], strides: 1, pad: 'same' },
  { name: 'valid, stride 3', x: [2, 11, 8, 5], filter: [3, 2, 5, 7], strides: 3, pad: 'valid' },
  { name: 'valid, whole picture', x: [3, 4, 4, 10], filter: [4, 4, 10, 3], strides: 1, pad: 'valid' },
  { name: '1x1 kernel, stride 2', x: [2, 6, 5, 4], filter: [1, 1, 4, 9], strides: 2, pad: 'same' },
  { name: 'unequal strides', x: [1, 9, 13, 2], filter: [3, 5, 2, 3], strides: [1, 2], pad: 'same' },
  { name: 'explicit pad', x: [2, 6, 7, 3], filter: [3, 3, 3, 5], strides: 2, pad: 1 },
  {
    name: 'uneven pad',
    x: [1, 6, 7, 3],
    filter: [3, 3, 3, 2],
    strides: 1,
    pad: [
      [0, 0],
      [2, 0],
      [0, 1],
      [0, 0],
    ],
  },
  { name: 'one tall picture', x: [1, 45, 9, 3], filter: [5, 3, 3, 4], strides: 2, pad: 'same' },
  { name: 'many positions', x: [2, 40, 40, 3], filter: [4, 4, 3, 24], strides: 2, pad: 'same' },
]

/** The four kernels on one case. */
function callsOf({ x, filter, strides, pad }: Case): Call[] {
  const attributes: tf.NamedAttrMap = { strides, pad, dataFormat: 'NHWC', dilations: [1, 1] }
  const dyShape = convolutionInfo(x, filter, attributes).outShape
  const [xs, filters, dy, bias] = [x, filter, dyShape, [filter[3]]].map((shape, seed) => randomValues(seed, shape))
  const fused = { x: xs, filter: filters, bias }
  return [
    { name: 'Conv2D', inputs: { x: xs, filter: filters }, attributes },
    { name: 'FusedConv2D', inputs: fused, attributes: { ...attributes, activation: 'relu' } },
    { name: 'FusedConv2D', inputs: fused, attributes: { ...attributes, activation: 'linear' } },
    { name: 'Conv2DBackpropInput', inputs: { dy, filter: filters }, attributes: { ...attributes, inputShape: x } },
    { name: 'Conv2DBackpropFilter', inputs: { x: xs, dy }, attributes: { ...attributes, filterShape: filter } },
  ]
}

const references = new Map<string, Promise<Values[]>>()

/** tfjs's cpu backend is slow: each case is computed once for all forms of the engine. */
function referencesOf(each: Case): Promise<Values[]> {
  const known = references.get(each.name) ?? onCpu(() => callsOf(each).flatMap(runKernel))
  references.set(each.name, known)
  return known
}

describe.each(allForms)('convolution with $kernels kernels, $threads threads', (form) => {
  let engine: WasmEngine
  beforeAll(async () => {
    engine = await openBuilt(form)
  })
  afterAll(() => engine.close())

  it.each(cases)('agrees with the cpu backend: $name', async (each) => {
    const expected = await referencesOf(each)
    callsOf(each).forEach((call, i) => {
      expect(relativeError(runKernel(call)[0], expected[i]), call.name).toBeLessThan(1e-5)
    })
  })
})

describe.each(fastForms)('one example of a batch with $kernels kernels, $threads threads', (form) => {
  let engine: WasmEngine
  beforeAll(async () => {
    engine = await openBuilt(form)
  })
  afterAll(() => engine.close())

  it.each(cases)('is bit-identical alone and among 16: $name', (each) => {
    const many: Case = { ...each, x: [16, each.x[1], each.x[2], each.x[3]] }
    for (const { name, inputs, attributes } of callsOf(many)) {
      if (name === 'Conv2DBackpropFilter') continue
      const stacked = 'x' in inputs ? 'x' : 'dy'
      const one = { ...inputs, [stacked]: examples(inputs[stacked], 11, 12) }
      const inputShape = [1, ...each.x.slice(1)]
      const [alone] = runKernel({ name, inputs: one, attributes: { ...attributes, inputShape } })
      const [among] = runKernel({ name, inputs, attributes })
      expect(haveSameBits(alone, examples(among, 11, 12)), name).toBe(true)
    }
  })

  it('lets NaN through relu, where a divergence must be seen', () => {
    const x = { shape: [1, 2, 2, 1], data: Float32Array.of(NaN, 1, -1, 2) }
    const filter = { shape: [1, 1, 1, 1], data: Float32Array.of(1) }
    const inputs = { x, filter, bias: { shape: [1], data: Float32Array.of(0) } }
    const attributes = { strides: 1, pad: 'same', dataFormat: 'NHWC', dilations: [1, 1], activation: 'relu' }
    expect([...runKernel({ name: 'FusedConv2D', inputs, attributes })[0].data]).toEqual([NaN, 1, 0, 2])
  })

  it('leaves dilated convolutions to tfjs and refuses what nobody can', async () => {
    const attributes = { strides: 1, pad: 'same', dataFormat: 'NHWC', dilations: [2, 2] }
    const inputs = { x: randomValues(1, [1, 7, 7, 2]), filter: randomValues(2, [3, 3, 2, 3]) }
    const call = { name: 'Conv2D', inputs, attributes }
    const [expected] = await onCpu(() => runKernel(call))
    expect(relativeError(runKernel(call)[0], expected)).toBeLessThan(1e-5)
    const gradient = { x: inputs.x, dy: randomValues(3, [1, 7, 7, 3]) }
    const filterCall = { name: 'Conv2DBackpropFilter', inputs: gradient }
    expect(() => runKernel({ ...filterCall, attributes: { ...attributes, filterShape: [3, 3, 2, 3] } })).toThrow(
      'cannot compute this Conv2DBackpropFilter: x float32 [1, 7, 7, 2]',
    )
  })
})

it('gives the same bits with any number of threads', async () => {
  const [, fused, , backInput, backFilter] = callsOf({ ...cases[0], x: [9, 28, 28, 1] })
  const oneLarge = callsOf({ ...cases[0], x: [1, 61, 40, 3], filter: [5, 4, 3, 9] })[3]
  const results: Values[][] = []
  for (const threads of [1, 2, 3]) {
    const engine = await openBuilt({ threads })
    results.push([fused, backInput, backFilter, oneLarge].flatMap(runKernel))
    engine.close()
  }
  for (const other of results.slice(1))
    other.forEach((values, i) => expect(haveSameBits(values, results[0][i])).toBe(true))
})

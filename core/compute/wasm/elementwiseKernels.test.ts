import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WasmEngine } from './openWasm.ts'
import { fastForms, haveSameBits, openBuilt, randomValues, relativeError, runKernel, type Values } from './testing.ts'

const shapes = [[1], [3], [2, 5], [1025], [4, 33, 33, 5], [60_000]]

function mapNumbers(shape: number[], compute: (i: number) => number): Values {
  const length = shape.reduce((product, size) => product * size, 1)
  return { shape, data: Float32Array.from({ length }, (_, i) => compute(i)) }
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

describe.each(fastForms)('kernels number by number with $kernels kernels, $threads threads', (form) => {
  let engine: WasmEngine
  beforeAll(async () => {
    engine = await openBuilt(form)
  })
  afterAll(() => engine.close())

  it.each(shapes)('rectified gradients follow the sign of the output: %j', (...shape) => {
    const [dy, y] = [randomValues(1, shape), randomValues(2, shape)]
    const [relu] = runKernel({ name: 'ReluGrad', inputs: { dy, y } })
    const [leaky] = runKernel({ name: 'LeakyReluGrad', inputs: { dy, y }, attributes: { alpha: 0.2 } })
    expect(relu.data.every((value, i) => value === (y.data[i] > 0 ? dy.data[i] : 0))).toBe(true)
    const expected = mapNumbers(shape, (i) => dy.data[i] * (y.data[i] > 0 ? 1 : 0.2))
    expect(relativeError(leaky, expected)).toBeLessThan(1e-6)
  })

  it.each(shapes)('Silu and its gradient: %j', (...shape) => {
    const [dy, x] = [randomValues(1, shape), randomValues(2, shape)]
    const silu = mapNumbers(shape, (i) => x.data[i] * sigmoid(x.data[i]))
    const gradient = mapNumbers(shape, (i) => {
      const s = sigmoid(x.data[i])
      return dy.data[i] * (s + x.data[i] * s * (1 - s))
    })
    expect(relativeError(runKernel({ name: 'Silu', inputs: { x } })[0], silu)).toBeLessThan(1e-6)
    expect(relativeError(runKernel({ name: 'SiluGrad', inputs: { dy, x } })[0], gradient)).toBeLessThan(1e-6)
  })

  it('Silu is accurate for every size of number, relative to each', () => {
    const x = mapNumbers([20_001], (i) => (i - 10_000) / 120)
    const [y] = runKernel({ name: 'Silu', inputs: { x } })
    const worst = x.data.reduce((most, value, i) => {
      const exact = value * sigmoid(value)
      return value === 0 ? most : Math.max(most, Math.abs((y.data[i] - exact) / exact))
    }, 0)
    expect(worst).toBeLessThan(1e-6)
  })

  it('Silu keeps its head at the extremes', () => {
    const x = { shape: [7], data: Float32Array.of(-100, -1000, 100, 1e30, Infinity, NaN, 0) }
    const dy = { shape: [7], data: new Float32Array(7).fill(1) }
    const y = runKernel({ name: 'Silu', inputs: { x } })[0].data
    expect(Math.abs(y[0])).toBeLessThan(1e-36)
    expect(Math.abs(y[1])).toBe(0)
    expect([...y.slice(2)]).toEqual([100, Math.fround(1e30), Infinity, NaN, 0])
    const slope = runKernel({ name: 'SiluGrad', inputs: { dy, x } })[0].data
    expect(Math.abs(slope[0])).toBeLessThan(1e-36)
    expect([slope[2], slope[5], slope[6]]).toEqual([1, NaN, 0.5])
  })

  it('rectified gradients show NaN', () => {
    const inputs = {
      dy: { shape: [5], data: new Float32Array(5).fill(2) },
      y: { shape: [5], data: Float32Array.of(NaN, 1, -1, 0, NaN) },
    }
    expect([...runKernel({ name: 'ReluGrad', inputs })[0].data]).toEqual([NaN, 2, 0, 0, NaN])
  })

  it.each(shapes)('Adam and the moving average: %j', (...shape) => {
    const [value, gradient, m, root] = [1, 2, 3, 4].map((seed) => randomValues(seed, shape))
    const v = mapNumbers(shape, (i) => root.data[i] ** 2)
    const [rate, beta1, beta2, epsilon, step] = [0.01, 0.5, 0.999, 1e-8, 3]
    const [newValue, newM, newV] = runKernel({
      name: 'AdamStep',
      inputs: { value, gradient, m, v },
      attributes: { rate, beta1, beta2, epsilon, step },
    })
    const expectedM = mapNumbers(shape, (i) => beta1 * m.data[i] + (1 - beta1) * gradient.data[i])
    const expectedV = mapNumbers(shape, (i) => beta2 * v.data[i] + (1 - beta2) * gradient.data[i] ** 2)
    const expected = mapNumbers(shape, (i) => {
      const move =
        expectedM.data[i] / (1 - beta1 ** step) / (Math.sqrt(expectedV.data[i] / (1 - beta2 ** step)) + epsilon)
      return value.data[i] - rate * move
    })
    expect(relativeError(newM, expectedM)).toBeLessThan(1e-6)
    expect(relativeError(newV, expectedV)).toBeLessThan(1e-6)
    expect(relativeError(newValue, expected)).toBeLessThan(1e-6)
    const [average] = runKernel({ name: 'Lerp', inputs: { a: value, b: m }, attributes: { weight: 0.005 } })
    const mixed = mapNumbers(shape, (i) => value.data[i] + 0.005 * (m.data[i] - value.data[i]))
    expect(relativeError(average, mixed)).toBeLessThan(1e-6)
  })

  it('does not move where the gradient has always been zero', () => {
    const value = randomValues(1, [9])
    const zero = mapNumbers([9], () => 0)
    const attributes = { rate: 0.01, beta1: 0.5, beta2: 0.999, epsilon: 1e-8, step: 1 }
    const [moved] = runKernel({ name: 'AdamStep', inputs: { value, gradient: zero, m: zero, v: zero }, attributes })
    expect(haveSameBits(moved, value)).toBe(true)
  })

  it('names what does not fit', () => {
    const [a, b] = [randomValues(1, [3]), randomValues(2, [4])]
    expect(() => runKernel({ name: 'ReluGrad', inputs: { dy: a, y: b } })).toThrow(
      'ReluGrad: shapes differ, [3] and [4]',
    )
    expect(() => runKernel({ name: 'Lerp', inputs: { a, b: a } })).toThrow(
      'Lerp: weight must be a number, not undefined',
    )
    const attributes = { rate: 1, beta1: 0, beta2: 0, epsilon: 0, step: 0 }
    const adam = { value: a, gradient: a, m: a, v: a }
    expect(() => runKernel({ name: 'AdamStep', inputs: adam, attributes })).toThrow('step counts from 1, not 0')
  })
})

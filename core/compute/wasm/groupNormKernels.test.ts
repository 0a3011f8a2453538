import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WasmEngine } from './openWasm.ts'
import {
  examples,
  fastForms,
  haveSameBits,
  openBuilt,
  randomValues,
  relativeError,
  runKernel,
  type Values,
} from './testing.ts'

const cases = [
  { shape: [1, 1, 1, 8], groups: 2 },
  { shape: [2, 1, 1, 3], groups: 1 },
  { shape: [3, 5, 7, 10], groups: 5 },
  { shape: [2, 9, 9, 138], groups: 6 },
  { shape: [4, 33, 17, 32], groups: 8 },
]
const epsilon = 1e-5

function zeros(shape: number[]): Values {
  return { shape, data: new Float32Array(shape.reduce((product, size) => product * size, 1)) }
}

/** Everything in double precision, straight from the definition. */
function reference(x: Values, gamma: Values, beta: Values, dy: Values, groups: number) {
  const [batch, height, width, channels] = x.shape
  const [pixels, perGroup] = [height * width, channels / groups]
  const [y, dx] = [zeros(x.shape), zeros(x.shape)]
  const [mean, rstd] = [zeros([batch, groups]), zeros([batch, groups])]
  const [dgamma, dbeta] = [new Float64Array(channels), new Float64Array(channels)]
  for (let b = 0; b < batch; b++)
    for (let group = 0; group < groups; group++) {
      const places: [number, number][] = []
      for (let p = 0; p < pixels; p++)
        for (let c = group * perGroup; c < (group + 1) * perGroup; c++)
          places.push([(b * pixels + p) * channels + c, c])
      const average = (of: (at: number, c: number) => number) =>
        places.reduce((sum, [at, c]) => sum + of(at, c), 0) / places.length
      const m = average((at) => x.data[at])
      const r = 1 / Math.sqrt(average((at) => (x.data[at] - m) ** 2) + epsilon)
      const signal = average((at, c) => gamma.data[c] * dy.data[at])
      const correlation = average((at, c) => gamma.data[c] * dy.data[at] * (x.data[at] - m) * r)
      mean.data[b * groups + group] = m
      rstd.data[b * groups + group] = r
      for (const [at, c] of places) {
        const n = (x.data[at] - m) * r
        y.data[at] = n * gamma.data[c] + beta.data[c]
        dx.data[at] = r * (gamma.data[c] * dy.data[at] - signal - n * correlation)
        dgamma[c] += dy.data[at] * n
        dbeta[c] += dy.data[at]
      }
    }
  const perChannel = (sums: Float64Array) => ({ shape: [channels], data: Float32Array.from(sums) })
  return { y, mean, rstd, dx, dgamma: perChannel(dgamma), dbeta: perChannel(dbeta) }
}

/** Far from zero mean, so that a careless variance would show. */
function randomInputs(shape: number[]) {
  const x = randomValues(1, shape)
  x.data.forEach((value, i) => (x.data[i] = value * 0.5 + 3))
  const channels = shape[3]
  return { x, gamma: randomValues(2, [channels]), beta: randomValues(3, [channels]), dy: randomValues(4, shape) }
}

describe.each(fastForms)('group normalisation with $kernels kernels, $threads threads', (form) => {
  let engine: WasmEngine
  beforeAll(async () => {
    engine = await openBuilt(form)
  })
  afterAll(() => engine.close())

  it.each(cases)('follows the definition: $shape in $groups groups', ({ shape, groups }) => {
    const { x, gamma, beta, dy } = randomInputs(shape)
    const expected = reference(x, gamma, beta, dy, groups)
    const [y, mean, rstd] = runKernel({
      name: 'GroupNorm',
      inputs: { x, gamma, beta },
      attributes: { groups, epsilon },
    })
    expect(relativeError(y, expected.y)).toBeLessThan(1e-5)
    expect(relativeError(mean, expected.mean)).toBeLessThan(1e-5)
    expect(relativeError(rstd, expected.rstd)).toBeLessThan(1e-5)
    const inputs = { dy, x, gamma, mean, rstd }
    const [dx, dgamma, dbeta] = runKernel({ name: 'GroupNormGrad', inputs, attributes: { groups } })
    expect(relativeError(dx, expected.dx)).toBeLessThan(2e-5)
    expect(relativeError(dgamma, expected.dgamma)).toBeLessThan(1e-5)
    expect(relativeError(dbeta, expected.dbeta)).toBeLessThan(1e-5)
  })

  it('normalises an example alone as among 16, to the last bit', () => {
    const { x, gamma, beta } = randomInputs([16, 9, 7, 24])
    const attributes = { groups: 8, epsilon }
    const among = runKernel({ name: 'GroupNorm', inputs: { x, gamma, beta }, attributes })
    const alone = runKernel({ name: 'GroupNorm', inputs: { x: examples(x, 5, 6), gamma, beta }, attributes })
    alone.forEach((values, i) => expect(haveSameBits(values, examples(among[i], 5, 6))).toBe(true))
  })

  it('names what does not fit', () => {
    const { x, gamma, beta } = randomInputs([1, 2, 2, 6])
    const normalise = (groups: number, scale: Values) =>
      runKernel({ name: 'GroupNorm', inputs: { x, gamma: scale, beta }, attributes: { groups, epsilon } })
    expect(() => normalise(4, gamma)).toThrow('6 channels cannot be cut into 4 groups')
    expect(() => normalise(2, randomValues(1, [5]))).toThrow('5 factors for 6 channels')
  })
})

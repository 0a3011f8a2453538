import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { Learner, lerp, type UpdateOptions } from './learner.ts'
import { randomTensor, useCpu } from './testing.ts'

beforeAll(useCpu)

const options: UpdateOptions = { rate: 0.01, beta1: 0.5, beta2: 0.99, clip: 0, average: 0.9 }
const fresh = () => Learner.fresh({ 'a/kernel': randomTensor([3, 4], 1), 'b/bias': randomTensor([5], 2) })
const gradientsAt = (step: number) => ({
  'a/kernel': randomTensor([3, 4], 10 + step),
  'b/bias': randomTensor([5], 20 + step),
})
const flatten = (table: Readonly<Record<string, tf.Tensor>>) =>
  Object.values(table).flatMap((tensor) => [...tensor.dataSync()])

/** Adam as Kingma and Ba write it, in float64, with the clip and the average of the recipe. */
function textbook(values: number[], gradients: number[][], { rate, beta1, beta2, clip, average }: UpdateOptions) {
  const [m, v] = [values.map(() => 0), values.map(() => 0)]
  const [theta, mean] = [[...values], [...values]]
  gradients.forEach((gradient, index) => {
    const t = index + 1
    const norm = Math.hypot(...gradient)
    const factor = clip > 0 ? Math.min(1, clip / norm) : 1
    const decay = average > 0 ? Math.min(average, (1 + t) / (10 + t)) : 0
    gradient.forEach((raw, i) => {
      const g = raw * factor
      m[i] = beta1 * m[i] + (1 - beta1) * g
      v[i] = beta2 * v[i] + (1 - beta2) * g * g
      theta[i] -= (rate * (m[i] / (1 - beta1 ** t))) / (Math.sqrt(v[i] / (1 - beta2 ** t)) + 1e-8)
      mean[i] = decay * mean[i] + (1 - decay) * theta[i]
    })
  })
  return { theta, mean }
}

const worst = (actual: number[], expected: number[]) =>
  Math.max(...actual.map((value, index) => Math.abs(value - expected[index])))

describe('Learner', () => {
  it.each<[string, Partial<UpdateOptions>]>([
    ['as in the textbook', {}],
    ['with a clip that bites', { clip: 0.5 }],
    ['with a clip that does not', { clip: 1000 }],
    ['without an average', { average: 0 }],
    ['with a slow average', { average: 0.999 }],
  ])('follows Adam over several steps %s', (_, change) => {
    const learner = fresh()
    const start = flatten(learner.parameters)
    const gradients: number[][] = []
    for (let step = 0; step < 12; step++) {
      const table = gradientsAt(step)
      gradients.push(flatten(table))
      const norm = learner.update(table, { ...options, ...change })
      expect(norm.dataSync()[0] / Math.hypot(...gradients[step])).toBeCloseTo(1, 5)
    }
    const { theta, mean } = textbook(start, gradients, { ...options, ...change })
    expect(worst(flatten(learner.parameters), theta)).toBeLessThan(1e-5)
    expect(worst(flatten(learner.average), mean)).toBeLessThan(1e-5)
    if (change.average === 0) expect(flatten(learner.average)).toEqual(flatten(learner.parameters))
    learner.dispose()
  })

  it('clips the norm over all gradients together, and a rate of 0 changes nothing', () => {
    const learner = fresh()
    const before = flatten(learner.parameters)
    learner.update(gradientsAt(1), { ...options, clip: 0.1, rate: 0 })
    expect(flatten(learner.parameters)).toEqual(before)
    const first = flatten(learner.tables.first).map((value) => value / (1 - options.beta1))
    expect(Math.hypot(...first)).toBeCloseTo(0.1, 5)
  })

  it('stays usable when it learns inside tf.tidy, and no tensor is left behind', () => {
    const start = tf.memory().numTensors
    const learner = fresh()
    const owned = tf.memory().numTensors
    for (let step = 0; step < 5; step++) {
      tf.tidy(() => {
        learner.update(gradientsAt(step), { ...options, clip: 1 })
      })
      expect(tf.memory().numTensors).toBe(owned)
      learner.update(gradientsAt(step), options).dispose()
      expect(tf.memory().numTensors).toBe(owned)
    }
    expect(flatten(learner.parameters).every(Number.isFinite)).toBe(true)
    expect(flatten(learner.average).every(Number.isFinite)).toBe(true)
    learner.dispose()
    expect(tf.memory().numTensors).toBe(start)
  })

  it('differentiates by every parameter and leaves the loss and the gradients alone', () => {
    const learner = fresh()
    const before = tf.memory().numTensors
    const { loss, gradients } = learner.differentiate((parameters) =>
      tf.add(tf.sum(tf.square(parameters['a/kernel'])), tf.sum(parameters['b/bias'])),
    )
    expect(tf.memory().numTensors).toBe(before + 3)
    expect([...gradients['b/bias'].dataSync()]).toEqual([1, 1, 1, 1, 1])
    expect(
      worst(
        flatten({ kernel: gradients['a/kernel'] }),
        [...learner.parameters['a/kernel'].dataSync()].map((x) => 2 * x),
      ),
    ).toBeLessThan(1e-6)
    tf.dispose([loss, gradients])
  })

  it('does not share its average with its parameters', () => {
    const learner = fresh()
    learner.update(gradientsAt(0), { ...options, average: 0 })
    learner.update(gradientsAt(1), { ...options, average: 0 })
    learner.parameters['a/kernel'].dispose()
    expect([...learner.average['a/kernel'].dataSync()].every(Number.isFinite)).toBe(true)
  })
})

describe('lerp', () => {
  it('goes from a to b', () => {
    const [a, b] = [tf.tensor1d([1, -2]), tf.tensor1d([3, 6])]
    expect([0, 0.25, 1].map((weight) => [...lerp(a, b, weight).dataSync()])).toEqual([
      [1, -2],
      [1.5, 0],
      [3, 6],
    ])
  })
})

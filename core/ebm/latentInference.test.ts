import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ClassInitializer } from '../domain/networks.ts'
import { decodeClass } from './classDecoder.ts'
import { oneHot } from './condition.ts'
import { initializerShapes } from './initializer.ts'
import { type Inference, type InferenceState, inferLatent, labelOf } from './latentInference.ts'
import { runToEnd } from './runToEnd.ts'
import { livelyParameters, randomTensor, useCpu, zeroParameters } from './testing.ts'

beforeAll(useCpu)

const network: ClassInitializer = {
  kind: 'classDecoder',
  latent: 4,
  labels: 3,
  labelScale: 2,
  joinAt: 0,
  layers: [
    { kernel: 4, size: 4, channels: 16 },
    { kernel: 4, size: 8, channels: 3 },
  ],
  normalisation: 'none',
  upsampling: 'transposed',
}
const BATCH = 6
const mode = { kind: 'batch' } as const
const parameters = () => livelyParameters(initializerShapes(network), 2, 10)
const truth = () => ({ latent: randomTensor([BATCH, 4], 5) as tf.Tensor2D, label: oneHot([0, 1, 2, 0, 1, 2], 3) })
const inferenceFor = (steps: number): Inference => {
  const [table, { latent, label }] = [parameters(), truth()]
  const observed = decodeClass(network, table, latent, label, mode)
  return { network, parameters: table, mode, observed, residualDeviation: 0.3, stepSize: 0.1, steps }
}
function finish(inference: Inference, start: InferenceState, label?: tf.Tensor2D): InferenceState {
  return runToEnd(inferLatent(inference, start, label))
}
const distance = (a: tf.Tensor, b: tf.Tensor) => tf.mean(tf.squaredDifference(a, b)).dataSync()[0]

describe('inferLatent', () => {
  it('recovers the latent behind a picture far better than chance', () => {
    const inference = inferenceFor(150)
    const { latent, label } = truth()
    const start = randomTensor([BATCH, 4], 77) as tf.Tensor2D
    const found = finish(inference, { latent: start }, label)
    const error = (of: tf.Tensor2D) =>
      distance(decodeClass(network, inference.parameters, of, label, mode), inference.observed)
    expect(error(found.latent)).toBeLessThan(0.1 * error(start))
    expect(distance(found.latent, latent)).toBeLessThan(0.2 * distance(start, latent))
    expect(found.logits).toBeUndefined()
  })

  it('recovers an unknown label', () => {
    const logits = tf.zeros([BATCH, 3]) as tf.Tensor2D
    const found = finish(inferenceFor(300), { latent: tf.zeros([BATCH, 4]), logits })
    expect([...tf.argMax(labelOf(found.logits), 1).dataSync()]).toEqual([0, 1, 2, 0, 1, 2])
    expect(tf.max(tf.abs(tf.sub(tf.sum(labelOf(found.logits), 1), 1))).dataSync()[0]).toBeLessThan(1e-5)
  })

  it('with nothing to explain samples the prior: variance 1 / (1 - s^2 / 4)', () => {
    const wide = 600
    const tiny: ClassInitializer = { ...network, layers: [{ kernel: 1, size: 1, channels: 1 }] }
    const flat: Inference = {
      ...inferenceFor(160),
      network: tiny,
      parameters: zeroParameters(initializerShapes(tiny)),
      observed: tf.zeros([wide, 1, 1, 1]),
      stepSize: 0.5,
      noise: { latent: (step) => randomTensor([wide, 4], 1000 + step) as tf.Tensor2D },
    }
    const label = tf.zeros([wide, 3]) as tf.Tensor2D
    let [sum, count] = [0, 0]
    let step = 0
    for (const { latent } of inferLatent(flat, { latent: tf.zeros([wide, 4]) }, label))
      if (++step > 40 && step % 20 === 0) {
        sum += tf.sum(tf.square(latent)).dataSync()[0]
        count += latent.size
      }
    // a = s'^2 / 2 = 0.125; 6 x 2,400 numbers: deviation 1.2 %.
    expect(Math.abs((sum / count) * (1 - 0.0625) - 1)).toBeLessThan(0.06)
  })

  it('moves each row by its own picture alone', () => {
    const inference = inferenceFor(5)
    const start = randomTensor([BATCH, 4], 77) as tf.Tensor2D
    const { label } = truth()
    const together = finish(inference, { latent: start }, label).latent
    const one = (tensor: tf.Tensor) => tf.slice(tensor, [2], [1])
    const observed = one(inference.observed) as tf.Tensor4D
    const alone = finish({ ...inference, observed }, { latent: one(start) as tf.Tensor2D }, one(label) as tf.Tensor2D)
    expect(distance(one(together), alone.latent)).toBeLessThan(1e-10)
  })

  it('leaves no tensors, at its end or when left early', () => {
    const inference = inferenceFor(4)
    const { label } = truth()
    const start: InferenceState = { latent: tf.zeros([BATCH, 4]), logits: tf.zeros([BATCH, 3]) }
    const before = tf.memory().numTensors
    tf.dispose(finish(inference, start))
    tf.dispose(finish(inference, start, label))
    expect(tf.memory().numTensors).toBe(before)
    for (const state of inferLatent(inference, start)) if (state.latent) break
    const run = inferLatent(inference, start, label)
    run.next()
    expect(() => run.throw(new Error('stop'))).toThrow('stop')
    expect(tf.memory().numTensors).toBe(before)
    expect(start.latent.isDisposed).toBe(false)
  })

  it('needs logits to start from when the label is unknown', () => {
    expect(() => inferLatent(inferenceFor(1), { latent: tf.zeros([BATCH, 4]) }).next()).toThrow('needs logits')
  })
})

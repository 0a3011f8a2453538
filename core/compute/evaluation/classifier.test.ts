import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPictures, type Pictures } from '../../domain/picture.ts'
import { classAccuracy } from '../../evaluation/distributions.ts'
import { engineUnderTest } from '../engineUnderTest.ts'
import { type Classifier, classify, createClassifier, disposeClassifier, restoreClassifier, storeClassifier } from './classifier.ts' // prettier-ignore
import { FEATURES } from './classifierNetwork.ts'
import { stripes } from './testing/stripes.ts'
import { trainClassifier } from './trainClassifier.ts'

const engine = await engineUnderTest()
const shape = { size: 16, channels: 1, classes: 2 }
const batches = { stepsPerEpoch: 5, read: (step: number) => Promise.resolve(stripes(16, step)) }

describe.runIf(engine)(`classifier on ${engine?.kind}`, () => {
  let classifier: Classifier
  let shares: number[]
  const heldOut = stripes(230, 1000)

  beforeAll(async () => {
    const before = tf.memory().numTensors
    shares = []
    classifier = await trainClassifier({
      ...shape,
      batches,
      seed: 1,
      steps: 40,
      onProgress: (share) => shares.push(share),
    })
    expect(tf.memory().numTensors - before).toBe(Object.keys(classifier.parameters).length)
  })
  afterAll(() => {
    disposeClassifier(classifier)
    engine?.close()
  })

  it('learns to tell two classes apart and reports each step', async () => {
    const { probabilities } = await classify(classifier, heldOut.observed)
    expect(classAccuracy(probabilities, heldOut.labels)).toBeGreaterThan(0.95)
    expect(shares).toHaveLength(40)
    expect(shares.at(-1)).toBe(1)
  })

  it('says the same about a picture alone and among others, and about what lies outside the range as what is shown', async () => {
    const before = tf.memory().numTensors
    const { features, probabilities } = await classify(classifier, heldOut.observed)
    expect([features.rows, features.columns]).toEqual([230, FEATURES])
    const last: Pictures = { ...heldOut.observed, count: 1, data: heldOut.observed.data.slice(-256) }
    const alone = await classify(classifier, last)
    alone.features.data.forEach((value, i) => expect(value).toBeCloseTo(features.data[229 * FEATURES + i], 4))
    expect(probabilities.data.slice(0, 2).reduce((sum, value) => sum + value)).toBeCloseTo(1, 5)
    const bright = createPictures(1, 16, 16, 1)
    bright.data.fill(1)
    const brighter = { ...bright, data: bright.data.map((value) => value * 7) }
    expect((await classify(classifier, brighter)).features).toEqual((await classify(classifier, bright)).features)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('is the same after being stored and restored', async () => {
    const stored = await storeClassifier(classifier)
    const restored = restoreClassifier(stored, shape)
    expect(await classify(restored, heldOut.observed)).toEqual(await classify(classifier, heldOut.observed))
    disposeClassifier(restored)
  })

  it('refuses tensors of another classifier', async () => {
    const before = tf.memory().numTensors
    const stored = await storeClassifier(classifier)
    const { 'conv1/bias': cut, ...rest } = stored
    const wrong = expect.objectContaining({ code: 'mismatch' })
    expect(() => restoreClassifier(rest, shape)).toThrow(wrong)
    expect(() => restoreClassifier(stored, { ...shape, classes: 3 })).toThrow(wrong)
    expect(() => restoreClassifier({ ...rest, 'conv1/bias': { ...cut, data: cut.data.slice(1) } }, shape)).toThrow(
      wrong,
    )
    expect(tf.memory().numTensors).toBe(before)
  })

  it('refuses pictures of another size, batches without labels and senseless numbers', async () => {
    await expect(classify(classifier, createPictures(1, 8, 16, 1))).rejects.toThrow('16x16x1 was given 8x16x1')
    const unlabelled = { stepsPerEpoch: 1, read: () => Promise.resolve({ observed: heldOut.observed }) }
    const before = tf.memory().numTensors
    await expect(trainClassifier({ ...shape, batches: unlabelled, seed: 1 })).rejects.toMatchObject({
      code: 'mismatch',
    })
    await expect(trainClassifier({ ...shape, batches, seed: 1, steps: 0 })).rejects.toThrow(RangeError)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('stops when asked to and frees everything', async () => {
    const before = tf.memory().numTensors
    const controller = new AbortController()
    const training = trainClassifier({
      ...shape,
      batches,
      seed: 1,
      onProgress: (share) => share > 0.005 && controller.abort(),
      signal: controller.signal,
    })
    await expect(training).rejects.toMatchObject({ name: 'CancelledError' })
    expect(tf.memory().numTensors).toBe(before)
  })

  it('halves large pictures and draws the same untrained network for the same seed', async () => {
    const large = createPictures(2, 130, 130, 3)
    large.data.fill(0.3)
    const [first, second] = [1, 1].map((seed) => createClassifier({ size: 130, channels: 3, classes: 4 }, seed))
    const found = await classify(first, large)
    expect(found.features.data.some((value) => value > 0)).toBe(true)
    expect(await classify(second, large)).toEqual(found)
    ;[first, second].forEach(disposeClassifier)
  })
})

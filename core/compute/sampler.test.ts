/** Inference of latents through the sampler: Langevin dynamics with noise, and each picture by itself. */
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import { inferLatent } from '../ebm/latentInference.ts'
import { createLearningState, disposeState, storeWeights } from '../ebm/learningState.ts'
import { runToEnd } from '../ebm/runToEnd.ts'
import { fakeBatch, requestOf, smallRecipe } from '../ebm/testing.ts'
import { picturesToTensor } from './batchTensors.ts'
import { engineUnderTest } from './engineUnderTest.ts'
import { slicePictures } from './pictureStacks.ts'
import { type InferOptions, Sampler } from './sampler.ts'

const engine = await engineUnderTest()

const recipe = smallRecipe('paper', requestOf('class'))
const COUNT = 40
const seeds = Array.from({ length: COUNT }, (_, index) => 10 + index)
const { observed: pictures } = fakeBatch(recipe, COUNT, 3)
const STEP_SIZE = 0.05

async function createSampler(): Promise<Sampler> {
  const state = createLearningState(recipe, 1)
  const weights = await storeWeights(state)
  disposeState(state)
  return new Sampler(recipe, weights)
}

describe.runIf(engine)(`inference on ${engine?.kind}`, () => {
  afterAll(() => engine?.close())

  it('adds noise of the step size to the latent in every step', async () => {
    const sampler = await createSampler()
    const label = [1, 0, 0]
    const { latents: start } = await sampler.infer(pictures, seeds, { label, steps: 0 })
    const { latents: moved } = await sampler.infer(pictures, seeds, { label, steps: 1 })
    const drifted = await driftOf(start, label)
    const noise = moved.flatMap((row, index) => row.map((value, at) => (value - drifted[index][at]) / STEP_SIZE))
    const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length
    const variance = noise.reduce((sum, value) => sum + value * value, 0) / noise.length
    // 240 numbers of N(0, 1).
    expect(Math.abs(mean)).toBeLessThan(0.25)
    expect(Math.abs(variance - 1)).toBeLessThan(0.35)
    expect(new Set(noise.map((value) => value.toFixed(3))).size).toBeGreaterThan(200)
    sampler.dispose()
  })

  /** The same step without noise. */
  async function driftOf(start: readonly (readonly number[])[], label: number[]): Promise<number[][]> {
    const state = createLearningState(recipe, 1)
    if (recipe.initializer.kind !== 'classDecoder') throw new Error('another network')
    const run = inferLatent(
      {
        network: recipe.initializer,
        parameters: state.initializer.average,
        mode: { kind: 'running', statistics: state.statistics },
        observed: picturesToTensor(pictures),
        residualDeviation: recipe.learning.residualDeviation,
        stepSize: STEP_SIZE,
        steps: 1,
      },
      { latent: tf.tensor2d(start.map((row) => [...row])) },
      tf.tensor2d(start.map(() => label)),
    )
    return (await runToEnd(run).latent.array()) as number[][]
  }

  it.each<[string, InferOptions]>([
    ['label known', { label: [0, 1, 0], steps: 4 }],
    ['label unknown', { steps: 4 }],
  ])('does not depend on batch mates, and only on the seed: %s', async (_, options) => {
    const sampler = await createSampler()
    const before = tf.memory().numTensors
    const together = await sampler.infer(pictures, seeds, options)
    for (const index of [0, 7, COUNT - 1]) {
      const one = slicePictures(pictures, index, index + 1)
      const alone = await sampler.infer(one, [seeds[index]], options)
      expect(alone.latents[0]).toEqual(together.latents[index])
      expect(alone.weights[0]).toEqual(together.weights[index])
      const other = await sampler.infer(one, [999], options)
      expect(other.latents[0]).not.toEqual(alone.latents[0])
      if (options.label) expect(alone.weights[0]).toEqual(options.label)
      else expect(other.weights[0]).not.toEqual(alone.weights[0])
    }
    expect(together.latents).toHaveLength(COUNT)
    expect(tf.memory().numTensors).toBe(before)
    sampler.dispose()
  })
})

/** A sample never depends on its batch mates: the same seed gives the same picture alone and among sixteen. */
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import type { Batch, Pictures } from '../domain/picture.ts'
import { valueToByte } from '../domain/picture.ts'
import type { Recipe } from '../domain/recipe.ts'
import { cooperativeStep } from '../ebm/cooperativeStep.ts'
import { refine } from '../ebm/langevin.ts'
import { createLearningState, disposeState } from '../ebm/learningState.ts'
import { drawInitial, latentOf, type Model, samplingChain, type SampleOptions } from '../ebm/sampling.ts'
import { takeNumbers } from '../ebm/readTensors.ts'
import { fakeBatch, requestOf, smallRecipe } from '../ebm/testing.ts'
import { batchToTensors } from './batchTensors.ts'
import { drive } from './drive.ts'
import { engineUnderTest } from './engineUnderTest.ts'

const engine = await engineUnderTest()

const COUNT = 16
const forms: [string, Recipe, SampleOptions][] = [
  ['class, group normalisation', smallRecipe('quick', requestOf('class')), { noise: true }],
  ['class, batch normalisation with running averages', smallRecipe('paper', requestOf('class')), { noise: true }],
  ['class with guidance', smallRecipe('quick', requestOf('class')), { guidance: 1.5 }],
  ['class with Metropolis', withMetropolis(smallRecipe('paper', requestOf('class'))), { noise: true }],
  ['picture, papers', smallRecipe('paper', requestOf('picture'), { size: 16 }), { noise: true }],
  ['picture, quick', smallRecipe('quick', requestOf('picture'), { size: 16 }), { noise: true }],
  ['inpaint, papers', smallRecipe('paper', requestOf('inpaint'), { size: 16 }), { noise: true }],
  ['inpaint, quick', smallRecipe('quick', requestOf('inpaint'), { size: 16 }), { noise: true }],
]

function withMetropolis(recipe: Recipe): Recipe {
  return { ...recipe, chain: { ...recipe.chain, metropolis: true } }
}

/** A pair that has learnt a little, so that running averages and scales are not those of the start. */
async function learn(recipe: Recipe): Promise<Model> {
  const state = createLearningState(recipe, 3)
  for (let step = 0; step < 3; step++) {
    const inputs = batchToTensors(fakeBatch(recipe, 4, step), recipe)
    const run = cooperativeStep({
      recipe,
      state,
      ...inputs,
      seed: 1,
      step,
      noisy: true,
      solverRate: 0.001,
      initializerRate: 0.001,
    })
    tf.dispose(await drive(run, undefined))
    tf.dispose([inputs.observed, inputs.condition as tf.TensorContainerObject])
  }
  return { recipe, state }
}

function exampleOf(batch: Batch, index: number): Batch {
  const one = (pictures: Pictures): Pictures => {
    const size = pictures.data.length / pictures.count
    return { ...pictures, count: 1, data: pictures.data.slice(index * size, (index + 1) * size) }
  }
  return {
    observed: one(batch.observed),
    ...(batch.condition && { condition: one(batch.condition) }),
    ...(batch.mask && { mask: one(batch.mask) }),
    ...(batch.labels && { labels: batch.labels.slice(index, index + 1) }),
  }
}

function draw(model: Model, batch: Batch, seeds: number[], options: SampleOptions): Promise<Float32Array> {
  const refined = tf.tidy(() => {
    const { condition, observed } = batchToTensors(batch, model.recipe)
    const initial = drawInitial(model, latentOf(model, seeds), condition)
    return refine(samplingChain(model, condition, seeds, observed, options), initial)
  })
  return takeNumbers(refined)
}

describe.runIf(engine)(`samples on ${engine?.kind}`, () => {
  afterAll(() => engine?.close())

  it.each(forms)('alone and among sixteen: %s', async (_, recipe, options) => {
    const model = await learn(recipe)
    const batch = fakeBatch(recipe, COUNT, 100)
    const seeds = Array.from({ length: COUNT }, (_, index) => 40 + index)
    const together = await draw(model, batch, seeds, options)
    const size = together.length / COUNT
    let worst = 0
    for (const index of [0, 7, COUNT - 1]) {
      const alone = await draw(model, exampleOf(batch, index), [seeds[index]], options)
      const among = together.subarray(index * size, (index + 1) * size)
      worst = alone.reduce((most, value, place) => Math.max(most, Math.abs(value - among[place])), worst)
      expect(alone.map(valueToByte)).toEqual(among.map(valueToByte))
    }
    // Libraries that choose an algorithm by the batch's size may round differently; ours do not.
    if (engine?.kind === 'wasm') expect(worst).toBe(0)
    expect(worst).toBeLessThan(1e-4)
    // Another seed is another picture.
    const other = await draw(model, exampleOf(batch, 0), [7], options)
    expect(other.some((value, place) => value !== together[place])).toBe(true)
    expect(together.every(Number.isFinite)).toBe(true)
    disposeState(model.state)
  })

  it('the same seeds give the same picture again, and more steps go further', async () => {
    const recipe = smallRecipe('quick', requestOf('class'))
    const model = await learn(recipe)
    const batch = fakeBatch(recipe, 4, 100)
    const drawn = (options: SampleOptions) => draw(model, batch, [1, 2, 3, 4], options)
    expect(await drawn({})).toEqual(await drawn({}))
    expect(await drawn({ steps: 6 })).not.toEqual(await drawn({}))
    // This recipe's chain has no noise unless asked.
    expect(await drawn({ noise: false })).toEqual(await drawn({}))
    expect(await drawn({ noise: true })).not.toEqual(await drawn({}))
    disposeState(model.state)
  })
})

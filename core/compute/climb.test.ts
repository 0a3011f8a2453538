/** A refinement that is watched, stopped and gone on with is the refinement in one go. */
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import type { Pictures } from '../domain/picture.ts'
import type { Recipe } from '../domain/recipe.ts'
import { createLearningState, disposeState, storeWeights } from '../ebm/learningState.ts'
import { fakeBatch, requestOf, smallRecipe } from '../ebm/testing.ts'
import { engineUnderTest } from './engineUnderTest.ts'
import { type RefineOptions, type SampleCondition, Sampler } from './sampler.ts'

const engine = await engineUnderTest()

const SEED = 7
const quick = smallRecipe('quick', requestOf('class'))
const corrected: Recipe = { ...quick, chain: { ...quick.chain, metropolis: true } }
const inpaint = smallRecipe('quick', requestOf('inpaint'))
const forms: [string, Recipe, RefineOptions][] = [
  ['class without noise', quick, { noise: false }],
  ['class with noise', quick, { noise: true }],
  ['class with Metropolis', corrected, { noise: true }],
  ['picture with noise', smallRecipe('paper', requestOf('picture')), { noise: true }],
  ['inpaint with noise', inpaint, { noise: true }],
]

async function createSampler(recipe: Recipe): Promise<Sampler> {
  const state = createLearningState(recipe, 1)
  const weights = await storeWeights(state)
  disposeState(state)
  return new Sampler(recipe, { ...weights, gradientScale: 1 })
}

function conditionOf(recipe: Recipe): SampleCondition {
  const { observed, condition, mask } = fakeBatch(recipe, 1, 50)
  if (condition) return { kind: 'pictures', pictures: condition }
  return mask ? { kind: 'masked', observed, mask } : { kind: 'labels', weights: [[0, 1, 0]] }
}

describe.runIf(engine)(`a refinement on ${engine?.kind}`, () => {
  afterAll(() => engine?.close())

  it.each(forms)('of 8 steps and 8 more is one of 16: %s', async (_, recipe, options) => {
    const sampler = await createSampler(recipe)
    const condition = conditionOf(recipe)
    const before = tf.memory().numTensors
    const whole = await sampler.refine(condition, SEED, { ...options, steps: 16 })
    const half = await sampler.refine(condition, SEED, { ...options, steps: 8 })
    const from = { picture: half.refined, step: 8 }
    expect(await sampler.refine(condition, SEED, { ...options, steps: 8, from })).toEqual(whole)
    // Somewhere else it would have gone elsewhere.
    if (options.noise) {
      const late = await sampler.refine(condition, SEED, { ...options, steps: 8, from: { ...from, step: 9 } })
      expect(late.refined).not.toEqual(whole.refined)
    }
    expect(await sampler.draw(condition, [SEED], { ...options, steps: 16 })).toEqual(whole)
    expect(tf.memory().numTensors).toBe(before)
    sampler.dispose()
  })

  it('shows the fast guess and every step', async () => {
    const sampler = await createSampler(quick)
    const condition = conditionOf(quick)
    const seen: [number, Pictures][] = []
    const watch: RefineOptions['watch'] = async ({ step, read }) => void seen.push([step, await read()])
    const { initial, refined } = await sampler.refine(condition, SEED, { steps: 3, watch })
    expect(seen.map(([step]) => step)).toEqual([0, 1, 2, 3])
    expect(seen[0][1]).toEqual(initial)
    expect(seen[3][1]).toEqual(refined)
    expect(seen[2][1]).toEqual((await sampler.refine(condition, SEED, { steps: 2 })).refined)
    expect(await sampler.preview(condition, SEED)).toEqual(initial)

    const later: number[] = []
    const from = { picture: refined, step: 3 }
    await sampler.refine(condition, SEED, { steps: 2, from, watch: async ({ step }) => void later.push(step) })
    expect(later).toEqual([3, 4, 5])
    sampler.dispose()
  })

  it('puts what is not hidden back into the picture that it goes on from', async () => {
    const sampler = await createSampler(inpaint)
    const { observed, mask } = fakeBatch(inpaint, 1, 50)
    if (mask === undefined) throw new Error('no mask')
    const wrong = { ...observed, data: observed.data.map((value) => -value) }
    const condition = { kind: 'masked', observed, mask } as const
    const { refined } = await sampler.refine(condition, SEED, { steps: 1, from: { picture: wrong, step: 1 } })
    const kept = refined.data.filter((_, index) => mask.data[Math.floor(index / observed.channels)] === 0)
    expect(kept).toEqual(observed.data.filter((_, index) => mask.data[Math.floor(index / observed.channels)] === 0))
    expect(refined.data).not.toEqual(observed.data)
    sampler.dispose()
  })

  it('leaves nothing on the engine when it is stopped', async () => {
    const sampler = await createSampler(quick)
    const before = tf.memory().numTensors
    const stop = async () => {
      throw new Error('stopped')
    }
    const from = { picture: await sampler.preview(conditionOf(quick), SEED), step: 2 }
    for (const options of [{ pause: stop }, { watch: stop }, { from, noise: true, pause: stop }])
      await expect(sampler.refine(conditionOf(quick), SEED, options)).rejects.toThrow('stopped')
    expect(tf.memory().numTensors).toBe(before)
    sampler.dispose()
  })

  it('previews with a latent of one’s own', async () => {
    const sampler = await createSampler(quick)
    const condition = conditionOf(quick)
    const latent = [1, 0, -1, 0, 1, 0]
    const { initial } = await sampler.draw(condition, [SEED], { steps: 0, latents: [latent] })
    expect(await sampler.preview(condition, SEED, latent)).toEqual(initial)
    expect(await sampler.preview(condition, SEED)).not.toEqual(initial)
    sampler.dispose()
  })
})

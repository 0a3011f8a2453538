/** Learning, drawing and scoring on the engine under test give the numbers that tfjs's plain JavaScript gives, and leave nothing on the engine. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import type { Recipe } from '../domain/recipe.ts'
import { fakeBatch, requestOf, smallRecipe, useCpu } from '../ebm/testing.ts'
import { engineUnderTest } from './engineUnderTest.ts'
import { prepareScore, scoreModel } from './evaluation/scoreModel.ts'
import { type SampleCondition, Sampler } from './sampler.ts'
import { type StepReport, Trainer } from './trainer.ts'

const engine = await engineUnderTest()

const STEPS = 3
const SEEDS = [1, 2]
const TOLERANCE = 1e-3
const forms: [string, Recipe][] = [
  ['class, quick', smallRecipe('quick', requestOf('class'))],
  ['class, papers', smallRecipe('paper', requestOf('class'))],
  ['picture, quick, after one step of the prelude', smallRecipe('quick', requestOf('picture'))],
  ['inpaint, papers', smallRecipe('paper', requestOf('inpaint'))],
]

/** Named lists of numbers. */
type Numbers = Record<string, ArrayLike<number>>

async function learnAndDraw(recipe: Recipe): Promise<Numbers> {
  const batches = { read: (step: number) => Promise.resolve(fakeBatch(recipe, 4, step)) }
  const trainer = new Trainer({ recipe, seed: 1, batches, pictures: 400 })
  const numbers: Numbers = {}
  try {
    for (let step = 1; step <= STEPS; step++) numbers[`step ${step}`] = measuredIn(await trainer.step())
    const { state } = await trainer.checkpoint()
    for (const name of Object.keys(state.tensors)) numbers[name] = state.tensors[name].data
    const heldOut = fakeBatch(recipe, 16, 99)
    const prepared = await prepareScore(recipe, heldOut)
    if (prepared === undefined) throw new Error('too few held-out pictures')
    numbers.score = [await scoreModel(trainer.model, prepared)]
    const sampler = new Sampler(recipe, await trainer.weights())
    try {
      const { initial, refined, gain } = await sampler.draw(conditionOf(recipe), SEEDS)
      Object.assign(numbers, { initial: initial.data, refined: refined.data, gain })
      if (recipe.task === 'class') {
        const { latents, weights } = await sampler.infer(initial, SEEDS, { steps: 2 })
        Object.assign(numbers, { latents: latents.flat(), weights: weights.flat() })
      }
    } finally {
      sampler.dispose()
    }
  } finally {
    trainer.dispose()
  }
  return numbers
}

function measuredIn(report: StepReport): number[] {
  if (report.kind === 'rolledBack') throw new Error(report.message)
  return report.kind === 'prelude' ? [report.observedError] : Object.values(report.metrics)
}

function conditionOf(recipe: Recipe): SampleCondition {
  const { observed, condition, mask } = fakeBatch(recipe, SEEDS.length, 50)
  if (condition) return { kind: 'pictures', pictures: condition }
  if (mask) return { kind: 'masked', observed, mask }
  return {
    kind: 'labels',
    weights: SEEDS.map((_, index) => recipe.labels.map((_, label) => (label === index ? 1 : 0))),
  }
}

describe.runIf(engine)(`learning and drawing on ${engine?.kind}`, () => {
  afterAll(() => engine?.close())

  it.each(forms)('as in plain JavaScript: %s', async (_, small) => {
    const share = small.task === 'picture' ? 0.1 : 0
    const length = { steps: 10 } as const
    const recipe: Recipe = { ...small, length, learning: { ...small.learning, prelude: { share, rate: 0.0004 } } }
    const own = tf.getBackend()
    await useCpu()
    const expected = await learnAndDraw(recipe)
    await tf.setBackend(own)
    const before = tf.memory().numTensors
    const device = own === 'webgpu' ? (tf.backend() as WebGPUBackend).device : undefined
    // A GPU only notes what it refuses to do, and goes on with zeros.
    device?.pushErrorScope('validation')
    const found = await learnAndDraw(recipe)
    expect((await device?.popErrorScope())?.message).toBeUndefined()
    expect(tf.memory().numTensors).toBe(before)
    expect(Object.keys(found)).toEqual(Object.keys(expected))
    const worse = Object.keys(expected).filter((name) => !(difference(found[name], expected[name]) < TOLERANCE))
    expect(worse).toEqual([])
  })
})

/** Largest difference, relative to the largest number. */
function difference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  const worst = Math.max(...Array.from(expected, (value, index) => Math.abs(found[index] - value)))
  return worst / Math.max(1e-6, ...Array.from(expected, Math.abs))
}

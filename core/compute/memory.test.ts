/** Fifty cooperative steps of every task: finite numbers, and no tensor more than after the first. */
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import type { Recipe } from '../domain/recipe.ts'
import { fakeBatch, requestOf, smallRecipe } from '../ebm/testing.ts'
import { engineUnderTest } from './engineUnderTest.ts'
import { Trainer } from './trainer.ts'

const engine = await engineUnderTest()

const STEPS = 50
const forms: [string, Recipe][] = [
  ['class, quick', smallRecipe('quick', requestOf('class'))],
  ['class, papers', smallRecipe('paper', requestOf('class'))],
  ['class, template', smallRecipe('paper', requestOf('class', { template: true }))],
  ['picture, quick', smallRecipe('quick', requestOf('picture'))],
  ['picture, papers', smallRecipe('paper', requestOf('picture'))],
  ['picture, naive U-Net', smallRecipe('paper', requestOf('picture', { naive: true }))],
  ['inpaint, studio', smallRecipe('studio', requestOf('inpaint'))],
  ['inpaint, papers', smallRecipe('paper', requestOf('inpaint'))],
]

describe.runIf(engine)(`training on ${engine?.kind}`, () => {
  afterAll(() => engine?.close())

  it.each(forms)('neither grows nor breaks in fifty steps: %s', async (_, recipe) => {
    const before = tf.memory().numTensors
    const length = { steps: STEPS } as const
    const learning = { ...recipe.learning, prelude: { share: recipe.task === 'class' ? 0 : 0.1, rate: 0.0004 } }
    const batches = { read: (step: number) => Promise.resolve(fakeBatch(recipe, 8, step)) }
    const trainer = new Trainer({ recipe: { ...recipe, length, learning }, seed: 1, batches, pictures: 400 })
    const counts: number[] = []
    const bytes: number[] = []
    while (trainer.progress < 1) {
      const report = await trainer.step()
      expect(report.kind).not.toBe('rolledBack')
      const numbers = report.kind === 'cooperative' ? Object.values(report.metrics) : []
      expect(numbers.every(Number.isFinite)).toBe(true)
      counts.push(tf.memory().numTensors)
      bytes.push(tf.memory().numBytes)
    }
    // The scale of a normalised chain comes with the first cooperative step.
    const settled = recipe.learning.prelude.share > 0 || recipe.task !== 'class' ? 8 : 1
    expect(new Set(counts.slice(settled)).size).toBe(1)
    expect(new Set(bytes.slice(settled)).size).toBe(1)
    trainer.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})

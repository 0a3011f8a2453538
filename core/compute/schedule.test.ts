import { describe, expect, it } from 'vitest'
import type { LearningRecipe, Recipe, RunLength } from '../domain/recipe.ts'
import { createRecipe } from '../domain/recipes/createRecipe.ts'
import { rateFactor, runProgress } from './schedule.ts'

const base = createRecipe('quick', { task: 'class', size: 28, channels: 1, labels: ['a', 'b'] })
const recipeWith = (length: RunLength, learning: Partial<LearningRecipe> = {}): Recipe => ({
  ...base,
  length,
  learning: { ...base.learning, batch: 50, warmUpSteps: 0, decay: { kind: 'none' }, ...learning },
})
const at = (step: number, elapsedMs = 0, cooperativeSteps = step) => ({ step, elapsedMs, cooperativeSteps })

describe('runProgress', () => {
  it('counts minutes, steps or epochs, and goes on beyond 1', () => {
    expect(runProgress(recipeWith({ minutes: 2 }), 1000, at(99, 30_000))).toBe(0.25)
    expect(runProgress(recipeWith({ steps: 200 }), 1000, at(50, 1e9))).toBe(0.25)
    // 1,000 pictures in batches of 50: an epoch is 20 steps.
    expect(runProgress(recipeWith({ epochs: 4 }), 1000, at(20, 1e9))).toBe(0.25)
    expect(runProgress(recipeWith({ epochs: 4 }), 1000, at(160))).toBe(2)
    expect(runProgress(recipeWith({ minutes: 2 }), 1000, at(0))).toBe(0)
  })
})

describe('rateFactor', () => {
  it('warms up linearly, never from zero', () => {
    const recipe = recipeWith({ steps: 100 }, { warmUpSteps: 4 })
    expect([0, 1, 2, 3, 4, 50].map((step) => rateFactor(recipe, 1000, at(step)))).toEqual([0.25, 0.5, 0.75, 1, 1, 1])
  })

  it('warms up over cooperative steps: none is spent in the prelude', () => {
    const recipe = recipeWith({ steps: 100 }, { warmUpSteps: 4 })
    expect([0, 1, 3, 4].map((taken) => rateFactor(recipe, 1000, at(50 + taken, 0, taken)))).toEqual([0.25, 0.5, 1, 1])
  })

  it('falls linearly to its end and stays there', () => {
    const recipe = recipeWith({ steps: 100 }, { decay: { kind: 'linear', from: 0.5, to: 0.1 } })
    const factors = [0, 50, 75, 100, 150].map((step) => rateFactor(recipe, 1000, at(step)))
    ;[1, 1, 0.55, 0.1, 0.1].forEach((expected, index) => expect(factors[index]).toBeCloseTo(expected, 10))
    const toNothing = recipeWith({ minutes: 1 }, { decay: { kind: 'linear', from: 0, to: 0 } })
    expect(rateFactor(toNothing, 1000, at(0, 45_000))).toBeCloseTo(0.25, 10)
    expect(rateFactor(toNothing, 1000, at(0, 90_000))).toBe(0)
    const atTheEnd = recipeWith({ steps: 100 }, { decay: { kind: 'linear', from: 1, to: 0.1 } })
    expect([99, 100, 101].map((step) => rateFactor(atTheEnd, 1000, at(step)))).toEqual([1, 1, 0.1])
  })

  it('falls by a factor every so many epochs', () => {
    const recipe = recipeWith({ epochs: 10 }, { decay: { kind: 'exponential', factor: 0.5, epochs: 2 } })
    // Two epochs are 40 steps.
    expect([0, 39, 40, 80, 119, 120].map((step) => rateFactor(recipe, 1000, at(step)))).toEqual([
      1, 1, 0.5, 0.25, 0.25, 0.125,
    ])
  })

  it('warms up and falls together', () => {
    const recipe = recipeWith({ steps: 10 }, { warmUpSteps: 10, decay: { kind: 'linear', from: 0, to: 0 } })
    expect(rateFactor(recipe, 1000, at(4))).toBeCloseTo(0.5 * 0.6, 10)
  })
})

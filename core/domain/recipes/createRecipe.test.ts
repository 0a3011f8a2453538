import { describe, expect, it } from 'vitest'
import { AppError } from '../errors.ts'
import { createRecipe, SIZES } from './createRecipe.ts'
import type { RecipeRequest } from './request.ts'

const classes: RecipeRequest = { task: 'class', size: 28, channels: 1, labels: ['a', 'b', 'c'] }

describe('createRecipe', () => {
  it('refuses sizes that the task does not have, and one class', () => {
    const refused: RecipeRequest[] = [
      { ...classes, size: 256 },
      { ...classes, size: Number.NaN },
      { ...classes, labels: ['alone'] },
      { task: 'picture', size: 28, channels: 3, labels: [] },
    ]
    for (const request of refused) {
      expect(() => createRecipe('quick', request)).toThrow(AppError)
      expect(() => createRecipe('paper', request)).toThrow(AppError)
    }
    expect(() => createRecipe('quick', { ...classes, size: 256 })).toThrow('has the sizes 28, 32, 64, not 256')
  })

  it("keeps the papers' numbers", () => {
    const digits = createRecipe('paper', classes)
    expect(digits.chain).toMatchObject({ steps: 16, stepSize: 0.0008, referenceDeviation: 0.016, pull: true, bound: 0 })
    expect(digits.chain.noise).toEqual({ untilEpoch: 100 })
    expect(digits.learning).toMatchObject({ batch: 300, solverRate: 0.0008, initializerRate: 0.0001, beta1: 0.5 })
    expect(digits.learning).toMatchObject({
      residualDeviation: 0.3,
      mappingReduction: 'sum',
      solverClip: 0,
      average: 0,
    })
    expect(digits.length).toEqual({ epochs: 1600 })
    const colour = createRecipe('paper', { ...classes, size: 32, channels: 3 })
    expect(colour.chain).toMatchObject({ steps: 8, noise: { untilEpoch: 500 } })
    expect(colour.learning).toMatchObject({ solverRate: 0.002, initializerRate: 0.0064 })
    const pictures = createRecipe('paper', { task: 'picture', size: 256, channels: 3, labels: [] })
    expect(pictures.chain).toMatchObject({ steps: 15, stepSize: 0.002 })
    expect(pictures.learning).toMatchObject({ batch: 1, solverRate: 0.007, initializerRate: 0.0001 })
    expect(pictures.data).toEqual({ mirror: true, jitterCrop: true, mask: 'centre', maskChannel: false })
  })

  it("has the papers' style transfer: the early networks of 4.1.2 at 32x32 in colour", () => {
    const styles = createRecipe('paper', { ...classes, size: 32, channels: 3, early: true })
    const digits = createRecipe('paper', classes)
    if (styles.initializer.kind !== 'classDecoder') throw new Error('other networks')
    expect(styles.initializer).toMatchObject({ latent: 128, joinAt: 0 })
    const layers = styles.initializer.layers.map(({ kernel, size, channels }) => [kernel, size, channels])
    expect(layers).toEqual([
      [4, 4, 256],
      [4, 8, 128],
      [4, 16, 64],
      [4, 32, 3],
    ])
    expect([styles.chain, styles.learning, styles.length]).toEqual([digits.chain, digits.learning, digits.length])
    expect(createRecipe('paper', { ...classes, early: true })).toEqual(digits)
  })

  it.each(SIZES.class)("has P2's template solver at %i pixels", (size) => {
    const { solver, initializer, learning } = createRecipe('paper', { ...classes, size, template: true })
    expect(solver.convolutions).toEqual([64, 128, 256].map((channels) => ({ kernel: 4, stride: 2, channels })))
    expect(solver.condition).toMatchObject({ kind: 'template', labels: 3 })
    expect(initializer).toMatchObject({ latent: 100, joinAt: 0 })
    expect(learning).toMatchObject({ batch: 100, solverRate: 0.0008, initializerRate: 0.0001 })
  })

  it('never adds the residual noise of Algorithm 1 unless asked, as the published code', () => {
    for (const name of ['paper', 'studio', 'quick'] as const) {
      expect(createRecipe(name, classes).learning.residualNoise).toBe(false)
      expect(createRecipe(name, { ...classes, task: 'picture', size: 64 }).learning.residualNoise).toBe(false)
    }
  })

  it.each(['paper', 'studio', 'quick'] as const)('gives the %s networks what the task gives them', (name) => {
    for (const task of ['picture', 'inpaint'] as const)
      for (const size of SIZES[task]) {
        const recipe = createRecipe(name, { task, size, channels: 3, labels: [], conditionChannels: 1 })
        const { initializer, solver, data } = recipe
        if (initializer.kind !== 'uNet' || solver.condition.kind !== 'picture') throw new Error('other networks')
        const seen = task === 'picture' ? 1 : data.maskChannel ? 4 : 3
        expect([initializer.conditionChannels, solver.condition.channels]).toEqual([seen, seen])
        expect(initializer.dropoutLayers).toBeLessThan(initializer.channels.length)
      }
    for (const size of SIZES.class) {
      const { initializer } = createRecipe(name, { ...classes, size })
      if (initializer.kind !== 'classDecoder') throw new Error('other networks')
      expect(initializer.layers[initializer.layers.length - 1]).toMatchObject({ size, channels: 1 })
    }
  })
})

/** How the examples of a data set are read for a recipe, in training and in evaluation alike. */
import { type Batches, createBatches } from '../data/batches.ts'
import type { DataSet } from '../data/dataSet.ts'
import type { Recipe } from '../domain/recipe.ts'

export interface Reading {
  readonly recipe: Recipe
  readonly data: DataSet
  /** Conditions drawn from the pictures themselves. */
  readonly conditionFromPhoto?: 'edges'
}

export function batchesOf({ recipe, data, seed, conditionFromPhoto }: Reading & { readonly seed: number }): Batches {
  return createBatches(data, {
    ...exampleOptions(recipe, conditionFromPhoto),
    split: 'train',
    batchSize: recipe.learning.batch,
    seed,
    augment: { mirror: recipe.data.mirror, jitterCrop: recipe.data.jitterCrop },
  })
}

export function exampleOptions(recipe: Recipe, conditionFromPhoto: 'edges' | undefined) {
  const { initializer, task, size, channels, data } = recipe
  const conditionChannels =
    initializer.kind === 'uNet' && initializer.conditionChannels === 1 ? (1 as const) : (3 as const)
  return { task, size, channels, conditionChannels, mask: data.mask, conditionFromPhoto }
}

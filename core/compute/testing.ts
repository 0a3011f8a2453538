/** Training runs for tests: small recipes, made-up batches, a clock that does not depend on the machine. */
import * as tf from '@tensorflow/tfjs-core'
import type { ChainRecipe, LearningRecipe, Recipe } from '../domain/recipe.ts'
import { fakeBatch, requestOf, smallRecipe } from '../ebm/testing.ts'
import { type StepReport, Trainer, type TrainerOptions } from './trainer.ts'

export const recipes = {
  class: smallRecipe('quick', requestOf('class', { channels: 1 })),
  paper: smallRecipe('paper', requestOf('class', { channels: 1 })),
  picture: smallRecipe('quick', requestOf('picture')),
}

type Changes = Partial<Pick<Recipe, 'length'>> & { chain?: Partial<ChainRecipe>; learning?: Partial<LearningRecipe> }

export function change(recipe: Recipe, { chain, learning, ...rest }: Changes): Recipe {
  const batch = 3
  return {
    ...recipe,
    length: { steps: 1000 },
    ...rest,
    chain: { ...recipe.chain, steps: 2, ...chain },
    learning: { ...recipe.learning, batch, ...learning },
  }
}

export function trainerFor(recipe: Recipe, more: Partial<TrainerOptions> = {}): Trainer {
  const batches = { read: (step: number) => Promise.resolve(fakeBatch(recipe, recipe.learning.batch, step)) }
  return new Trainer({ recipe, seed: 5, batches, pictures: 60, ...more })
}

export async function take(trainer: Trainer, steps: number): Promise<StepReport[]> {
  const reports: StepReport[] = []
  for (let i = 0; i < steps; i++) reports.push(await trainer.step())
  return reports
}

/** A clock that goes on by 1 ms a look: what depends on time is the same in every run. */
export function steadyClock(): () => number {
  let now = 0
  return () => now++
}

/** What is on the engine now: who says that nothing is left behind compares it. */
export function countTensors(): number {
  return tf.memory().numTensors
}

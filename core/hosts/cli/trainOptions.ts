/** What `tandem train` and `tandem resume` are told. */
import type { RecipeOrder } from '../../studio/composeRecipe.ts'
import { lengthOf, type LengthOptions, type SharedOptions } from './options.ts'

export interface TrainOptions extends SharedOptions, LengthOptions {
  readonly out: string
  readonly overwrite?: boolean
  readonly recipe: 'paper' | 'studio' | 'quick'
  readonly task?: 'class' | 'picture' | 'inpaint'
  readonly size?: number
  readonly seed: number
  readonly condition?: 'left' | 'right'
  readonly edges?: boolean
  readonly template?: boolean
  readonly early?: boolean
  readonly naive?: boolean
  readonly outputs?: 1 | 100
  readonly set?: string[]
}

export interface ResumeOptions extends SharedOptions, LengthOptions {
  readonly data?: string
  readonly out?: string
  readonly overwrite?: boolean
}

/** What decides the recipe, and the randomness. */
export function recipeOrder(options: TrainOptions): RecipeOrder & { readonly seed: number } {
  const { recipe, task, size, seed, set, edges, template, early, naive, outputs } = options
  return {
    ...{ recipe, task, size, seed, set },
    length: lengthOf(options),
    conditionFromPhoto: edges ? 'edges' : undefined,
    variant: { template, early, naive, outputs },
  }
}

/** What a person asks for, as plain data. */
import type { EngineKind } from '../compute/engine.ts'
import type { RecipeName, RunLength, TaskKind } from '../domain/recipe.ts'
import type { RecipeRequest } from '../domain/recipes/request.ts'

export type { EngineKind }

export interface EngineChoice {
  readonly engine?: EngineKind
  readonly threads?: number
}

export interface TrainingOrder extends EngineChoice {
  /** Where the training pictures are. */
  readonly folder: string
  /** Where the model goes. */
  readonly out: string
  /** Replace a model that is already there. */
  readonly overwrite?: boolean
  readonly recipe: RecipeName
  readonly seed: number
  /** What the pictures suggest when absent. */
  readonly task?: TaskKind
  readonly size?: number
  readonly length?: RunLength
  readonly conditionSide?: 'left' | 'right'
  /** Pairs from photos alone: the built-in extractor draws the conditions. */
  readonly conditionFromPhoto?: 'edges'
  /** Forms of the papers' networks. */
  readonly variant?: Pick<RecipeRequest, 'outputs' | 'template' | 'early' | 'naive'>
  /** Single options, `path=value`. */
  readonly set?: readonly string[]
}

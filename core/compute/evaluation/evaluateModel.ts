/** How good a trained model is on pictures it has never seen: every number beside what real pictures score. */
import { evaluateClasses } from './evaluateClasses.ts'
import { evaluatePictures } from './evaluatePictures.ts'
import type { Evaluation, EvaluationOptions } from './evaluationOptions.ts'

export type { Evaluation, EvaluationOptions } from './evaluationOptions.ts'

/**
 * @throws RangeError for a class task without a classifier or too few pictures, AppError mismatch for examples that do not fit the recipe,
 * CancelledError when `signal` says so
 */
export function evaluateModel(options: EvaluationOptions): Promise<Evaluation> {
  return options.model.recipe.task === 'class' ? evaluateClasses(options) : evaluatePictures(options)
}

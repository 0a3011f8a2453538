/**
 * How good a trained model is on held-out pictures: every number beside what real pictures score. No network learnt from them, but the weights
 * may have been chosen by a score on some of them (scoreModel.ts); the report says on how many.
 */
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

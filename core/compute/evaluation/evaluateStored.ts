/** Evaluation for callers that know no tensors: stored weights and a stored (or new) classifier in, a report and a contact sheet out. */
import type { Picture } from '../../domain/picture.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { disposeState, restoreState, type StoredState } from '../../ebm/learningState.ts'
import { composeSheet } from '../../evaluation/sheet.ts'
import { disposeClassifier, restoreClassifier, storeClassifier, type StoredClassifier } from './classifier.ts'
import { evaluateModel, type EvaluationOptions } from './evaluateModel.ts'
import type { EvaluationReport } from './evaluationReport.ts'
import { firstPictures } from './pieces.ts'
import { type ClassifierTraining, trainClassifier } from './trainClassifier.ts'

/** Pictures side by side in the sheet. */
const COLUMNS = 10
/** Rows of examples in the sheet. */
const BANDS = 4

export interface StoredEvaluation extends Omit<EvaluationOptions, 'model' | 'classifier'> {
  readonly recipe: Recipe
  readonly weights: StoredState
  /** Class task. */
  readonly classifier?: StoredClassifier
  /** By how many of the first held-out examples the weights were chosen, if at all. */
  readonly chosenOn?: number
}

export async function evaluateStored(options: StoredEvaluation): Promise<{ report: EvaluationReport; sheet: Picture }> {
  const { recipe, weights, classifier, chosenOn, ...rest } = options
  const state = restoreState(weights, { learning: false })
  const shape = { size: recipe.size, channels: recipe.channels, classes: recipe.labels.length }
  const judge = classifier && restoreClassifier(classifier, shape)
  try {
    const { report, sheet } = await evaluateModel({ ...rest, model: { recipe, state }, classifier: judge })
    const rows = sheet.map(({ label, pictures }) => ({ label, pictures: firstPictures(pictures, COLUMNS * BANDS) }))
    const chosen = chosenOn === undefined ? {} : { chosenOn: Math.min(chosenOn, report.counts.heldOut) }
    return { report: { ...report, ...chosen }, sheet: composeSheet(rows, { columns: COLUMNS }) }
  } finally {
    disposeState(state)
    if (judge) disposeClassifier(judge)
  }
}

/** Trains the measuring classifier and hands it out as plain data, to keep. */
export async function trainStoredClassifier(options: ClassifierTraining): Promise<StoredClassifier> {
  const classifier = await trainClassifier(options)
  try {
    return await storeClassifier(classifier)
  } finally {
    disposeClassifier(classifier)
  }
}

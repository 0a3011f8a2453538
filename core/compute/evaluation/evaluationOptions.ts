/** What an evaluation is asked for and gives back. */
import type { Batch } from '../../domain/picture.ts'
import type { Model } from '../../ebm/sampling.ts'
import type { SheetRow } from '../../evaluation/sheet.ts'
import type { Classifier } from './classifier.ts'
import type { EvaluationReport } from './evaluationReport.ts'
import type { TurnOptions } from './turn.ts'

export interface EvaluationOptions extends TurnOptions {
  readonly model: Model
  /** Held-out examples of the recipe's task (loadExamples); for inpainting with masks, best the centre ones. */
  readonly heldOut: Batch
  /** Real training examples, best as many as there are samples: what the floor is measured on. */
  readonly training: Batch
  /** Class task: trained on the training split of the same data set. Stays the caller's. */
  readonly classifier?: Classifier
  /** How many pictures to draw. Default: 2,000 in the class task; else every held-out example, 500 at most, fewer at 256x256. */
  readonly samples?: number
  /** Measure also after twice the recipe's Langevin steps. */
  readonly twice?: boolean
  /** Class task: also the log-likelihood by Parzen windows, which takes a while. */
  readonly parzen?: boolean
  /** Sample i is drawn from seed + i; default 0. */
  readonly seed?: number
}

export interface Evaluation {
  /** Plain data; the same model gives the same report on the same engine. */
  readonly report: EvaluationReport
  /** For composeSheet: condition (where it is a picture), initial, refined, observed. */
  readonly sheet: readonly SheetRow[]
}

/** Training of the classifier that measures class -> picture: cross-entropy, Adam, a rate that rises and falls once (Smith and Topin 2018). */
import * as tf from '@tensorflow/tfjs-core'
import { AppError } from '../../domain/errors.ts'
import type { Batch } from '../../domain/picture.ts'
import { Random } from '../../domain/random.ts'
import { oneHot } from '../../ebm/condition.ts'
import { Learner } from '../../ebm/learner.ts'
import { initialiseParameters, mapParameters, type Parameters } from '../../ebm/parameters.ts'
import { picturesToTensor } from '../batchTensors.ts'
import type { Classifier } from './classifier.ts'
import {
  type ClassifierShape,
  classifierShapes,
  DROPOUT,
  FEATURES,
  featuresOf,
  scoreClasses,
} from './classifierNetwork.ts'
import { createTurn, type TurnOptions } from './turn.ts'

const INITIAL_STREAM = 0
const DROPOUT_STREAM = 1
/** The rate starts at the top's 25th part, is highest after 30 % of the steps, and ends near zero. */
const RATE = { top: 3e-3, start: 1 / 25, end: 1e-5, risingShare: 0.3 } as const
const ADAM = { beta1: 0.9, beta2: 0.999, clip: 0, average: 0 } as const
/** More passes over a small set, less than one over a huge one. */
const EPOCHS = 4
const LEAST_STEPS = 400
const MOST_STEPS = 2500

export interface ClassifierTraining extends ClassifierShape, TurnOptions {
  /** Batches of the training split with labels (createBatches, task `class`), mirrored where the recipe mirrors. */
  readonly batches: { readonly stepsPerEpoch: number; read(step: number): Promise<Batch> }
  readonly seed: number
  /** Mini-batches to learn from; default: four passes over the pictures, but 400 to 2,500. */
  readonly steps?: number
}

/** @returns a classifier, which the caller disposes of @throws AppError mismatch for batches without labels, CancelledError */
export async function trainClassifier(options: ClassifierTraining): Promise<Classifier> {
  const { batches, size, channels, classes, seed } = options
  const steps = options.steps ?? Math.max(LEAST_STEPS, Math.min(MOST_STEPS, EPOCHS * batches.stepsPerEpoch))
  if (!Number.isInteger(steps) || steps < 1) throw new RangeError(`steps is 1 or more, not ${steps}`)
  const turn = createTurn(options)
  const shape = { size, channels, classes }
  const learner = Learner.fresh(initialiseParameters(classifierShapes(shape), new Random(seed, INITIAL_STREAM)))
  try {
    for (let step = 0; step < steps; step++) {
      const batch = await batches.read(step)
      learnFrom(learner, batch, classes, rateAt(step / steps), new Random(seed, DROPOUT_STREAM, step))
      await turn((step + 1) / steps)
    }
    return { ...shape, parameters: mapParameters(learner.parameters, (tensor) => tf.clone(tensor)) }
  } finally {
    learner.dispose()
  }
}

function learnFrom(learner: Learner, { observed, labels }: Batch, classes: number, rate: number, random: Random): void {
  if (labels === undefined)
    throw new AppError('mismatch', 'A classifier learns from labels, and these pictures have none.')
  tf.tidy(() => {
    const pictures = picturesToTensor(observed)
    const wanted = oneHot(labels, classes)
    const kept = Float32Array.from({ length: observed.count * FEATURES }, () =>
      random.uniform() < DROPOUT ? 0 : 1 / (1 - DROPOUT),
    )
    const keep = tf.tensor2d(kept, [observed.count, FEATURES])
    const { gradients } = learner.differentiate((parameters) => crossEntropy(parameters, pictures, keep, wanted))
    learner.update(gradients, { ...ADAM, rate })
  })
}

function crossEntropy(
  parameters: Parameters,
  pictures: tf.Tensor4D,
  keep: tf.Tensor2D,
  wanted: tf.Tensor2D,
): tf.Scalar {
  const scores = scoreClasses(parameters, tf.mul(featuresOf(parameters, pictures), keep))
  return tf.neg(tf.mean(tf.sum(tf.mul(wanted, tf.logSoftmax(scores)), 1))) as tf.Scalar
}

/** @param share of the steps that are done, 0..1 */
function rateAt(share: number): number {
  const { top, start, end, risingShare } = RATE
  const [from, to, way] =
    share < risingShare ? [start, 1, share / risingShare] : [1, end, (share - risingShare) / (1 - risingShare)]
  return top * (to + ((from - to) * (1 + Math.cos(Math.PI * way))) / 2)
}

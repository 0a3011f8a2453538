/**
 * A cheap score to keep the best checkpoint of a run by; lower is better. It compares models of one recipe on the same examples and is no measure
 * to publish. Picture tasks: sliced Wasserstein distance of refined pictures, the mean over its levels. Class task: Frechet distance on random
 * convolution features joined with the label (DeVries et al. 2019), so that pictures of the wrong class cost too.
 */
import type { Batch, Pictures } from '../../domain/picture.ts'
import type { Recipe } from '../../domain/recipe.ts'
import type { Model } from '../../ebm/sampling.ts'
import { frechetDistance } from '../../evaluation/distributions.ts'
import { covariance, createMatrix, type Matrix, trace } from '../../evaluation/matrix.ts'
import { SlicedWasserstein } from '../../evaluation/slicedWasserstein.ts'
import { classify, createClassifier, disposeClassifier } from './classifier.ts'
import { areFinite, drawSamples } from './drawSamples.ts'
import { needLabels } from './labels.ts'
import { hiddenRegion, levelSides } from './measuredRegion.ts'
import { firstExamples } from './pieces.ts'
import { createTurn, type TurnOptions } from './turn.ts'

/** So many pictures of 64x64 (fewer of larger ones), or so many samples of classes. */
const PICTURES = 64
const FEWEST_PICTURES = 16
const CLASS_SAMPLES = 256
/** The covariance of fewer features is chance: no score is better than that one. */
const FEWEST_CLASS_SAMPLES = 16
/** More classes than this share the columns of their one-hot. */
const LABEL_COLUMNS = 64
const SEED = 77
/** The measuring network is never trained and always the same. */
const FEATURE_SEED = 78

/** The held-out examples that every model of a run is scored on. It holds no tensors. */
export interface PreparedScore {
  readonly examples: Batch
  measure(refined: Pictures): Promise<number>
}

/**
 * @param heldOut of the recipe's task; 256 (class) or 64 are enough, more are left aside
 * @returns undefined where too few class pictures are held out to compare models by
 * @throws AppError mismatch for a class task without labels
 */
export async function prepareScore(recipe: Recipe, heldOut: Batch): Promise<PreparedScore | undefined> {
  if (recipe.task === 'class') {
    if (heldOut.observed.count < FEWEST_CLASS_SAMPLES) return undefined
    return prepareClassScore(recipe, firstExamples(heldOut, CLASS_SAMPLES))
  }
  const fitting = Math.floor((PICTURES * 64 * 64) / (recipe.size * recipe.size))
  const examples = firstExamples(heldOut, Math.min(PICTURES, Math.max(FEWEST_PICTURES, fitting)))
  const region = hiddenRegion(examples.mask)
  const { length: levels } = levelSides(region ? Math.min(region.height, region.width) : recipe.size)
  const wasserstein = new SlicedWasserstein(examples.observed, { region, levels })
  return {
    examples,
    measure: async (refined) => {
      const distances = wasserstein.measure(refined)
      return distances.reduce((sum, distance) => sum + distance, 0) / distances.length
    },
  }
}

/** @returns lower is better; Infinity for a model that draws no numbers any more */
export async function scoreModel(model: Model, prepared: PreparedScore, options: TurnOptions = {}): Promise<number> {
  const samples = await drawSamples(model, prepared.examples, { seed: SEED, twice: false }, createTurn(options))
  return areFinite(samples) ? prepared.measure(samples.refined) : Number.POSITIVE_INFINITY
}

async function prepareClassScore(recipe: Recipe, examples: Batch): Promise<PreparedScore> {
  const labels = needLabels(examples)
  const real = await randomFeatures(recipe, examples.observed)
  const weight = 1 / Math.sqrt(Math.max(1e-12, trace(covariance(real))))
  const reference = joinLabels(real, weight, labels)
  return {
    examples,
    measure: async (refined) =>
      frechetDistance(joinLabels(await randomFeatures(recipe, refined), weight, labels), reference),
  }
}

async function randomFeatures({ size, channels }: Recipe, pictures: Pictures): Promise<Matrix> {
  const classifier = createClassifier({ size, channels, classes: 2 }, FEATURE_SEED)
  try {
    return (await classify(classifier, pictures)).features
  } finally {
    disposeClassifier(classifier)
  }
}

/** Features in units in which their variance is 1, beside the one-hot label, whose variance is about 1. */
function joinLabels({ rows, columns, data }: Matrix, weight: number, labels: Int32Array): Matrix {
  const joined = createMatrix(rows, columns + LABEL_COLUMNS)
  for (let row = 0; row < rows; row++) {
    const own = data.subarray(row * columns, (row + 1) * columns)
    joined.data.set(
      own.map((feature) => feature * weight),
      row * joined.columns,
    )
    joined.data[row * joined.columns + columns + (labels[row] % LABEL_COLUMNS)] = 1
  }
  return joined
}

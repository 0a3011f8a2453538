/**
 * How good a model is on held-out pictures: numbers with their floor, and a contact sheet. The model learnt from none of them; its weights may
 * have been chosen on some, and then the report says so.
 */
import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openEngine } from '../compute/engine.ts'
import type { StoredClassifier } from '../compute/evaluation/classifier.ts'
import { evaluateStored, type StoredEvaluation, trainStoredClassifier } from '../compute/evaluation/evaluateStored.ts'
import { type EvaluationReport, formatEvaluation } from '../compute/evaluation/evaluationReport.ts'
import type { StoredState } from '../compute/storedState.ts'
import { tandemHome } from '../compute/tandemHome.ts'
import type { ModelManifest } from '../contract/modelManifest.ts'
import { createBatches, loadExamples } from '../data/batches.ts'
import { type DataSet, openDataSet } from '../data/dataSet.ts'
import { AppError } from '../domain/errors.ts'
import type { Picture } from '../domain/picture.ts'
import type { Recipe } from '../domain/recipe.ts'
import { writeFileAtomically } from '../storage/atomicFile.ts'
import { readModelFile, writeModelFile } from '../storage/modelFile.ts'
import { fingerprintOf, isFingerprintOf } from './fingerprint.ts'
import { loadModel, weightsToSample } from './models.ts'
import type { EngineChoice } from './orders.ts'
import { assertPlaceFor } from './outputPlace.ts'
import { exampleOptions, type Reading } from './readExamples.ts'
import { writePng } from './writePng.ts'

export { formatEvaluation }
export type { EvaluationReport }

/** Pictures measured in the class task, and at most in the others. */
const CLASS_SAMPLES = 2000
const MOST_PICTURES = 500
const CLASSIFIER_BATCH = 100
/** What a covariance takes. */
const FEWEST_CLASS_PICTURES = 2

export interface EvaluationOrder extends EngineChoice {
  readonly model: string
  /** Where the pictures are; where the model was trained when absent. */
  readonly folder?: string
  /** Contact sheet (PNG) and report (JSON) are written as this name with .png and .json. */
  readonly out: string
  readonly samples?: number
  readonly twice?: boolean
  readonly parzen?: boolean
}

export type EvaluationNews = (stage: 'classifier' | 'measuring', share: number) => void

export async function evaluate(
  order: EvaluationOrder,
  tell: EvaluationNews,
  signal: AbortSignal,
): Promise<EvaluationReport> {
  const saved = await loadModel(order.model)
  const { recipe, data: about } = saved.manifest
  const folder = order.folder ?? about.folder
  if (folder === null)
    throw new AppError('misuse', 'The model does not say where its pictures are.', {
      hint: 'Name the folder with --data.',
    })
  for (const kind of ['picture', 'report'] as const)
    await assertPlaceFor(fileOf(order.out, kind), kind, [order.model, folder])
  const data = await openDataSet(folder, { conditionSide: about.conditionSide ?? undefined })
  const engine = await openEngine(order)
  try {
    const { samples, twice, parzen } = order
    const { report, sheet } = await measureWeights(
      {
        ...{ recipe, data, samples, twice, parzen },
        conditionFromPhoto: about.conditionFromPhoto ?? undefined,
        weights: weightsToSample(saved),
        chosenOn: chosenOn(saved.manifest, data),
      },
      tell,
      { signal },
    )
    await writePng(fileOf(order.out, 'picture'), sheet)
    await writeFileAtomically(fileOf(order.out, 'report'), [Buffer.from(`${JSON.stringify(report, undefined, 1)}\n`)])
    return report
  } finally {
    engine.close()
  }
}

export interface Measuring extends Reading {
  readonly weights: StoredState
  /** Held-out pictures that the weights were chosen on, if at all. */
  readonly chosenOn?: number
  readonly samples?: number
  readonly twice?: boolean
  readonly parzen?: boolean
}

/** On the current engine. The report, and the contact sheet. @throws AppError for pictures that the model cannot be measured on */
export async function measureWeights(
  { recipe, data, conditionFromPhoto, samples, ...rest }: Measuring,
  tell: EvaluationNews,
  turn: Pick<StoredEvaluation, 'signal' | 'pause'>,
): Promise<{ report: EvaluationReport; sheet: Picture }> {
  assertMeasurable(recipe, data)
  const isClass = recipe.task === 'class'
  const classifier = isClass ? await findClassifier(recipe, data, tell, turn) : undefined
  const options = { ...exampleOptions(recipe, conditionFromPhoto), mask: 'centre' as const }
  const count = isClass ? Math.max(samples ?? 0, CLASS_SAMPLES) : MOST_PICTURES
  const heldOutCount = isClass ? data.count.heldOut : count
  return evaluateStored({
    ...{ ...rest, ...turn, recipe, samples, classifier },
    heldOut: await loadExamples(data, { ...options, split: 'heldOut', count: heldOutCount }),
    training: await loadExamples(data, { ...options, split: 'train', count }),
    onProgress: (share) => tell('measuring', share),
  })
}

function fileOf(out: string, kind: 'picture' | 'report'): string {
  return `${out}.${kind === 'picture' ? 'png' : 'json'}`
}

/** How many of these held-out pictures the weights were chosen on; other pictures than those of the training had no part in it. */
export function chosenOn({ data: { fingerprint }, chosenOn }: ModelManifest, data: DataSet): number | undefined {
  const others = fingerprint !== null && !isFingerprintOf(fingerprint, data)
  return others ? undefined : (chosenOn ?? undefined)
}

function assertMeasurable({ task, labels }: Recipe, data: DataSet): void {
  if (task !== 'class') return
  if (data.count.heldOut < FEWEST_CLASS_PICTURES)
    throw new AppError(
      'bad-input',
      `Too few pictures are held out to measure a class model by (${data.count.heldOut}).`,
      {
        hint: `Distances between classes of pictures need at least ${FEWEST_CLASS_PICTURES}; a tenth of a folder is held out.`,
      },
    )
  if (labels.join('\n') === data.labels?.join('\n')) return
  throw new AppError(
    'mismatch',
    `The model draws ${labels.join(', ')}; the folder has ${data.labels?.join(', ') ?? 'no classes'}.`,
    {
      hint: 'Evaluate on the data set that the model was trained on.',
    },
  )
}

/** The measuring classifier of a data set: trained once, on its training split, and kept in the user's cache. */
async function findClassifier(
  recipe: Recipe,
  data: DataSet,
  tell: EvaluationNews,
  turn: Pick<StoredEvaluation, 'signal' | 'pause'>,
): Promise<StoredClassifier> {
  const { size, channels, labels } = recipe
  const file = classifierFile(recipe, data)
  const kept = await readModelFile(file).catch(() => undefined)
  if (kept) return kept.tensors
  const batches = createBatches(data, {
    ...{ task: 'class', split: 'train', batchSize: CLASSIFIER_BATCH, size, channels, seed: 1 },
    augment: { mirror: recipe.data.mirror },
  })
  const training = { ...turn, batches, size, channels, classes: labels.length, seed: 1 }
  const classifier = await trainStoredClassifier({ ...training, onProgress: (share) => tell('classifier', share) })
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeModelFile(file, { manifest: { kind: 'classifier' }, tensors: classifier })
  } catch {
    // A cache that cannot be kept costs time at the next evaluation, not this one.
  }
  return classifier
}

/** Where the measuring classifier of these pictures is kept, wherever they lie. */
export function classifierFile({ size, channels, labels }: Recipe, data: DataSet, home = tandemHome()): string {
  const key = createHash('sha256')
    .update(JSON.stringify([fingerprintOf(data), labels, size, channels]))
    .digest('hex')
    .slice(0, 16)
  return join(home, 'classifiers', `${key}.safetensors`)
}

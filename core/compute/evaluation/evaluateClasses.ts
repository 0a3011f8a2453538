/** Measures of class -> picture, through the data set's own classifier: Inception's network was made for photographs. */
import { createPictures, type Pictures } from '../../domain/picture.ts'
import { Random } from '../../domain/random.ts'
import { classAccuracy, frechetDistance, inceptionScore } from '../../evaluation/distributions.ts'
import { withinClassDeviation } from '../../evaluation/likeness.ts'
import type { Matrix } from '../../evaluation/matrix.ts'
import type { SheetRow } from '../../evaluation/sheet.ts'
import { type Classification, type Classifier, classify } from './classifier.ts'
import { FEATURES } from './classifierNetwork.ts'
import { assertDrawn, drawSamples, listSamples, type Samples } from './drawSamples.ts'
import type { Evaluation, EvaluationOptions } from './evaluationOptions.ts'
import { describeModel, measureEach, type Measure, type Subject, titleOf } from './evaluationReport.ts'
import { needLabels, spreadLabels, takeTurns } from './labels.ts'
import { measureParzen } from './parzen.ts'
import { firstExamples, pickPictures } from './pieces.ts'
import { createTurn, partOfTurn, type Turn } from './turn.ts'

const SAMPLES = 2000
/** The Inception score's customary number of parts. */
const SPLITS = 10
/** Examples on the contact sheet. */
const SHOWN = 20
const NOISE_STREAM = 31

interface Labelled {
  readonly subject: Subject
  readonly pictures: Pictures
  /** What the pictures are or were drawn for; noise has none. */
  readonly labels?: Int32Array
}
type Judged = Labelled & Classification

export async function evaluateClasses(options: EvaluationOptions): Promise<Evaluation> {
  const { model, heldOut, classifier, twice = false, parzen = false, seed = 0, samples: count = SAMPLES } = options
  const { size, channels } = model.recipe
  if (classifier === undefined) throw new RangeError('the class task is measured with a classifier')
  if (!Number.isInteger(count) || count < 2) throw new RangeError(`samples is 2 or more, not ${count}`)
  const heldOutLabels = needLabels(heldOut)
  const labels = spreadLabels(heldOutLabels, count, seed)
  const training = firstExamples(options.training, count)
  const blank = createPictures(count, size, size, channels)
  const noise = { ...blank, data: new Random(seed, NOISE_STREAM).normals(blank.data.length) }

  const turn = createTurn(options)
  const [drawn, judged] = parzen ? [0.6, 0.65] : [0.9, 1]
  const samples = await drawSamples(model, { observed: blank, labels }, { seed, twice }, partOfTurn(turn, 0, drawn))
  assertDrawn(samples)
  const subjects: Labelled[] = [
    { subject: 'observed', pictures: heldOut.observed, labels: heldOutLabels },
    ...listSamples(samples).map((sample) => ({ ...sample, labels })),
    { subject: 'training', pictures: training.observed, labels: needLabels(training) },
    { subject: 'noise', pictures: noise },
  ]
  const found = await judge(classifier, subjects, partOfTurn(turn, drawn, judged))
  const classifierAccuracy = classAccuracy(found[0].probabilities, heldOutLabels)
  const measures = measureAll(found, classifierAccuracy)
  if (parzen) {
    const windows = subjects.filter(({ subject }) => subject !== 'observed' && subject !== 'noise')
    measures.push(await measureParzen(windows, heldOut.observed, partOfTurn(turn, judged, 1)))
  }
  return {
    report: {
      ...describeModel(model, seed),
      counts: { samples: count, heldOut: heldOut.observed.count, training: training.observed.count },
      classifierAccuracy,
      measures,
    },
    sheet: composeRows(samples, labels, heldOut.observed, heldOutLabels),
  }
}

async function judge(classifier: Classifier, subjects: readonly Labelled[], turn: Turn): Promise<Judged[]> {
  const total = subjects.reduce((sum, { pictures }) => sum + pictures.count, 0)
  const found: Judged[] = []
  let done = 0
  for (const subject of subjects) {
    const { count } = subject.pictures
    const part = partOfTurn(turn, done / total, (done + count) / total)
    found.push({ ...subject, ...(await classify(classifier, subject.pictures, part)) })
    done += count
  }
  return found
}

/** @param found the observed pictures first */
function measureAll(found: readonly Judged[], accuracy: number): Measure[] {
  const [observed, { pictures: drawn }] = found
  const judge = `a classifier trained on this data set, right about ${(100 * accuracy).toFixed(1)} % of the held-out pictures`
  const parts = Math.min(SPLITS, drawn.count, observed.pictures.count)
  return [
    {
      name: 'frechetDistance',
      title: 'Frechet distance',
      better: 'lower',
      basis: `Of the ${FEATURES} features of ${judge}, against all held-out pictures; not comparable with distances on Inception's features.`,
      values: measureEach(found, ({ features }) => Math.max(0, frechetDistance(features, observed.features))),
    },
    {
      name: 'classAccuracy',
      title: 'Class accuracy',
      better: 'higher',
      basis: `Share of pictures that ${judge}, takes for the class that they were drawn for.`,
      values: measureEach(found, ({ probabilities, labels }) => labels && classAccuracy(probabilities, labels)),
    },
    {
      name: 'inceptionScore',
      title: 'Inception score',
      better: 'real',
      basis: `Its formula on the class probabilities of ${judge}, in ${parts} parts; not comparable with scores of Inception's network.`,
      values: measureEach(
        found,
        ({ probabilities }) => inceptionScore(firstRows(probabilities, drawn.count), parts).mean,
      ),
    },
    {
      name: 'withinClassDeviation',
      title: 'Within-class deviation',
      better: 'real',
      basis: 'Deviation of each pixel (-1..1) among pictures of one class, averaged over pixels and classes.',
      values: measureEach(found, ({ pictures, labels }) => {
        if (labels === undefined) return undefined
        return new Set(labels).size < labels.length ? withinClassDeviation(pictures, labels) : null
      }),
    },
  ]
}

/** The Inception score falls with fewer rows, so everybody gets as many. */
function firstRows({ rows, columns, data }: Matrix, most: number): Matrix {
  const count = Math.min(rows, most)
  return { rows: count, columns, data: data.subarray(0, count * columns) }
}

/** Columns of equal class; what stands below each other is otherwise unrelated. */
function composeRows(samples: Samples, labels: Int32Array, observed: Pictures, observedLabels: Int32Array): SheetRow[] {
  const shown = takeTurns(labels, SHOWN)
  const rows = listSamples(samples).map(({ subject, pictures }) => ({
    label: titleOf(subject),
    pictures: pickPictures(pictures, shown),
  }))
  const real = takeTurns(observedLabels, SHOWN)
  return [...rows, { label: 'observed', pictures: pickPictures(observed, real) }]
}

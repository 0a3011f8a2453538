/** Measures of class -> picture, through the data set's own classifier: Inception's network was made for photographs. */
import { createPictures, type Pictures } from '../../domain/picture.ts'
import { Random } from '../../domain/random.ts'
import { classAccuracy, frechetDistance, inceptionScore } from '../../evaluation/distributions.ts'
import { withinClassDeviation } from '../../evaluation/likeness.ts'
import type { SheetRow } from '../../evaluation/sheet.ts'
import { type Classification, type Classifier, classify } from './classifier.ts'
import { FEATURES } from './classifierNetwork.ts'
import { drawSamples, type Samples } from './drawSamples.ts'
import type { Evaluation, EvaluationOptions } from './evaluateModel.ts'
import { type BySubject, mapSubjects, type Measure, type Subject } from './evaluationReport.ts'
import { needLabels, spreadLabels, takeTurns } from './labels.ts'
import { measureParzen } from './parzen.ts'
import { pickPictures, slicePictures } from './pieces.ts'
import { createTurn, partOfTurn, type Turn } from './turn.ts'

const SAMPLES = 2000
/** The Inception score's customary number of parts. */
const SPLITS = 10
/** Examples on the contact sheet. */
const SHOWN = 20
const NOISE_STREAM = 31

/** Pictures of one kind, and the labels that they have or were drawn for; noise has none. */
interface Labelled {
  readonly pictures: Pictures
  readonly labels?: Int32Array
}
type Judged = Labelled & Classification

export async function evaluateClasses(options: EvaluationOptions): Promise<Evaluation> {
  const { model, heldOut, classifier, twice = false, parzen = false, seed = 0, samples: count = SAMPLES } = options
  const { recipe } = model
  if (classifier === undefined) throw new RangeError('the class task is measured with a classifier')
  if (!Number.isInteger(count) || count < 2) throw new RangeError(`samples is 2 or more, not ${count}`)
  const observed = { pictures: heldOut.observed, labels: needLabels(heldOut) }
  const training = firstOf({ pictures: options.training.observed, labels: needLabels(options.training) }, count)
  const labels = spreadLabels(observed.labels, count, seed)
  const blank = createPictures(count, recipe.size, recipe.size, recipe.channels)
  const noise = { pictures: { ...blank, data: new Random(seed, NOISE_STREAM).normals(blank.data.length) } }

  const turn = createTurn(options)
  const [drawn, judged] = parzen ? [0.6, 0.65] : [0.9, 1]
  const samples = await drawSamples(model, { observed: blank, labels }, { seed, twice }, partOfTurn(turn, 0, drawn))
  const made = mapSubjects({ ...samples }, (pictures) => ({ pictures, labels }))
  const subjects = await judgeAll(classifier, { ...made, training, noise, observed }, partOfTurn(turn, drawn, judged))
  const measures = measureSubjects(subjects)
  if (parzen) {
    const windows = { ...samples, training: training.pictures }
    measures.push(await measureParzen(windows, observed.pictures, partOfTurn(turn, judged, 1)))
  }
  return {
    report: {
      version: 1,
      task: recipe.task,
      recipe: recipe.name,
      size: recipe.size,
      channels: recipe.channels,
      steps: recipe.chain.steps,
      seed,
      counts: { samples: count, heldOut: observed.pictures.count, training: training.pictures.count },
      classifierAccuracy: classAccuracy(subjects.observed.probabilities, observed.labels),
      measures,
    },
    sheet: composeRows(samples, labels, observed),
  }
}

function firstOf({ pictures, labels }: Required<Labelled>, most: number): Required<Labelled> {
  const count = Math.min(most, pictures.count)
  return { pictures: slicePictures(pictures, 0, count), labels: labels.subarray(0, count) }
}

type Wanted = BySubject<Labelled> & { readonly observed: Required<Labelled> }
type Found = BySubject<Judged> & { readonly observed: Required<Labelled> & Classification }

async function judgeAll(classifier: Classifier, subjects: Wanted, turn: Turn): Promise<Found> {
  const total = Object.values(subjects).reduce((sum, { pictures }) => sum + pictures.count, 0)
  let done = 0
  const judge = async <T extends Labelled>(subject: T): Promise<T & Classification> => {
    const { count } = subject.pictures
    const own = await classify(classifier, subject.pictures, partOfTurn(turn, done / total, (done + count) / total))
    done += count
    return { ...subject, ...own }
  }
  const found: BySubject<Judged> = {}
  for (const [name, subject] of Object.entries(subjects)) found[name as Subject] = await judge(subject)
  return { ...found, observed: await judge(subjects.observed) }
}

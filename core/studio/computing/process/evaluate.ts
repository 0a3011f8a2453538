/** How good a checkpoint is on the held-out pictures of a data set of its project: figures with their floor, and a contact sheet. */
import type { Measure } from '../../../compute/evaluation/evaluationReport.ts'
import { encodePng } from '../../../data/pictureFile.ts'
import type { EvaluationFigures, Progress } from '../../../domain/records.ts'
import { openStoredDataSet } from '../../dataSets/storedDataSet.ts'
import { chosenOn, type EvaluationNews, type EvaluationReport, measureWeights } from '../../evaluate.ts'
import { findCheckpoint, loadWeights } from '../../projectCheckpoints.ts'
import { RemainingTime } from '../../remaining.ts'
import { pace } from '../pace.ts'
import type { ProcessContext, RunWork, Turn } from './context.ts'

const TELL_EVERY_MS = 250
/** Share of the time that a new measuring classifier takes, about. */
const CLASSIFIER_SHARE = 0.3

export const runEvaluation: RunWork<'evaluate'> = async ({ source, dataSetId }, context, turn) => {
  const { store } = context
  const { manifest, state } = await loadWeights(store, findCheckpoint(store, source).id)
  const data = openStoredDataSet(store, dataSetId)
  const report = createReport(context, turn)
  try {
    const measured = await measureWeights(
      {
        ...{ data, recipe: manifest.recipe, weights: state, chosenOn: chosenOn(manifest, data) },
        conditionFromPhoto: manifest.data.conditionFromPhoto ?? undefined,
      },
      report.news,
      { pause: () => turn.pause() },
    )
    // The claim keeps the sheet until the job has ended and refers to it.
    const sheet = store.contents.claim(turn.jobId, await encodePng(measured.sheet), 'picture')
    return { kind: 'evaluated', report: figuresOf(measured.report), sheet }
  } finally {
    report.close()
  }
}

/** The report of the engine as a job's outcome. */
export function figuresOf({ task, counts, measures, chosenOn }: EvaluationReport): EvaluationFigures {
  const flattered =
    chosenOn === undefined
      ? ''
      : ` The weights were chosen on ${chosenOn} of these pictures, which flatters them a little.`
  const [first] = measures
  return {
    task,
    pictures: counts.heldOut,
    features: `${first.title}: ${first.basis}${flattered}`,
    figures: measures.map((measure) => (measure.better === 'real' ? distanceOf(measure) : figureOf(measure))),
  }
}

function figureOf({ title, better, values }: Measure): EvaluationFigures['figures'][number] {
  const { initial = null, refined = null, training: floor = null } = values
  return { name: title, initial, refined, floor, better: better === 'higher' ? 'higher' : 'lower' }
}

/** Where neither more nor less is better, what counts is how far a number is from that of the observed pictures. */
function distanceOf({ title, values }: Measure): EvaluationFigures['figures'][number] {
  const { initial, refined, training, observed } = values
  const away = (value: number | null | undefined) =>
    typeof value === 'number' && typeof observed === 'number' ? Math.abs(value - observed) : null
  return {
    name: `${title}, distance from observed`,
    ...{ initial: away(initial), refined: away(refined), floor: away(training) },
    better: 'lower',
  }
}

function createReport({ tell }: ProcessContext, { jobId }: Turn): { news: EvaluationNews; close: () => void } {
  const started = performance.now()
  const remaining = new RemainingTime()
  const told = pace<Progress>(TELL_EVERY_MS, (progress) => tell({ kind: 'progressed', jobId, progress }))
  let before = 0
  return {
    news(stage, share) {
      if (stage === 'classifier') before = CLASSIFIER_SHARE
      const done = stage === 'classifier' ? before * share : before + (1 - before) * share
      const now = performance.now()
      remaining.add(now, done)
      const range = remaining.range()
      told.push({
        ...{ done: 100 * done, total: 100, unit: 'percent', elapsedMs: now - started },
        remaining: range ? { lowMs: range.low, highMs: range.high } : null,
        note: stage === 'classifier' ? 'The measuring classifier learns' : 'Measuring',
      })
    },
    close() {
      told.flush()
      told.stop()
    },
  }
}

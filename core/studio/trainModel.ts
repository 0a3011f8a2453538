/**
 * Training as a person asks for it: open the pictures, choose the recipe, learn, save every minute and at the end, stop within one Langevin
 * step when asked. What happens is told through one callback.
 */
import { resolve } from 'node:path'
import { type Engine, openEngine } from '../compute/engine.ts'
import type { StepReport } from '../compute/trainer.ts'
import type { MetricPoint } from '../contract/modelManifest.ts'
import { type DataSet, openDataSet } from '../data/dataSet.ts'
import { AppError, CancelledError } from '../domain/errors.ts'
import type { Recipe } from '../domain/recipe.ts'
import { composeRecipe } from './composeRecipe.ts'
import { assertSamePictures, fingerprintOf } from './fingerprint.ts'
import { metricPointOf } from './metricPoint.ts'
import { assertResumable, loadModel, type Provenance, saveModel } from './models.ts'
import type { EngineChoice, TrainingOrder } from './orders.ts'
import { assertFree, isSameFile } from './outputPlace.ts'
import { programVersion } from './programVersion.ts'
import { driveTraining, type Score, type TrainingPlan, type TrainingSink, type TrainingTurn } from './trainingLoop.ts'

/** Points of the chart that travel with the model. */
const CHART_LENGTH = 2000
const LOG_LENGTH = 500

export type TrainingNews =
  | {
      readonly kind: 'opened'
      readonly data: DataSet
      readonly recipe: Recipe
      readonly engine: Engine
      readonly resumedAt: number
      /** 1 when a resumed run had reached its length before. */
      readonly progress: number
      /** What a resumed run was computed with; only the same engine goes on to the same numbers. */
      readonly enginesBefore?: string
      /** Held-out pictures by which the best weights are chosen; 0 where they are too few and the last ones are used. */
      readonly scoredOn: number
    }
  | { readonly kind: 'stepped'; readonly report: StepReport; readonly progress: number; readonly elapsedMs: number }
  | ({ readonly kind: 'scored' } & Score)
  | { readonly kind: 'saved'; readonly file: string; readonly step: number }
  /** Files that turned out to be damaged when they were needed; the run goes on without them. */
  | { readonly kind: 'leftOut'; readonly problems: DataSet['problems'] }

export interface TrainingEnding {
  readonly kind: 'finished' | 'cancelled'
  readonly file: string
  readonly step: number
  readonly elapsedMs: number
}

export type Tell = (news: TrainingNews) => void

/** A new run. @throws AppError for bad input, an engine that is not there, a disk that refuses, or a run that diverged */
export async function trainModel(order: TrainingOrder, tell: Tell, signal: AbortSignal): Promise<TrainingEnding> {
  await assertFree(order.out, order)
  const data = await openDataSet(order.folder, { conditionSide: order.conditionSide })
  const recipe = composeRecipe(order, data)
  const engine = await openEngine(order)
  try {
    return await run({ ...order, recipe, data, engine, log: [], metrics: [] }, tell, signal)
  } finally {
    engine.close()
  }
}

/**
 * Goes on from a file that trainModel wrote, exactly: the same numbers as without the break, on the same engine. Two exceptions: a length in
 * minutes decays its rates by the clock, and the guard's memory of the last steps is not in the file, so that a run that diverges soon after
 * the break may roll back at another step than without it.
 * @param order.folder where the pictures are now, when they have moved
 */
export async function resumeModel(
  order: EngineChoice & {
    readonly file: string
    readonly folder?: string
    readonly out?: string
    /** Replace another file than the one that is resumed. */
    readonly overwrite?: boolean
    readonly until?: Recipe['length']
  },
  tell: Tell,
  signal: AbortSignal,
): Promise<TrainingEnding> {
  const { file, out = file } = order
  if (out !== file && !(await isSameFile(out, file))) await assertFree(out, order)
  const saved = await loadModel(file)
  assertResumable(file, saved)
  const { manifest } = saved
  const folder = order.folder ?? manifest.data.folder
  if (folder === null)
    throw new AppError('misuse', 'The model does not say where its pictures are.', {
      hint: 'Name the folder with --data.',
    })
  const data = await openDataSet(folder, { conditionSide: manifest.data.conditionSide ?? undefined })
  assertSamePictures(manifest.data, data, folder)
  const recipe = { ...manifest.recipe, length: order.until ?? manifest.recipe.length }
  const engine = await openEngine(order)
  try {
    const plan = {
      folder,
      out,
      seed: manifest.position.seed,
      conditionFromPhoto: manifest.data.conditionFromPhoto ?? undefined,
      resume: saved.checkpoint,
      best: saved.best,
      enginesBefore: manifest.engine,
      log: manifest.log,
      metrics: manifest.metrics,
    }
    return await run({ ...plan, recipe, data, engine }, tell, signal)
  } finally {
    engine.close()
  }
}

interface Plan extends TrainingPlan {
  readonly engine: Engine
  readonly folder: string
  readonly out: string
  readonly enginesBefore?: string
  readonly log: readonly string[]
  readonly metrics: readonly MetricPoint[]
}

async function run(plan: Plan, tell: Tell, signal: AbortSignal): Promise<TrainingEnding> {
  const { out } = plan
  const turn: TrainingTurn = {
    pause: () => new Promise(setImmediate),
    takeWish: () => (signal.aborted ? 'pause' : undefined),
  }
  let end = { step: 0, elapsedMs: 0 }
  const sink = createFileSink(plan, tell)
  const save: TrainingSink['save'] = async (trainer, best) => {
    await sink.save(trainer, best)
    end = trainer.position
  }
  const ending = (kind: TrainingEnding['kind']) => ({ kind, file: out, step: end.step, elapsedMs: end.elapsedMs })
  try {
    await driveTraining(plan, { ...sink, save }, turn)
    return ending('finished')
  } catch (error) {
    if (error instanceof CancelledError) return ending('cancelled')
    if (!(error instanceof AppError) || error.code !== 'diverged') throw error
    throw new AppError('diverged', error.message, { hint: `Saved as ${out}. ${error.hint ?? ''}` })
  }
}

/** Every save replaces the model file. */
function createFileSink(plan: Plan, tell: Tell): TrainingSink {
  const { recipe, data, engine, out, enginesBefore } = plan
  const log = [...plan.log]
  const metrics = [...plan.metrics]
  return {
    opened(trainer, scoredOn) {
      const resumedAt = trainer.position.step
      tell({ kind: 'opened', data, recipe, engine, resumedAt, progress: trainer.progress, enginesBefore, scoredOn })
    },
    stepped(report, trainer) {
      const { elapsedMs } = trainer.position
      if (report.kind === 'rolledBack') log.push(report.message)
      if (log.length > LOG_LENGTH) log.shift()
      const point = metricPointOf(report, elapsedMs)
      if (point) metrics.push(point)
      if (metrics.length > CHART_LENGTH) metrics.shift()
      tell({ kind: 'stepped', report, progress: Math.min(1, trainer.progress), elapsedMs })
    },
    scored: (score) => tell({ kind: 'scored', ...score }),
    leftOut: (problems) => tell({ kind: 'leftOut', problems }),
    async save(trainer, best) {
      await saveModel(out, await trainer.checkpoint(), best, { ...aboutOf(plan), metrics, log })
      tell({ kind: 'saved', file: out, step: trainer.position.step })
    },
  }
}

function aboutOf({ recipe, data, engine, folder, conditionFromPhoto }: Plan): Omit<Provenance, 'metrics' | 'log'> {
  return {
    recipe,
    data: {
      description: data.description,
      pictures: data.count.train,
      folder: resolve(folder),
      fingerprint: fingerprintOf(data),
      conditionSide: data.conditionSide ?? null,
      conditionFromPhoto: conditionFromPhoto ?? null,
    },
    engine: `${engine.kind} ${engine.version}, ${engine.detail}`,
    program: programVersion,
  }
}

/**
 * Training as a person asks for it: open the pictures, choose the recipe, learn, save every minute and at the end, stop within one Langevin
 * step when asked. What happens is told through one callback.
 */
import { resolve } from 'node:path'
import { type Engine, openEngine } from '../compute/engine.ts'
import { type Checkpoint, type StepReport, Trainer } from '../compute/trainer.ts'
import type { MetricPoint } from '../contract/modelManifest.ts'
import { type DataSet, openDataSet } from '../data/dataSet.ts'
import { counted } from '../domain/counted.ts'
import { AppError, CancelledError } from '../domain/errors.ts'
import type { Recipe } from '../domain/recipe.ts'
import { composeRecipe } from './composeRecipe.ts'
import { everySoOften } from './everySoOften.ts'
import { fingerprintOf } from './fingerprint.ts'
import { createKeeper } from './keeper.ts'
import type { EngineChoice, TrainingOrder } from './orders.ts'
import { assertResumable, type BestWeights, loadModel, type Provenance, saveModel, type SavedModel } from './models.ts'
import { assertFree, isSameFile } from './outputPlace.ts'
import { programVersion } from './programVersion.ts'
import { batchesOf, type Reading } from './readExamples.ts'

const SAVE_EVERY_MS = 60_000
/** Between two scores of the held-out pictures. */
const SCORE_EVERY_MS = 20_000
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
  | { readonly kind: 'scored'; readonly step: number; readonly score: number; readonly best: boolean }
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
  assertSamePictures(saved, data, folder)
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

interface Plan extends Reading {
  readonly engine: Engine
  readonly folder: string
  readonly out: string
  readonly seed: number
  readonly resume?: Checkpoint
  readonly best?: BestWeights
  readonly enginesBefore?: string
  readonly log: readonly string[]
  readonly metrics: readonly MetricPoint[]
}

async function run(plan: Plan, tell: Tell, signal: AbortSignal): Promise<TrainingEnding> {
  const { recipe, data, engine, out, seed, resume } = plan
  const pause = async () => {
    await new Promise(setImmediate)
    if (signal.aborted) throw new CancelledError()
  }
  const trainer = new Trainer({ recipe, seed, batches: batchesOf(plan), pictures: data.count.train, resume, pause })
  const notes = { log: [...plan.log], metrics: [...plan.metrics] }
  const keeper = await createKeeper(plan, trainer, { earlier: plan.best, tell, pause })
  const save = async () => {
    await saveModel(out, await trainer.checkpoint(), keeper.best(), aboutOf(plan, notes))
    tell({ kind: 'saved', file: out, step: trainer.position.step })
  }
  let leftOut = data.problems.length
  const tellLeftOut = () => {
    if (data.problems.length > leftOut) tell({ kind: 'leftOut', problems: data.problems.slice(leftOut) })
    leftOut = data.problems.length
  }
  const saving = everySoOften(SAVE_EVERY_MS, save)
  const scoring = everySoOften(SCORE_EVERY_MS, keeper.score)
  const { enginesBefore } = plan
  tell({
    kind: 'opened',
    data,
    recipe,
    engine,
    resumedAt: trainer.position.step,
    progress: trainer.progress,
    enginesBefore,
    scoredOn: keeper.scoredOn,
  })
  try {
    // A folder that cannot be written, or a full disk, is better found now than after an hour.
    await save()
    while (trainer.progress < 1) {
      const report = await trainer.step()
      note(report, trainer, notes)
      tellLeftOut()
      tell({ kind: 'stepped', report, progress: Math.min(1, trainer.progress), elapsedMs: trainer.position.elapsedMs })
      await pause()
      await scoring()
      await saving()
    }
    await keeper.score()
    await save()
    return ending('finished', out, trainer)
  } catch (error) {
    const diverged = error instanceof AppError && error.code === 'diverged'
    if (error instanceof CancelledError || diverged) await save()
    if (error instanceof CancelledError) return ending('cancelled', out, trainer)
    throw diverged ? new AppError('diverged', error.message, { hint: `Saved as ${out}. ${error.hint ?? ''}` }) : error
  } finally {
    trainer.dispose()
  }
}

function ending(kind: TrainingEnding['kind'], file: string, { position }: Trainer): TrainingEnding {
  return { kind, file, step: position.step, elapsedMs: position.elapsedMs }
}

function aboutOf(plan: Plan, { log, metrics }: { log: string[]; metrics: MetricPoint[] }): Provenance {
  const { recipe, data, engine, folder, conditionFromPhoto } = plan
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
    metrics,
    log,
  }
}

function note(report: StepReport, trainer: Trainer, { log, metrics }: { log: string[]; metrics: MetricPoint[] }): void {
  if (report.kind === 'rolledBack') {
    log.push(report.message)
    if (log.length > LOG_LENGTH) log.shift()
  }
  if (report.kind !== 'cooperative') return
  const finite = Object.entries(report.metrics).map(([name, value]) => [name, Number.isFinite(value) ? value : null])
  const point = {
    step: report.step,
    elapsedMs: trainer.position.elapsedMs,
    ...Object.fromEntries(finite),
  } as MetricPoint
  metrics.push(point)
  if (metrics.length > CHART_LENGTH) metrics.shift()
}

function assertSamePictures({ manifest }: SavedModel, data: DataSet, folder: string): void {
  const { pictures, fingerprint } = manifest.data
  const refuse = (what: string) =>
    new AppError('mismatch', what, {
      hint: 'Put the folder back as it was to go on exactly, or start a new training on the new pictures.',
    })
  if (data.count.train !== pictures)
    throw refuse(
      `The training saw ${counted(pictures, 'picture')}, but ${folder} now has ${data.count.train} to train with.`,
    )
  if (fingerprint !== null && fingerprint !== fingerprintOf(data))
    throw refuse(`${folder} has other pictures (or names of classes) than the training saw.`)
}

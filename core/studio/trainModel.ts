/**
 * Training as a person asks for it: open the pictures, choose the recipe, learn, save every minute and at the end, stop within one Langevin
 * step when asked. What happens is told through one callback.
 */
import { type Engine, openEngine } from '../compute/engine.ts'
import { prepareScore, scoreModel } from '../compute/evaluation/scoreModel.ts'
import { type Checkpoint, type StepReport, Trainer } from '../compute/trainer.ts'
import type { MetricPoint } from '../contract/modelManifest.ts'
import { type Batches, createBatches, loadExamples } from '../data/batches.ts'
import { type DataSet, openDataSet } from '../data/dataSet.ts'
import { AppError, CancelledError } from '../domain/errors.ts'
import type { Recipe } from '../domain/recipe.ts'
import { createRecipe } from '../domain/recipes/createRecipe.ts'
import { setOption } from '../domain/recipeOptions.ts'
import type { EngineChoice, TrainingOrder } from './orders.ts'
import { assertResumable, type BestWeights, loadModel, type Provenance, saveModel, type SavedModel } from './models.ts'
import { programVersion } from './programVersion.ts'

const SAVE_EVERY_MS = 60_000
/** Saving and scoring each take at most about one part in so many of the time, however large the model. */
const MOST_SHARE = 20
/** Between two scores of the held-out pictures. */
const SCORE_EVERY_MS = 20_000
/** Held-out pictures that the score looks at, at most. */
const SCORE_EXAMPLES = 256
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
    }
  | { readonly kind: 'stepped'; readonly report: StepReport; readonly progress: number; readonly elapsedMs: number }
  | { readonly kind: 'scored'; readonly step: number; readonly score: number; readonly best: boolean }
  | { readonly kind: 'saved'; readonly file: string; readonly step: number }

export interface TrainingEnding {
  readonly kind: 'finished' | 'cancelled'
  readonly file: string
  readonly step: number
  readonly elapsedMs: number
}

export type Tell = (news: TrainingNews) => void

/** A new run. @throws AppError for bad input, an engine that is not there, a disk that refuses, or a run that diverged */
export async function trainModel(order: TrainingOrder, tell: Tell, signal: AbortSignal): Promise<TrainingEnding> {
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
 * Goes on from a file that trainModel wrote, exactly: the same numbers as without the break, on the same engine.
 * @param order.folder where the pictures are now, when they have moved
 */
export async function resumeModel(
  order: EngineChoice & {
    readonly file: string
    readonly folder?: string
    readonly out?: string
    readonly until?: Recipe['length']
  },
  tell: Tell,
  signal: AbortSignal,
): Promise<TrainingEnding> {
  const saved = await loadModel(order.file)
  assertResumable(order.file, saved)
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
      out: order.out ?? order.file,
      seed: manifest.position.seed,
      conditionFromPhoto: manifest.data.conditionFromPhoto ?? undefined,
      resume: saved.checkpoint,
      best: saved.best,
      log: manifest.log,
      metrics: manifest.metrics,
    }
    return await run({ ...plan, recipe, data, engine }, tell, signal)
  } finally {
    engine.close()
  }
}

/** The recipe that an order means for these pictures, with its single options set. */
export function composeRecipe(order: TrainingOrder, data: DataSet): Recipe {
  const task = order.task ?? (data.kind === 'class' ? 'class' : data.kind === 'pair' ? 'picture' : 'inpaint')
  const natural = Math.min(data.naturalSize.width, data.naturalSize.height)
  const size = order.size ?? (task === 'class' ? (natural <= 28 ? 28 : 32) : 64)
  const recipe = createRecipe(order.recipe, {
    ...order.variant,
    task,
    size,
    channels: data.channels,
    conditionChannels: order.conditionFromPhoto ? 1 : data.conditionChannels,
    labels: data.labels ?? [],
  })
  return (order.set ?? []).reduce(setOption, { ...recipe, length: order.length ?? recipe.length })
}

interface Plan {
  readonly recipe: Recipe
  readonly data: DataSet
  readonly engine: Engine
  readonly folder: string
  readonly out: string
  readonly seed: number
  readonly conditionFromPhoto?: 'edges'
  readonly resume?: Checkpoint
  readonly best?: BestWeights
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
  const keeper = await createKeeper(plan, trainer, tell, pause)
  const save = async () => {
    await saveModel(out, trainer.checkpoint(), keeper.best(), aboutOf(plan, notes))
    tell({ kind: 'saved', file: out, step: trainer.position.step })
  }
  const saving = everySoOften(SAVE_EVERY_MS, save)
  const scoring = everySoOften(SCORE_EVERY_MS, keeper.score)
  tell({ kind: 'opened', data, recipe, engine, resumedAt: trainer.position.step })
  try {
    // A folder that cannot be written, or a full disk, is better found now than after an hour.
    await save()
    while (trainer.progress < 1) {
      const report = await trainer.step()
      note(report, trainer, notes)
      tell({ kind: 'stepped', report, progress: Math.min(1, trainer.progress), elapsedMs: trainer.position.elapsedMs })
      await pause()
      await scoring()
      await saving()
    }
    await keeper.score()
    await save()
    return ending('finished', out, trainer)
  } catch (error) {
    if (error instanceof CancelledError || (error instanceof AppError && error.code === 'diverged')) await save()
    if (error instanceof CancelledError) return ending('cancelled', out, trainer)
    throw error
  } finally {
    trainer.dispose()
  }
}

/** Keeps the best weights of the run by a cheap score on held-out pictures: learning is not monotone, and the last state is rarely the best. */
async function createKeeper(
  { recipe, data, conditionFromPhoto, best: earlier }: Plan,
  trainer: Trainer,
  tell: Tell,
  pause: () => Promise<void>,
) {
  const options = { ...exampleOptions(recipe, conditionFromPhoto), split: 'heldOut', count: SCORE_EXAMPLES } as const
  const prepared = await prepareScore(recipe, await loadExamples(data, options))
  let best = earlier
  const score = async () => {
    const { step, cooperativeSteps } = trainer.position
    if (cooperativeSteps === 0) return
    const value = await scoreModel(trainer.model, prepared, { pause })
    const better = value < (best?.score ?? Number.POSITIVE_INFINITY)
    if (better) best = { step, score: value, state: trainer.weights() }
    tell({ kind: 'scored', step, score: value, best: better })
  }
  return { score, best: () => best }
}

/** Calls `work` when it is due: not more often than every `intervalMs`, and so that it takes a small share of the time. */
function everySoOften(intervalMs: number, work: () => Promise<void>): () => Promise<void> {
  let dueAt = performance.now() + intervalMs
  return async () => {
    const started = performance.now()
    if (started < dueAt) return
    await work()
    const ended = performance.now()
    dueAt = ended + Math.max(intervalMs, MOST_SHARE * (ended - started))
  }
}

function ending(kind: TrainingEnding['kind'], file: string, { position }: Trainer): TrainingEnding {
  return { kind, file, step: position.step, elapsedMs: position.elapsedMs }
}

export function batchesOf({
  recipe,
  data,
  seed,
  conditionFromPhoto,
}: Pick<Plan, 'recipe' | 'data' | 'seed' | 'conditionFromPhoto'>): Batches {
  return createBatches(data, {
    ...exampleOptions(recipe, conditionFromPhoto),
    split: 'train',
    batchSize: recipe.learning.batch,
    seed,
    augment: { mirror: recipe.data.mirror, jitterCrop: recipe.data.jitterCrop },
  })
}

/** How examples are read for this recipe, in training and in evaluation alike. */
export function exampleOptions(recipe: Recipe, conditionFromPhoto: 'edges' | undefined) {
  const { initializer, task, size, channels, data } = recipe
  const conditionChannels =
    initializer.kind === 'uNet' && initializer.conditionChannels === 1 ? (1 as const) : (3 as const)
  return { task, size, channels, conditionChannels, mask: data.mask, conditionFromPhoto }
}

function aboutOf(plan: Plan, { log, metrics }: { log: string[]; metrics: MetricPoint[] }): Provenance {
  const { recipe, data, engine, folder, conditionFromPhoto } = plan
  return {
    recipe,
    data: {
      description: data.description,
      pictures: data.count.train,
      folder,
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
  if (data.count.train === manifest.data.pictures) return
  throw new AppError(
    'mismatch',
    `The training saw ${manifest.data.pictures} pictures, but ${folder} now has ${data.count.train} to train with.`,
    {
      hint: 'Put the folder back as it was to go on exactly, or start a new training on the new pictures.',
    },
  )
}

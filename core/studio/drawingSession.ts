/** What every drawing has in common: the order is checked against the model first, then an engine is opened, then it is drawn. */
import { basename } from 'node:path'
import { type Engine, openEngine } from '../compute/engine.ts'
import { type Drawing, Sampler } from '../compute/sampler.ts'
import { CancelledError } from '../domain/errors.ts'
import type { Pictures } from '../domain/picture.ts'
import type { Recipe } from '../domain/recipe.ts'
import { type Asker, assertGuidance, assertTask, chainLength } from './drawingRules.ts'
import { loadModel, type SavedModel, weightsToSample } from './models.ts'
import type { EngineChoice } from './orders.ts'

export interface DrawOrder extends EngineChoice {
  /** The model file. */
  readonly model: string
  readonly seed: number
  /** Langevin steps; as trained when absent. */
  readonly steps?: number
  /** Allows more than twice the trained steps. */
  readonly beyond?: boolean
  readonly noise?: boolean
  readonly guidance?: number
  /** Called when everything is ready to draw. */
  readonly begin?: (engine: string) => void
}

/** Rows of a contact sheet and what was used, besides the pictures themselves. */
export interface Drawn extends Drawing {
  readonly condition?: Pictures
  readonly engine: string
  readonly recipe: Recipe
  readonly seeds: readonly number[]
  /** What each picture was drawn from, in words: a label, the name of a file ... */
  readonly sources: readonly string[]
  readonly steps: number
  readonly noise?: boolean
  readonly guidance?: number
}

export interface Session {
  readonly sampler: Sampler
  readonly options: { steps?: number; noise?: boolean; guidance?: number }
  readonly pause: () => Promise<void>
}

/** What a command draws once there is a sampler. */
export type Draw = (session: Session) => Promise<Pick<Drawn, 'seeds' | 'sources' | 'condition'> & { drawing: Drawing }>

/** @param prepare reads the inputs and refuses what does not fit the model, before any engine is opened */
export async function drawWith(
  order: DrawOrder,
  task: Recipe['task'],
  signal: AbortSignal,
  prepare: (recipe: Recipe) => Promise<Draw> | Draw,
): Promise<Drawn> {
  const saved = await loadModel(order.model)
  const { recipe } = saved.manifest
  const asker = { model: basename(order.model), hints }
  assertTask(recipe, task, asker)
  assertGuidance(recipe, order.guidance, asker)
  const steps = chainLength(recipe, order, asker)
  const draw = await prepare(recipe)
  const engine = await openEngine(order)
  return withSampler(engine, saved, async (sampler) => {
    const pause = async () => {
      await new Promise(setImmediate)
      if (signal.aborted) throw new CancelledError()
    }
    const { noise, guidance } = order
    const computed = `${engine.kind} ${engine.version}, ${engine.detail}`
    order.begin?.(computed)
    const { drawing, ...about } = await draw({ sampler, options: { steps, noise, guidance }, pause })
    return { ...drawing, ...about, steps, noise, guidance, recipe, engine: computed }
  })
}

const commandFor: Record<Recipe['task'], string> = { class: 'sample', picture: 'translate', inpaint: 'inpaint' }

const hints: Asker['hints'] = {
  otherTask: (task) => `Use "tandem ${commandFor[task]}" with it.`,
  withoutGuidance: 'Leave out --guidance, or train with --set learning.labelDropout=0.1.',
  fewerSteps: (most) => `Use up to ${most} steps, or add --beyond to see for yourself.`,
}

async function withSampler<T>(engine: Engine, saved: SavedModel, use: (sampler: Sampler) => Promise<T>): Promise<T> {
  const sampler = new Sampler(saved.manifest.recipe, weightsToSample(saved))
  try {
    return await use(sampler)
  } finally {
    sampler.dispose()
    engine.close()
  }
}

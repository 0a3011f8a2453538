/** What a model can be asked to draw and how it takes it: one place for the command line and for the studio, whose hints are their own. */
import { AppError } from '../domain/errors.ts'
import type { Picture, Pictures } from '../domain/picture.ts'
import type { Recipe, TaskKind } from '../domain/recipe.ts'

/** Chains longer than this many times the trained length oversaturate and then break pictures (measured). */
const LONGEST = 2

export interface Asker {
  /** What the model is called where it is asked from. */
  readonly model: string
  readonly hints: {
    /** For a model of this task. */
    readonly otherTask: (task: TaskKind) => string
    readonly withoutGuidance: string
    readonly fewerSteps: (most: number) => string
  }
}

/** @throws AppError misuse for a model of another task */
export function assertTask(recipe: Recipe, task: TaskKind, { model, hints }: Asker): void {
  if (recipe.task === task) return
  throw new AppError(
    'misuse',
    `${model} is a model for the ${recipe.task} task; this needs one for the ${task} task.`,
    { hint: hints.otherTask(recipe.task) },
  )
}

/** @throws AppError misuse for guidance of a model that never learnt without labels */
export function assertGuidance(recipe: Recipe, guidance: number | undefined, { model, hints }: Asker): void {
  if (!guidance || recipe.learning.labelDropout > 0) return
  throw new AppError('misuse', `${model} was trained without label dropout, which guidance needs.`, {
    hint: hints.withoutGuidance,
  })
}

/**
 * The Langevin steps to take: as trained unless asked otherwise.
 * @param before steps that the picture to go on from has behind it
 * @throws AppError misuse for more than twice the trained steps in all, without `beyond`
 */
export function chainLength(
  { chain }: Recipe,
  { steps = chain.steps, beyond }: { readonly steps?: number; readonly beyond?: boolean },
  { hints }: Asker,
  before = 0,
): number {
  const wanted = before + steps
  const most = LONGEST * chain.steps
  if (wanted <= most || beyond) return steps
  throw new AppError(
    'misuse',
    `${wanted} steps are more than twice the ${chain.steps} that the model was trained with: colours oversaturate and pictures break.`,
    { hint: hints.fewerSteps(most) },
  )
}

/** Of the condition pictures that a model takes. */
export function conditionChannels({ initializer }: Recipe): 1 | 3 {
  return initializer.kind === 'uNet' && initializer.conditionChannels === 1 ? 1 : 3
}

/** A mask of 0 and 1, `count` times, as the sampler takes it. */
export function repeatMask({ width, height, data }: Picture, count: number): Pictures {
  const masks = new Float32Array(count * data.length)
  for (let index = 0; index < count; index++) masks.set(data, index * data.length)
  return { count, width, height, channels: 1, data: masks }
}

/** The recipe that an order means for these pictures, with its single options set. */
import { findDisagreement } from '../contract/recipeAgreement.ts'
import type { DataSet } from '../data/dataSet.ts'
import { AppError } from '../domain/errors.ts'
import type { Recipe, TaskKind } from '../domain/recipe.ts'
import { setOption } from '../domain/recipeOptions.ts'
import { createRecipe } from '../domain/recipes/createRecipe.ts'
import type { TrainingOrder } from './orders.ts'

/** What decides the recipe: of the order everything but places and engine, of the data set what its pictures look like. */
export type RecipeOrder = Pick<
  TrainingOrder,
  'recipe' | 'task' | 'size' | 'length' | 'conditionFromPhoto' | 'variant' | 'set'
>
export type DataLooks = Pick<DataSet, 'kind' | 'labels' | 'channels' | 'conditionChannels' | 'naturalSize'>

/** @throws AppError misuse for options that do not exist, are out of range, or do not go together */
export function composeRecipe(order: RecipeOrder, data: DataLooks): Recipe {
  const task = order.task ?? suggestTask(order, data)
  if (order.conditionFromPhoto && task !== 'picture')
    throw new AppError('misuse', `Conditions made from the pictures are for the picture task, not for ${task}.`, {
      hint: 'Leave out --edges or --task.',
    })
  assertHeeded(order, task)
  const natural = Math.min(data.naturalSize.width, data.naturalSize.height)
  const recipe = createRecipe(order.recipe, {
    ...order.variant,
    task,
    size: order.size ?? (task === 'class' ? (natural <= 28 ? 28 : 32) : 64),
    channels: data.channels,
    conditionChannels: order.conditionFromPhoto ? 1 : data.conditionChannels,
    labels: task === 'class' ? (data.labels ?? []) : [],
  })
  const set = (order.set ?? []).reduce(setOption, { ...recipe, length: order.length ?? recipe.length })
  const disagreement = findDisagreement(set)
  if (disagreement)
    throw new AppError('misuse', `These options do not go together: ${disagreement}.`, {
      hint: 'Leave out the last --set, or choose another --task or --recipe.',
    })
  return set
}

/** Forms of the papers' networks; the tasks that have each. */
const VARIANTS: Readonly<
  Record<keyof NonNullable<TrainingOrder['variant']>, { name: string; tasks: readonly TaskKind[] }>
> = {
  outputs: { name: '--outputs', tasks: ['class', 'picture', 'inpaint'] },
  template: { name: '--template', tasks: ['class'] },
  early: { name: '--early', tasks: ['class'] },
  naive: { name: '--naive', tasks: ['picture', 'inpaint'] },
}

/** What nothing would listen to is refused, not passed over. */
function assertHeeded({ recipe, variant = {} }: RecipeOrder, task: TaskKind): void {
  for (const [key, { name, tasks }] of Object.entries(VARIANTS)) {
    if (!variant[key as keyof typeof variant]) continue
    if (recipe !== 'paper')
      throw new AppError('misuse', `${name} is a form of the papers' networks; the ${recipe} recipe has its own.`, {
        hint: `Add --recipe paper, or leave out ${name}.`,
      })
    if (!tasks.includes(task))
      throw new AppError('misuse', `${name} is for the ${tasks.join(' and ')} task, not for ${task}.`, {
        hint: `Leave out ${name}, or choose another --task.`,
      })
  }
}

function suggestTask({ conditionFromPhoto }: RecipeOrder, { kind }: DataLooks): TaskKind {
  if (conditionFromPhoto || kind === 'pair') return 'picture'
  return kind === 'class' ? 'class' : 'inpaint'
}

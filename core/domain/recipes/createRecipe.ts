/** From what a person decided to a whole recipe. */
import { AppError } from '../errors.ts'
import type { Recipe, RecipeName } from '../recipe.ts'
import { createPaperRecipe } from './paper.ts'
import type { RecipeRequest } from './request.ts'
import { createStudioRecipe } from './studio.ts'

/** Picture sizes per task: class 28, 32, 64 (models.md 2.1 to 2.3); the others 64, 128, 256. */
export const SIZES = { class: [28, 32, 64], picture: [32, 64, 128, 256], inpaint: [32, 64, 128, 256] } as const

/** @throws AppError misuse for a size that the task does not have, or a class task without classes */
export function createRecipe(name: RecipeName, request: RecipeRequest): Recipe {
  const sizes: readonly number[] = SIZES[request.task]
  if (!sizes.includes(request.size))
    throw new AppError('misuse', `The ${request.task} task has the sizes ${sizes.join(', ')}, not ${request.size}.`, {
      hint: `Choose one of them, for example --size ${sizes[1]}.`,
    })
  if (request.task === 'class' && request.labels.length < 2)
    throw new AppError('misuse', 'A class task needs at least two classes.', {
      hint: 'Give one folder per class, or choose another task.',
    })
  return name === 'paper' ? createPaperRecipe(request) : createStudioRecipe(name, request)
}

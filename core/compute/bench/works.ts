/** What the bench measures: one Langevin step, or one whole step of cooperative learning, of the recipes that people run. */
import { AppError } from '../../domain/errors.ts'
import { createRecipe } from '../../domain/recipes/createRecipe.ts'
import type { Recipe } from '../../domain/recipe.ts'

export interface Work {
  readonly name: string
  /** `langevin`: one step of the chain, noise off. `cooperative`: initializer, chain and both learning steps, as the recipe has them. */
  readonly kind: 'langevin' | 'cooperative'
  readonly recipe: Recipe
  readonly batch: number
  /** So much free memory it must find, beside the program itself; measured generously. */
  readonly needsMegabytes: number
  /** Measured by one process after the other: several at once would not fit into a desktop's memory. */
  readonly large: boolean
  /** What the quick bench leaves out. */
  readonly slow: 'never' | 'on stock kernels' | 'always'
}

const classRecipe = createRecipe('paper', {
  task: 'class',
  size: 28,
  channels: 1,
  labels: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
})
const smallRecipe = createRecipe('quick', { task: 'picture', size: 64, channels: 3, labels: [] })
const largeRecipe = createRecipe('paper', { task: 'picture', size: 256, channels: 3, labels: [] })

const works: readonly Work[] = [
  work('langevin class 28', classRecipe, { batch: 100, needsMegabytes: 500 }),
  work('cooperative class 28', classRecipe, { batch: 100, needsMegabytes: 1000, slow: 'on stock kernels' }),
  work('langevin picture 64', smallRecipe, { batch: 8, needsMegabytes: 300 }),
  work('cooperative picture 64', smallRecipe, { batch: 8, needsMegabytes: 800 }),
  work('langevin picture 256', largeRecipe, { batch: 1, needsMegabytes: 600 }),
  work('cooperative picture 256', largeRecipe, { batch: 1, needsMegabytes: 3000, large: true, slow: 'always' }),
]

function work(
  name: string,
  recipe: Recipe,
  rest: Pick<Work, 'batch' | 'needsMegabytes'> & Partial<Pick<Work, 'large' | 'slow'>>,
): Work {
  return {
    name,
    recipe,
    kind: name.startsWith('langevin') ? 'langevin' : 'cooperative',
    large: false,
    slow: 'never',
    ...rest,
  }
}

export const workNames: readonly string[] = works.map(({ name }) => name)

/** @throws AppError misuse for a name that does not exist */
export function findWork(name: string): Work {
  const found = works.find((candidate) => candidate.name === name)
  if (found === undefined)
    throw new AppError('misuse', `The bench has no work named "${name}".`, {
      hint: `Choose from: ${workNames.join(', ')}.`,
    })
  return found
}

/** Langevin steps in one run of the work. */
export function langevinSteps({ kind, recipe }: Work): number {
  return kind === 'langevin' ? 1 : recipe.chain.steps
}

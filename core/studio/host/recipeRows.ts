/** A recipe as rows that a person can turn: each value as the text that `path=value` takes back. */
import { storedShapes } from '../../compute/storedState.ts'
import type { RecipeOptionRow } from '../../contract/requests/training.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { recipeOptions } from '../../domain/recipeOptions.ts'

/** Options that this recipe does not have (a plain chain has no normalisation) are left out. */
export function optionRows(recipe: Recipe): RecipeOptionRow[] {
  return Object.entries(recipeOptions).flatMap(([path, option]) => {
    const value = path.split('.').reduce(partOf, recipe as unknown)
    if (value === undefined) return []
    const isNumber = option.kind === 'number'
    return [
      {
        path,
        value: formatOption(value),
        kind: option.kind,
        minimum: isNumber ? option.minimum : null,
        maximum: isNumber ? option.maximum : null,
        whole: isNumber && option.whole === true,
        unit: isNumber ? (option.unit ?? null) : null,
        choices: option.kind === 'choice' ? option.choices : [],
        about: option.about,
        source: option.source,
      },
    ]
  })
}

export function countParameters(recipe: Recipe): { readonly initializer: number; readonly solver: number } {
  const shapes = Object.entries(storedShapes(recipe, 'weights'))
  const count = (learner: string) =>
    shapes
      .filter(([name]) => name.startsWith(`${learner}.average/`))
      .reduce((sum, [, shape]) => sum + shape.reduce((product, length) => product * length, 1), 0)
  return { initializer: count('initializer'), solver: count('solver') }
}

function partOf(node: unknown, key: string): unknown {
  return typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[key] : undefined
}

function formatOption(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  const form = value as Recipe['learning']['decay'] | Exclude<Recipe['chain']['noise'], string>
  if ('untilEpoch' in form) return `until:${form.untilEpoch}`
  if (form.kind === 'linear') return `linear:${form.from}:${form.to}`
  return form.kind === 'exponential' ? `exponential:${form.factor}:${form.epochs}` : form.kind
}

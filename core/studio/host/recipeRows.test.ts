import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Recipe, TaskKind } from '../../domain/recipe.ts'
import { setOption } from '../../domain/recipeOptions.ts'
import { createRecipe } from '../../domain/recipes/createRecipe.ts'
import { countParameters, optionRows } from './recipeRows.ts'

const recipeOf = (name: Recipe['name'], task: TaskKind): Recipe =>
  createRecipe(name, {
    ...{ task, size: task === 'class' ? 28 : 64, channels: task === 'class' ? 1 : 3, conditionChannels: 1 },
    labels: task === 'class' ? Array.from({ length: 10 }, (_, label) => String(label)) : [],
  })
const recipes = (['paper', 'studio', 'quick'] as const).flatMap((name) =>
  (['class', 'picture', 'inpaint'] as const).map((task) => [name, task] as const),
)

describe('the rows of a recipe', () => {
  it.each(recipes)('of %s for %s give the very recipe back', (name, task) => {
    const recipe = recipeOf(name, task)
    const rows = optionRows(recipe)
    expect(rows.length).toBeGreaterThan(25)
    expect(rows.map(({ path, value }) => `${path}=${value}`).reduce(setOption, recipe)).toEqual(recipe)
  })

  it('write and read forms with parts', () => {
    const given = ['chain.noise=until:7', 'learning.decay=exponential:0.96:100']
    const rows = optionRows(given.reduce(setOption, recipeOf('paper', 'class')))
    expect(rows.map(({ path, value }) => `${path}=${value}`)).toEqual(expect.arrayContaining(given))
  })

  it('leave out what the recipe does not have', () => {
    const paths = optionRows(recipeOf('paper', 'class')).map(({ path }) => path)
    expect(paths.filter((path) => path.startsWith('chain.normalised'))).toEqual([])
  })

  it("count the papers' networks", () => {
    const golden = JSON.parse(
      readFileSync(new URL('../../golden/parameter-counts.json', import.meta.url), 'utf8'),
    ) as Record<string, number>
    const recipe = setOption(recipeOf('paper', 'class'), 'chain.steps=16')
    const known = Object.values(golden)
    expect(known).toContain(countParameters(recipe).solver)
    expect(countParameters(recipe).initializer).toBeGreaterThan(100_000)
  })
})

import { describe, expect, it } from 'vitest'
import { AppError } from './errors.ts'
import type { Recipe } from './recipe.ts'
import { recipeOptions, setOption } from './recipeOptions.ts'
import { createRecipe } from './recipes/createRecipe.ts'

const classRecipe = createRecipe('quick', { task: 'class', size: 28, channels: 1, labels: ['a', 'b'] })
const pictureRecipe = createRecipe('studio', { task: 'picture', size: 64, channels: 3, labels: [] })

const valueAt = (recipe: Recipe, path: string): unknown =>
  path.split('.').reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], recipe)

function refusal(recipe: Recipe, assignment: string): AppError {
  try {
    setOption(recipe, assignment)
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error(`${assignment} was accepted`)
}

describe('setOption', () => {
  it.each([
    ['chain.steps', '16', 16],
    ['chain.stepSize', '8e-4', 8e-4],
    ['chain.pull', 'true', true],
    ['chain.normalised.smooth', 'false', false],
    ['chain.normalised.move', '0.2', 0.2],
    ['chain.noise', 'on', 'on'],
    ['chain.noise', 'until:100', { untilEpoch: 100 }],
    ['learning.decay', 'none', { kind: 'none' }],
    ['learning.decay', 'linear:0:0.1', { kind: 'linear', from: 0, to: 0.1 }],
    ['learning.decay', 'exponential:0.96:100', { kind: 'exponential', factor: 0.96, epochs: 100 }],
    ['learning.objective', 'difference', 'difference'],
    ['learning.prelude.share', '0', 0],
    ['data.mask', 'brush', 'brush'],
  ])('sets %s=%s', (path, text, value) => {
    const before = structuredClone(pictureRecipe)
    const changed = setOption(pictureRecipe, `${path}=${text}`)
    expect(valueAt(changed, path)).toEqual(value)
    expect(pictureRecipe).toEqual(before)
    // Nothing else changed.
    const restored = JSON.parse(JSON.stringify(changed)) as Record<string, unknown>
    const keys = path.split('.')
    const last = keys.pop() ?? ''
    const parent = keys.reduce((node, key) => node[key] as Record<string, unknown>, restored)
    parent[last] = valueAt(before, path)
    expect(restored).toEqual(before)
  })

  it.each([
    ['chain.steps=0', 'chain.steps is a whole number from 1 to 512, not "0".'],
    ['chain.steps=2.5', 'whole number'],
    ['chain.steps=', 'not ""'],
    ['chain.steps= ', 'not " "'],
    ['chain.steps', 'not ""'],
    ['chain.steps=many', 'not "many"'],
    ['chain.steps=NaN', 'not "NaN"'],
    ['chain.stepSize=Infinity', 'not "Infinity"'],
    ['chain.stepSize=-0.1', 'not "-0.1"'],
    ['chain.pull=yes', 'true or false'],
    ['chain.pull=TRUE', 'true or false'],
    ['learning.objective=l2', 'difference or hinge'],
    ['data.mask=', 'centre or rectangles or brush'],
    ['chain.noise=until:', 'until:EPOCH'],
    ['chain.noise=until:-1', 'until:EPOCH'],
    ['chain.noise=until:1.5', 'until:EPOCH'],
    ['chain.noise=until:99999999999999999999', 'until:EPOCH'],
    ['learning.decay=linear', 'linear:FROM:TO'],
    ['learning.decay=linear:0.5', 'linear:FROM:TO'],
    ['learning.decay=linear:0.5:', 'linear:FROM:TO'],
    ['learning.decay=linear:0.5:2', 'linear:FROM:TO'],
    ['learning.decay=linear:2:0.5', 'linear:FROM:TO'],
    ['learning.decay=linear:0.5:0.1:7', 'linear:FROM:TO'],
    ['learning.decay=exponential:0:10', 'linear:FROM:TO'],
    ['learning.decay=exponential:0.9:1.5', 'linear:FROM:TO'],
    ['learning.decay=exponential:0.9:0', 'linear:FROM:TO'],
    ['learning.decay=exponential:0.9:99999999999999999999', 'linear:FROM:TO'],
    ['learning.decay=none:1:1', 'linear:FROM:TO'],
  ])('refuses %s', (assignment, message) => {
    const error = refusal(pictureRecipe, assignment)
    expect(error.code).toBe('misuse')
    expect(error.message).toContain(message)
    expect(error.hint).toBeTruthy()
  })

  it.each(['steps=3', 'chain=3', '', '=', 'chain.steps.more=3', '__proto__.polluted=1', 'constructor=1', 'toString=1'])(
    'knows no option in "%s" and lists those there are',
    (assignment) => {
      const error = refusal(pictureRecipe, assignment)
      expect(error.message).toMatch(/^There is no option/)
      expect(error.hint).toContain('chain.steps')
      expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    },
  )

  it('refuses an option that the recipe does not have', () => {
    const error = refusal(classRecipe, 'chain.normalised.move=0.1')
    expect(error).toMatchObject({ code: 'misuse', message: 'This recipe has no chain.normalised.move.' })
  })

  it('has every option in at least one recipe, with its own value in range', () => {
    const recipes = [classRecipe, pictureRecipe]
    for (const [path, option] of Object.entries(recipeOptions)) {
      const values = recipes.map((recipe) => valueAt(recipe, path)).filter((value) => value !== undefined)
      expect(values, path).not.toHaveLength(0)
      expect(option.about.endsWith('.'), path).toBe(true)
      if (option.kind === 'form') continue
      for (const recipe of recipes)
        if (valueAt(recipe, path) !== undefined)
          expect(setOption(recipe, `${path}=${String(valueAt(recipe, path))}`)).toEqual(recipe)
    }
  })
})

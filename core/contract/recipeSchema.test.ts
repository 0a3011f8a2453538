import { describe, expect, it } from 'vitest'
import { AppError } from '../domain/errors.ts'
import type { Recipe, RecipeName, TaskKind } from '../domain/recipe.ts'
import { createRecipe, SIZES } from '../domain/recipes/createRecipe.ts'
import type { RecipeRequest } from '../domain/recipes/request.ts'
import { parseRecipe } from './recipeSchema.ts'

const names: RecipeName[] = ['paper', 'studio', 'quick']
const tasks: TaskKind[] = ['class', 'picture', 'inpaint']
const request = (task: TaskKind, extra: Partial<RecipeRequest> = {}): RecipeRequest => ({
  task,
  size: SIZES[task][1],
  channels: 3,
  labels: task === 'class' ? ['a', 'b', 'c'] : [],
  ...extra,
})
const quick = createRecipe('quick', request('class'))
const pictures = createRecipe('studio', request('picture'))

/** A deep copy as it would arrive in a file, with one place changed. */
function changed(recipe: Recipe, path: string, value: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(recipe)) as Record<string, unknown>
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  const parent = keys.reduce((node, key) => node[key] as Record<string, unknown>, copy)
  if (value === undefined) Reflect.deleteProperty(parent, last)
  else parent[last] = value
  return copy
}

function refusal(value: unknown): string {
  try {
    parseRecipe(value)
  } catch (error) {
    if (error instanceof AppError && error.code === 'bad-input') return error.message
    throw error
  }
  throw new Error('was accepted')
}

describe('parseRecipe', () => {
  const variants: [string, Partial<RecipeRequest>][] = [
    ['plain', {}],
    ['grey', { channels: 1 }],
    ['grey conditions', { conditionChannels: 1 }],
    ['100 outputs', { outputs: 100 }],
    ['template', { template: true }],
    ['naive', { naive: true }],
  ]
  it.each(variants)('accepts every recipe that the program makes: %s', (_, extra) => {
    for (const name of names)
      for (const task of tasks)
        for (const size of SIZES[task]) {
          const recipe = createRecipe(name, request(task, { ...extra, size }))
          expect(parseRecipe(JSON.parse(JSON.stringify(recipe)))).toEqual(recipe)
        }
  })

  it.each([
    ['chain.steps', 0],
    ['chain.steps', 1.5],
    ['chain.steps', 1e9],
    ['chain.steps', '8'],
    ['chain.stepSize', null],
    ['chain.stepSize', Number.NaN],
    ['chain.bound', Number.POSITIVE_INFINITY],
    ['chain.noise', 'sometimes'],
    ['chain.noise', { untilEpoch: -1 }],
    ['chain.pull', undefined],
    ['learning.batch', 0],
    ['learning.solverRate', -1],
    ['learning.beta1', 1],
    ['learning.decay', { kind: 'linear', from: 0.5 }],
    ['learning.decay', { kind: 'exponential', factor: 0.5, epochs: 0 }],
    ['learning.objective', 'l2'],
    ['initializer.kind', 'transformer'],
    ['initializer.labelScale', Number.NaN],
    ['initializer.labelScale', 1e9],
    ['solver.outputScale', 1e9],
    ['solver.outputScale', 0],
    ['solver.condition.scale', -1e9],
    ['initializer.layers', []],
    ['initializer.latent', 1e9],
    ['solver.scales', 0],
    ['solver.convolutions', Array(100).fill({ kernel: 3, stride: 1, channels: 4 })],
    ['solver.head', { kind: 'dense', outputs: 0 }],
    ['size', 100_000],
    ['channels', 2],
    ['labels', [1, 2, 3]],
    ['length', {}],
    ['length', { minutes: 0 }],
    ['length', { minutes: 1, steps: 1 }],
    ['length', { epochs: 1e12 }],
    ['name', 'mine'],
    ['data', undefined],
  ])('refuses %s = %s by name', (path, value) => {
    const message = refusal(changed(quick, path, value))
    expect(message).toMatch(/^The model's recipe is not valid: /)
    // A union names the field that holds it.
    expect(message).toContain(path.split('.')[0])
  })

  it.each([null, undefined, 7, 'recipe', [], {}])('refuses %s', (value) => {
    expect(refusal(value)).toContain('not valid')
  })

  it('refuses keys that it does not know, wherever they stand', () => {
    for (const path of ['extra', 'chain.extra', 'learning.extra', 'solver.head.extra', 'data.extra', 'length.extra'])
      expect(refusal(changed(quick, path, 1)), path).toContain('not valid')
    for (const path of ['constructor', 'chain.toString', 'learning.hasOwnProperty'])
      expect(refusal(changed(quick, path, {})), path).toContain('not valid')
  })

  it('lets no prototype in', () => {
    const text = JSON.stringify(quick).replace(/^\{/, '{"__proto__": {"polluted": true},')
    const hostile: unknown = JSON.parse(text)
    expect(Object.hasOwn(hostile as object, '__proto__')).toBe(true)
    let parsed: Recipe | undefined
    try {
      parsed = parseRecipe(hostile)
    } catch (error) {
      expect(error).toBeInstanceOf(AppError)
    }
    expect((parsed as { polluted?: boolean } | undefined)?.polluted).toBeUndefined()
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    const nested: unknown = JSON.parse(
      JSON.stringify(quick).replace('"chain":{', '"chain":{"__proto__":{"metropolis":true,"polluted":1},'),
    )
    try {
      expect(parseRecipe(nested)).toEqual(quick)
    } catch (error) {
      expect(error).toBeInstanceOf(AppError)
    }
  })

  it.each<[Recipe, string, unknown, string]>([
    [quick, 'labels', ['a', 'b'], 'another number of classes'],
    [quick, 'solver.condition.labels', 4, 'another number of classes'],
    [quick, 'solver.size', 28, 'the solver is for other pictures'],
    [quick, 'solver.condition', { kind: 'picture', channels: 3 }, 'not for classes'],
    [quick, 'solver.condition', { kind: 'concatenate', labels: 3, scale: 1, joinAt: 9 }, 'after its last layer'],
    [quick, 'solver.condition', { kind: 'template', labels: 3, channels: [4] }, 'too few layers'],
    [quick, 'initializer', pictures.initializer, 'not for classes'],
    [quick, 'initializer.joinAt', 9, 'after its last layer'],
    [quick, 'initializer.layers.1.size', 24, 'sizes jump'],
    [quick, 'initializer.layers.0.kernel', 3, "kernel's size"],
    [quick, 'task', 'picture', 'not for condition pictures'],
    [pictures, 'initializer.dropoutLayers', 16, 'layers with dropout'],
    [pictures, 'initializer.channels', [8, 8, 8, 8, 8, 8, 8, 8], 'do not fit the size'],
    [pictures, 'initializer.conditionChannels', 1, 'different conditions'],
    [pictures, 'learning.initializerLearning', 'alternating', 'needs classes'],
    [quick, 'chain.metropolis', true, 'the Metropolis-Hastings correction needs the noise term'],
    [pictures, 'learning.labelDropout', 0.1, 'label dropout needs classes'],
    [pictures, 'data.mask', 'brush', 'only inpainting has masks'],
    [pictures, 'task', 'inpaint', ''],
    [createRecipe('quick', request('inpaint')), 'data.maskChannel', false, 'another condition'],
  ])('refuses parts that do not fit each other: %#', (recipe, path, value, message) => {
    const changedRecipe = changed(recipe, path, value)
    if (message) expect(refusal(changedRecipe)).toContain(message)
    // Without a mask channel a translation recipe is an inpainting recipe too.
    else expect(() => parseRecipe(changedRecipe)).not.toThrow()
  })
})

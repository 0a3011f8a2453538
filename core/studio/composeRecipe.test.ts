import { describe, expect, it } from 'vitest'
import { parseRecipe } from '../contract/recipeSchema.ts'
import type { TaskKind } from '../domain/recipe.ts'
import { composeRecipe, type DataLooks, type RecipeOrder } from './composeRecipe.ts'

const looks = (kind: DataLooks['kind'], side: number, more: Partial<DataLooks> = {}): DataLooks => ({
  kind,
  channels: 3,
  naturalSize: { width: side, height: side + 5 },
  ...(kind === 'class' ? { labels: ['a', 'b'] } : {}),
  ...more,
})
const pairs = looks('pair', 256, { conditionChannels: 1 })
const compose = (order: Partial<RecipeOrder>, data: DataLooks) => composeRecipe({ recipe: 'quick', ...order }, data)

describe('composeRecipe', () => {
  it.each<[string, DataLooks, TaskKind, number]>([
    ['small classes', looks('class', 28), 'class', 28],
    ['larger classes', looks('class', 300), 'class', 32],
    ['pairs', pairs, 'picture', 64],
    ['photos', looks('photo', 500), 'inpaint', 64],
  ])('suggests task and size for %s', (_, data, task, size) => {
    const recipe = compose({}, data)
    expect(recipe).toMatchObject({ task, size, channels: 3, labels: data.labels ?? [] })
    expect(parseRecipe(JSON.parse(JSON.stringify(recipe)))).toEqual(recipe)
  })

  it.each(['photo', 'class'] as const)('edges mean pictures from drawings (%s)', (kind) => {
    const recipe = compose({ conditionFromPhoto: 'edges' }, looks(kind, 100))
    expect(recipe).toMatchObject({ task: 'picture', labels: [], initializer: { conditionChannels: 1 } })
  })

  it('sees what the conditions are', () => {
    expect(compose({}, pairs).initializer).toMatchObject({ conditionChannels: 1 })
    expect(compose({}, { ...pairs, conditionChannels: 3 }).initializer).toMatchObject({ conditionChannels: 3 })
    expect(compose({}, looks('class', 28, { channels: 1 })).channels).toBe(1)
  })

  it('obeys what was chosen: recipe, size, length, single numbers', () => {
    const recipe = compose(
      { recipe: 'paper', size: 128, length: { steps: 7 }, set: ['chain.steps=3', 'learning.batch=1'] },
      pairs,
    )
    expect(recipe).toMatchObject({
      name: 'paper',
      size: 128,
      length: { steps: 7 },
      chain: { steps: 3 },
      learning: { batch: 1 },
    })
    expect(compose({}, pairs).length).toEqual({ minutes: 5 })
  })

  it.each<[string, Partial<RecipeOrder>, DataLooks, string]>([
    ['a size of another task', { size: 28 }, pairs, 'The picture task has the sizes'],
    ['classes without labels', { task: 'class' }, pairs, 'at least two classes'],
    [
      'edges of classes',
      { task: 'class', conditionFromPhoto: 'edges' },
      looks('class', 28),
      'are for the picture task',
    ],
    ['an unknown number', { set: ['chain.colour=1'] }, pairs, 'There is no option'],
    ['parts that do not fit', { set: ['learning.initializerLearning=alternating'] }, pairs, 'do not go together'],
  ])('refuses %s', (_, order, data, sentence) => {
    expect(() => compose(order, data)).toThrow(
      expect.objectContaining({ code: 'misuse', message: expect.stringContaining(sentence) }),
    )
  })
})

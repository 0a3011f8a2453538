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

  it('builds the forms of the papers, and goes together with their defaults left out', () => {
    const naive = compose({ recipe: 'paper', variant: { naive: true, outputs: 100, template: undefined } }, pairs)
    expect(naive).toMatchObject({ initializer: { latent: 128 }, solver: { head: { outputs: 100 } } })
    expect(compose({ variant: { naive: undefined, template: undefined } }, pairs).name).toBe('quick')
    expect(compose({ set: ['chain.metropolis=true', 'chain.noise=on'] }, looks('class', 28)).chain.metropolis).toBe(
      true,
    )
    expect(compose({ set: ['chain.noise=on', 'chain.metropolis=true'] }, looks('class', 28)).chain.noise).toBe('on')
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
    ['outputs of another recipe', { variant: { outputs: 100 } }, pairs, "--outputs is a form of the papers' networks"],
    ['a template of another recipe', { variant: { template: true } }, looks('class', 28), '--template is a form of'],
    [
      'a template of another task',
      { recipe: 'paper', variant: { template: true } },
      pairs,
      '--template is for the class task, not for picture.',
    ],
    [
      'a bottleneck of another task',
      { recipe: 'paper', variant: { naive: true } },
      looks('class', 28),
      '--naive is for the picture and inpaint task',
    ],
    ['Metropolis without noise', { set: ['chain.metropolis=true'] }, looks('class', 28), 'needs the noise term'],
    ['parts that do not fit', { set: ['learning.initializerLearning=alternating'] }, pairs, 'do not go together'],
  ])('refuses %s', (_, order, data, sentence) => {
    expect(() => compose(order, data)).toThrow(
      expect.objectContaining({ code: 'misuse', message: expect.stringContaining(sentence) }),
    )
  })
})

/** A run that is stopped and resumed takes the very steps of one that never stopped, bit by bit, on the engine under test. */
import { afterAll, describe, expect, it } from 'vitest'
import type { Recipe } from '../domain/recipe.ts'
import { engineUnderTest } from './engineUnderTest.ts'
import { change, recipes, steadyClock, take, trainerFor } from './testing.ts'

const engine = await engineUnderTest()

const forms: [string, Recipe][] = [
  [
    'class, papers: batch normalisation, noise until an epoch',
    change(recipes.paper, { chain: { noise: { untilEpoch: 0.2 } } }),
  ],
  ['class, quick: decay and average', change(recipes.class, { length: { steps: 12 } })],
  [
    'picture, quick: prelude by steps, warm-up, controller, normalised chain, average',
    change(recipes.picture, {
      length: { steps: 100 },
      learning: { prelude: { share: 0.03, rate: 0.0004 }, warmUpSteps: 25 },
    }),
  ],
]

describe.runIf(engine)(`resuming on ${engine?.kind}`, () => {
  afterAll(() => engine?.close())

  it.each(forms)('is exact: %s', async (_, recipe) => {
    // The controller wakes after 20 steps.
    const [stop, end] = recipe.chain.normalised ? [24, 27] : [5, 9]
    const whole = trainerFor(recipe, { now: steadyClock() })
    const reports = await take(whole, end)
    const first = trainerFor(recipe, { now: steadyClock() })
    await take(first, stop)
    const resume = structuredClone(await first.checkpoint())
    first.dispose()
    const second = trainerFor(recipe, { resume, seed: 999, now: steadyClock() })
    expect(await take(second, end - stop)).toEqual(reports.slice(stop))
    const [a, b] = [await whole.checkpoint(), await second.checkpoint()]
    expect(b.position).toEqual(a.position)
    expect(b.state).toEqual(a.state)
    if (recipe.chain.normalised) expect(reports.map(({ kind }) => kind).indexOf('cooperative')).toBe(3)
    whole.dispose()
    second.dispose()
  })
})

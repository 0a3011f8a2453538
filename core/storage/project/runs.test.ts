import { describe, expect, it } from 'vitest'
import { createCheckpointDraft, createRunDraft, hardNames, keepAll, openTestStore, pause } from './testing.ts'
import { saveCheckpoint } from './saveCheckpoint.ts'

describe('runs', () => {
  it('come back as they were made, newest first', () => {
    const { runs } = openTestStore()
    const draft = createRunDraft({ seed: 2 ** 32 - 1, conditionFromPhoto: 'edges', fingerprint: 'abc' })
    const first = runs.insert(draft)
    expect(first).toMatchObject({ ...draft, step: 0, progress: 0, elapsedMs: 0, engine: null, binnedAt: null })
    const second = runs.insert(createRunDraft())
    expect(runs.list().map(({ id }) => id)).toEqual([second.id, first.id])
    expect(runs.get(first.id)).toEqual(first)
  })

  it('say from where they can go on', async () => {
    const store = openTestStore()
    const { id } = store.runs.insert(createRunDraft())
    expect(store.runs.list()[0]).toMatchObject({ newestCheckpointId: null, bestCheckpointId: null })
    const saving = { pause, retention: keepAll }
    const training = await saveCheckpoint(store, createCheckpointDraft(id), saving)
    const weights = createCheckpointDraft(id, { content: 'weights', step: 5, score: 1, best: true })
    const best = await saveCheckpoint(store, weights, saving)
    expect(store.runs.list()[0]).toMatchObject({ newestCheckpointId: training.id, bestCheckpointId: best.id, step: 10 })
  })

  it.each(hardNames)('take a hard name (%#)', (name) => {
    const { runs } = openTestStore()
    const { id } = runs.insert(createRunDraft({ name }))
    expect(runs.get(id).name).toBe(name)
    runs.rename(id, `${name}!`)
    runs.addNote(id, { step: 3, kind: 'rolledBack', message: name })
    expect(runs.get(id).name).toBe(`${name}!`)
    expect(runs.notes(id)[0].message).toBe(name)
  })

  it('keep notes in the order of their writing, with the time', () => {
    const { runs } = openTestStore()
    const { id } = runs.insert(createRunDraft())
    const first = runs.addNote(id, { step: 9, kind: 'scored', message: 'first' })
    const second = runs.addNote(id, { step: 3, kind: 'resumed', message: 'second' })
    const notes = runs.notes(id)
    expect(notes).toEqual([first, second])
    expect(notes[0].at < notes[1].at).toBe(true)
    expect(runs.notes('nobody')).toEqual([])
  })

  it('can be made longer', () => {
    const { runs } = openTestStore()
    const { id, recipe } = runs.insert(createRunDraft())
    runs.setRecipe(id, { ...recipe, length: { ...recipe.length } })
    expect(runs.get(id).recipe).toEqual(recipe)
  })

  it('say so where there is none', () => {
    const { runs } = openTestStore()
    const { recipe } = createRunDraft()
    const place = { step: 1, progress: 0, elapsedMs: 0, engine: null }
    for (const work of [
      () => runs.get('x'),
      () => runs.rename('x', 'y'),
      () => runs.setRecipe('x', recipe),
      () => runs.advance('x', place),
      () => runs.addNote('x', { step: 1, kind: 'ended', message: '' }),
    ])
      expect(work).toThrow('not in the project')
    expect(runs.find('x')).toBeUndefined()
    expect(() => runs.insert(createRunDraft({ dataSetId: 'nobody' }))).toThrow('FOREIGN KEY')
  })
})

import { describe, expect, it } from 'vitest'
import { createDocumentDraft, hardNames, openTestStore, textBytes } from './testing.ts'

const stroke = (name: string) => ({ kind: 'stroke', name, points: [0.5, 1e-9, -3] })

function openDocument() {
  const { documents, ...store } = openTestStore()
  const { id } = documents.insert(createDocumentDraft())
  const names = () => documents.entries(id).map(({ name }) => name)
  return { documents, id, names, ...store }
}

describe('a document', () => {
  it('begins empty and comes back as it was made', () => {
    const { documents, id } = openDocument()
    const draft = createDocumentDraft()
    expect(documents.get(id)).toMatchObject({ ...draft, id, position: 0, length: 0, binnedAt: null })
    expect(documents.entries(id)).toEqual([])
  })

  it('grows stroke by stroke', () => {
    const { documents, id, names } = openDocument()
    expect(documents.append(id, 0, [stroke('a')])).toMatchObject({ position: 1, length: 1 })
    expect(documents.append(id, 1, [stroke('b'), stroke('c')])).toMatchObject({ position: 3, length: 3 })
    expect(documents.append(id, 3, [])).toMatchObject({ position: 3, length: 3 })
    expect(names()).toEqual(['a', 'b', 'c'])
    expect(documents.entries(id)[0]).toEqual(stroke('a'))
  })

  it('undoes and redoes without losing anything, until something new is drawn', () => {
    const { documents, id, names } = openDocument()
    documents.append(id, 0, [stroke('a'), stroke('b'), stroke('c')])
    expect(documents.move(id, 1)).toMatchObject({ position: 1, length: 3 })
    expect(documents.move(id, 3)).toMatchObject({ position: 3, length: 3 })
    documents.move(id, 1)
    expect(names()).toEqual(['a', 'b', 'c'])
    expect(documents.append(id, 1, [stroke('d')])).toMatchObject({ position: 2, length: 2 })
    expect(names()).toEqual(['a', 'd'])
  })

  it('is the same when the same is appended again, as after a lost answer', () => {
    const { documents, id, names } = openDocument()
    documents.append(id, 0, [stroke('a')])
    documents.append(id, 1, [stroke('b')])
    expect(documents.append(id, 1, [stroke('b')])).toMatchObject({ position: 2, length: 2 })
    expect(names()).toEqual(['a', 'b'])
  })

  it.each([-1, 3, 0.5, NaN, 1e300])('has no place %d after two changes', (position) => {
    const { documents, id, names } = openDocument()
    documents.append(id, 0, [stroke('a'), stroke('b')])
    expect(() => documents.append(id, position, [stroke('c')])).toThrow('there is no place')
    expect(() => documents.move(id, position)).toThrow('there is no place')
    expect(names()).toEqual(['a', 'b'])
  })

  it('takes all of what is appended, or nothing', () => {
    const { documents, id, names } = openDocument()
    documents.append(id, 0, [stroke('a'), stroke('b')])
    const cyclic: { kind: string; self?: unknown } = { kind: 'cyclic' }
    cyclic.self = cyclic
    expect(() => documents.append(id, 2, [stroke('c'), cyclic])).toThrow(TypeError)
    expect(names()).toEqual(['a', 'b'])
    expect(documents.get(id)).toMatchObject({ position: 2, length: 2 })
  })

  it('drops nothing when another window draws from where it was before', () => {
    const { documents, id, names } = openDocument()
    documents.append(id, 0, [stroke('a')])
    documents.append(id, 1, [stroke('b'), stroke('c')])
    expect(() => documents.append(id, 1, [stroke('x')])).toThrow('changed elsewhere')
    expect(() => documents.append(id, 1, [stroke('b'), stroke('x')])).toThrow('changed elsewhere')
    expect(documents.append(id, 1, [stroke('b'), stroke('c')])).toMatchObject({ position: 3, length: 3 })
    expect(names()).toEqual(['a', 'b', 'c'])
  })

  it('takes very long and very many strokes', () => {
    const { documents, id } = openDocument()
    const long = { kind: 'stroke', points: Array.from({ length: 50_000 }, (_, i) => i / 7) }
    documents.append(id, 0, [long])
    documents.append(
      id,
      1,
      Array.from({ length: 1000 }, (_, i) => stroke(`${i}`)),
    )
    expect(documents.get(id).length).toBe(1001)
    expect(documents.entries(id)[0]).toEqual(long)
  })

  it.each(hardNames)('takes a hard name (%#)', (name) => {
    const { documents, id } = openDocument()
    documents.rename(id, name)
    documents.append(id, 0, [{ kind: 'text', name }])
    expect(documents.get(id).name).toBe(name)
    expect(documents.entries(id)).toEqual([{ kind: 'text', name }])
  })

  it('can lie over a picture, which no sweep takes then', async () => {
    const { documents, id, contents } = openDocument()
    const photo = contents.put(textBytes('photo'), 'picture')
    documents.setBackground(id, photo)
    await contents.sweep({ pause: () => Promise.resolve() })
    expect(contents.has(documents.get(id).background ?? '')).toBe(true)
    expect(() => documents.setBackground(id, 'f'.repeat(64))).toThrow('FOREIGN KEY')
  })

  it('stands before others in the list when it was changed last', () => {
    const { documents, id } = openDocument()
    const other = documents.insert(createDocumentDraft({ kind: 'mask' }))
    expect(documents.list().map((each) => each.id)).toEqual([other.id, id])
    documents.append(id, 0, [stroke('a')])
    expect(documents.list().map((each) => each.id)).toEqual([id, other.id])
    expect(documents.get(other.id).length).toBe(0)
  })

  it('is said to be missing where there is none', () => {
    const { documents } = openDocument()
    for (const work of [
      () => documents.get('x'),
      () => documents.append('x', 0, [stroke('a')]),
      () => documents.move('x', 0),
      () => documents.rename('x', 'y'),
      () => documents.setBackground('x', null),
    ])
      expect(work).toThrow('not in the project')
    expect(documents.find('x')).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import { countRows, createProvenance, hardNames, openTestStore, pause, textBytes } from './testing.ts'
import type { ResultDraft } from './results.ts'

function openGallery() {
  const store = openTestStore()
  const picture = store.contents.put(textBytes('picture'), 'picture')
  const keep = (title: string, changes: Partial<ResultDraft> = {}) =>
    store.results.insert({
      ...{ title, picture, initial: null, width: 64, height: 64, provenance: createProvenance() },
      ...changes,
    })
  return { ...store, picture, keep }
}

const page = { offset: 0, limit: 100 }
const titles = (found: { results: readonly { title: string }[] }) => found.results.map(({ title }) => title)

describe('a result', () => {
  it('comes back with all that draws it again', async () => {
    const { contents, results, keep } = openGallery()
    const put = (name: string) => contents.put(textBytes(name), 'picture')
    const provenance = createProvenance({
      task: 'inpaint',
      seed: 2 ** 53 - 1,
      noise: true,
      guidance: 1.5,
      labels: [0, 0.25, 0.75],
      latent: [0.1, -2, 1e-8],
      condition: put('condition'),
      mask: put('mask'),
      strokes: [{ kind: 'stroke', name: hardNames[3], points: [1, 2] }],
    })
    const kept = keep('Vase', { initial: put('initial'), provenance })
    await contents.sweep({ pause })
    expect(results.get(kept.id)).toEqual(kept)
    expect(kept).toMatchObject({ title: 'Vase', provenance, starred: false, binnedAt: null })
  })

  it('shares its strokes with others of the same sketch', () => {
    const { keep, ...store } = openGallery()
    const provenance = createProvenance({ strokes: [{ kind: 'stroke' }] })
    const before = countRows(store, 'content')
    for (const title of ['a', 'b', 'c']) keep(title, { provenance })
    expect(countRows(store, 'content')).toBe(before + 1)
  })

  it('tells apart no strokes and none drawn', () => {
    const { results, keep } = openGallery()
    const { id } = keep('Empty page', { provenance: createProvenance({ strokes: [] }) })
    expect(results.get(id).provenance.strokes).toEqual([])
  })

  it('is refused where its pictures are not in the project', () => {
    const { keep, results } = openGallery()
    const nowhere = 'f'.repeat(64)
    expect(() => keep('x', { picture: nowhere })).toThrow('FOREIGN KEY')
    expect(() => keep('x', { provenance: createProvenance({ mask: nowhere }) })).toThrow('FOREIGN KEY')
    expect(results.page(page).total).toBe(0)
  })

  it('says which drawing is lost', () => {
    const { results, keep, file } = openGallery()
    const { id } = keep('Vase', { provenance: createProvenance({ strokes: [{ kind: 'stroke' }] }) })
    file.write(() => file.db.prepare("UPDATE content SET data = zeroblob(size) WHERE kind = 'strokes'").run())
    expect(() => results.get(id)).toThrow('The drawing behind “Vase” was damaged')
    expect(titles(results.page(page))).toEqual(['Vase'])
  })

  it('is said to be missing where there is none', () => {
    const { results } = openGallery()
    expect(() => results.get('x')).toThrow('not in the project')
    expect(() => results.setStarred('x', true)).toThrow('not in the project')
    expect(() => results.rename('x', 'y')).toThrow('not in the project')
    expect(results.find('x')).toBeUndefined()
  })
})

describe('the gallery', () => {
  it('shows the newest first, page by page, each once', () => {
    const { results, keep } = openGallery()
    for (let i = 0; i < 25; i++) keep(`${i}`)
    const shown = [0, 10, 20, 30].map((offset) => results.page({ offset, limit: 10 }))
    expect(shown.flatMap(titles)).toEqual(Array.from({ length: 25 }, (_, i) => `${24 - i}`))
    expect(shown.map(({ total }) => total)).toEqual([25, 25, 25, 25])
    expect(shown[0].results[0].provenance).not.toHaveProperty('strokes')
  })

  it('shows starred ones, and what was binned, apart', () => {
    const { results, keep, bin } = openGallery()
    const [a, b] = ['a', 'b', 'c'].map((title) => keep(title).id)
    results.setStarred(a, true)
    results.setStarred(b, true)
    bin.put('result', b)
    expect(titles(results.page({ ...page, starred: true }))).toEqual(['a'])
    expect(titles(results.page(page))).toEqual(['c', 'a'])
    expect(titles(results.page({ ...page, binned: true }))).toEqual(['b'])
    results.setStarred(a, false)
    expect(results.page({ ...page, starred: true }).total).toBe(0)
  })

  it.each([
    ['VASE', ['Blaue Vase', 'vase 100%']],
    ['100%', ['vase 100%']],
    ['%', ['vase 100%']],
    ['_', []],
    ['', ['ÄPFEL', 'Blaue Vase', 'vase 100%']],
    ['äpf', ['ÄPFEL']],
    ["' OR 1=1 --", []],
    ['ﬁ', []],
  ])('finds %j in titles', (search, expected) => {
    const { results, keep } = openGallery()
    for (const title of ['vase 100%', 'Blaue Vase', 'ÄPFEL']) keep(title)
    const found = results.page({ ...page, search })
    expect(titles(found)).toEqual(expected)
    expect(found.total).toBe(expected.length)
  })

  it('finds by the new title after it was changed', () => {
    const { results, keep } = openGallery()
    const { id } = keep('Jug')
    results.rename(id, 'BOWL')
    expect(results.page({ ...page, search: 'jug' }).total).toBe(0)
    expect(titles(results.page({ ...page, search: 'bowl' }))).toEqual(['BOWL'])
  })

  it.each(hardNames)('takes and finds a hard name (%#)', (name) => {
    const { results, keep } = openGallery()
    const { id } = keep(name)
    expect(results.get(id).title).toBe(name)
    expect(results.page({ ...page, search: name }).total).toBe(1)
  })
})

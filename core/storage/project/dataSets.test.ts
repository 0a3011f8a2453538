import { describe, expect, it } from 'vitest'
import type { DataSetRecord } from '../../domain/records.ts'
import { hashOf } from './contents.ts'
import type { NewPicture } from './pictures.ts'
import { countRows, createDataSetDraft, createPicture, hardNames, openTestStore, pause, textBytes } from './testing.ts'

function importSet(store: ReturnType<typeof openTestStore>, pictures: readonly NewPicture[]): DataSetRecord {
  const id = store.dataSets.begin(createDataSetDraft())
  store.pictures.insert(id, pictures)
  return store.dataSets.finish(id)
}

describe('importing a data set', () => {
  it('shows it only when it is finished, with what is in it', () => {
    const { dataSets, pictures } = openTestStore()
    const draft = createDataSetDraft({ kind: 'pair', conditionChannels: 1, conditionSide: 'left' })
    const id = dataSets.begin(draft)
    pictures.insert(id, [createPicture('a'), createPicture('b', { split: 'heldOut' })])
    pictures.insert(id, [
      createPicture('c', { observed: null, skipped: true, problem: { kind: 'unreadable', message: 'cut off' } }),
    ])
    expect(dataSets.list()).toEqual([])
    expect(dataSets.find(id)).toBeUndefined()
    const found = dataSets.finish(id, 'Two vessels.')
    const { source, ...shown } = draft
    expect(found).toMatchObject({
      ...shown,
      id,
      description: 'Two vessels.',
      count: { train: 1, heldOut: 1, skipped: 1, problems: 1 },
      sizeBytes: 18,
      binnedAt: null,
    })
    expect(dataSets.list()).toEqual([found])
    expect(dataSets.source(id)).toBe(source)
  })

  it('numbers pictures over all portions', () => {
    const { dataSets, pictures } = openTestStore()
    const id = dataSets.begin(createDataSetDraft())
    for (const names of [['a', 'b'], [], ['c']])
      pictures.insert(
        id,
        names.map((name) => createPicture(name)),
      )
    expect(pictures.examples(id).map(({ number, name }) => `${number}${name}`)).toEqual(['0a', '1b', '2c'])
  })

  it('counts a file once that holds picture and condition side by side', () => {
    const store = openTestStore()
    const both = textBytes('both')
    const { sizeBytes } = importSet(store, [createPicture('a', { observed: both, condition: both })])
    expect(sizeBytes).toBe(4)
    expect(countRows(store, 'content')).toBe(1)
  })

  it('counts what several rows share once, and what another data set has too as its own', () => {
    const store = openTestStore()
    const [one, other] = [textBytes('one'), textBytes('other')]
    const rows = [
      createPicture('a', { observed: one, condition: textBytes('one') }),
      createPicture('a again', { observed: one, condition: other }),
      createPicture('b', { observed: other, condition: one }),
      createPicture('lost', { observed: null }),
    ]
    const id = store.dataSets.begin(createDataSetDraft())
    for (const portion of [rows.slice(0, 1), rows.slice(1)]) store.pictures.insert(id, portion)
    expect(store.dataSets.finish(id).sizeBytes).toBe(8)
    expect(importSet(store, rows.slice(0, 2)).sizeBytes).toBe(8)
    const [first] = store.pictures.examples(id)
    store.pictures.update(id, [{ ...first, condition: null }])
    expect(store.dataSets.get(id).sizeBytes).toBe(8)
  })

  it('keeps hashes of pictures that stay outside, and no bytes', () => {
    const store = openTestStore()
    const id = store.dataSets.begin(createDataSetDraft({ keeping: 'referenced' }))
    const hash = hashOf(textBytes('outside'))
    store.pictures.insert(id, [createPicture('a', { observed: hash, condition: hash })])
    expect(store.pictures.get(id, 0)).toMatchObject({ content: hash, condition: hash })
    expect(countRows(store, 'content')).toBe(0)
    expect(() => store.pictures.insert(id, [createPicture('b')])).toThrow(TypeError)
    const inside = store.dataSets.begin(createDataSetDraft())
    expect(() => store.pictures.insert(inside, [createPicture('b', { observed: hash })])).toThrow(TypeError)
    expect(countRows(store, 'picture')).toBe(1)
  })

  it('leaves nothing when it is given up', async () => {
    const store = openTestStore()
    const id = store.dataSets.begin(createDataSetDraft())
    store.pictures.insert(id, [createPicture('a')])
    await store.bin.remove('dataSet', id, { pause })
    await store.contents.sweep({ pause })
    for (const table of ['data_set', 'picture', 'content', 'unfinished']) expect(countRows(store, table)).toBe(0)
    expect(() => store.dataSets.finish(id)).toThrow(RangeError)
  })

  it('is finished once, and pictures go into no other', () => {
    const store = openTestStore()
    const { id } = importSet(store, [])
    expect(() => store.dataSets.finish(id)).toThrow(RangeError)
    expect(() => store.pictures.insert('nobody', [createPicture('a')])).toThrow('not in the project')
    expect(countRows(store, 'content')).toBe(0)
  })

  it('takes many pictures', () => {
    const store = openTestStore()
    const many = Array.from({ length: 5000 }, (_, i) => createPicture(`${i}`, { label: i % 2 }))
    expect(importSet(store, many).count.train).toBe(5000)
  })
})

describe('the pictures of a data set', () => {
  const store = openTestStore()
  const { id } = importSet(
    store,
    Array.from({ length: 100 }, (_, i) =>
      createPicture(`${i}`, {
        label: i % 2,
        split: i % 10 === 0 ? 'heldOut' : 'train',
        skipped: i % 4 === 0,
        problem: i % 20 === 0 ? { kind: i === 0 ? 'orphan' : 'odd-size', message: 'odd' } : null,
      }),
    ),
  )
  const page = { offset: 0, limit: 1000 }

  it.each([
    [{}, 100],
    [{ split: 'heldOut' }, 10],
    [{ label: 0 }, 50],
    [{ label: 0, skipped: false }, 25],
    [{ skipped: true }, 25],
    [{ problem: 'any' }, 5],
    [{ problem: 'none' }, 95],
    [{ problem: 'orphan' }, 1],
    [{ problem: 'duplicate' }, 0],
    [{ split: 'train', label: 1, skipped: true }, 0],
  ] as const)('match %j: %i', (filter, total) => {
    const found = store.pictures.list(id, filter, page)
    expect([found.total, found.pictures.length]).toEqual([total, total])
  })

  it('come in pages that neither overlap nor leave out', () => {
    const numbers = [0, 7, 14, 21].flatMap((offset) =>
      store.pictures.list(id, { skipped: true }, { offset, limit: 7 }).pictures.map(({ number }) => number),
    )
    expect(numbers).toEqual(Array.from({ length: 25 }, (_, i) => i * 4))
  })

  it('are learned from where they are not skipped, always in the same order', () => {
    const numbers = store.pictures.examples(id).map(({ number }) => number)
    expect(numbers).toEqual(Array.from({ length: 100 }, (_, i) => i).filter((i) => i % 4 !== 0))
  })
})

describe('putting pictures right', () => {
  it('replaces rows, all of the given or none', () => {
    const store = openTestStore()
    const { id } = importSet(store, [createPicture('a'), createPicture('b'), createPicture('c')])
    const [a, b, c] = store.pictures.examples(id)
    const odd = { kind: 'odd-size', message: 'odd' } as const
    const changed = { ...c, name: 'd', label: 1, split: 'heldOut', problem: odd, width: 7, height: 9 } as const
    store.pictures.update(id, [{ ...a, skipped: true }, { ...b, skipped: true }, changed])
    expect(store.dataSets.get(id).count).toEqual({ train: 0, heldOut: 1, skipped: 2, problems: 1 })
    expect(store.pictures.get(id, 2)).toEqual(changed)
    expect(() => store.pictures.update(id, [a, { ...b, number: 99 }])).toThrow('not in the project')
    expect(store.pictures.get(id, 0).skipped).toBe(true)
    expect(() => store.pictures.update('nobody', [a])).toThrow('not in the project')
  })

  it.each(['inside', 'referenced'] as const)('exchanges what a row refers to, and gives it back: %s', (keeping) => {
    const store = openTestStore()
    const id = store.dataSets.begin(createDataSetDraft({ keeping }))
    const [observed, condition] = keeping === 'inside' ? ['o', 'c'].map(textBytes) : ['1', '2'].map((d) => d.repeat(64))
    store.pictures.insert(id, [createPicture('a', { observed, condition })])
    const before = { row: store.pictures.get(id, 0), record: store.dataSets.finish(id) }
    const swapped = { ...before.row, content: before.row.condition, condition: before.row.content }
    store.pictures.update(id, [swapped])
    expect(store.pictures.get(id, 0)).toEqual(swapped)
    store.pictures.update(id, [before.row])
    expect([store.pictures.get(id, 0), store.dataSets.get(id)]).toEqual([before.row, before.record])
  })

  it.each([2, -1, 0.5, NaN])('refuses the label %d where there are two classes', (label) => {
    const store = openTestStore()
    const { id } = importSet(store, [createPicture('a')])
    const row = store.pictures.get(id, 0)
    expect(() => store.pictures.update(id, [{ ...row, label }])).toThrow(RangeError)
    expect(store.pictures.get(id, 0)).toEqual(row)
  })

  it('changes what a data set is called and how it looks, and nothing else', () => {
    const store = openTestStore()
    const before = importSet(store, [createPicture('a')])
    const looks = {
      name: 'Pots',
      description: 'Two',
      labels: ['x', 'y', 'z'],
      channels: 1,
      conditionChannels: 3,
      conditionSide: 'right',
      naturalSize: { width: 5, height: 6 },
    } as const
    store.dataSets.update({ ...before, ...looks, sizeBytes: 1, keeping: 'referenced', binnedAt: 'now' })
    expect(store.dataSets.get(before.id)).toEqual({ ...before, ...looks })
  })

  it.each(hardNames)('takes a hard name for any name (%#)', (name) => {
    const store = openTestStore()
    const { id } = importSet(store, [createPicture(name, { problem: { kind: 'odd-size', message: name } })])
    store.dataSets.update({ ...store.dataSets.get(id), name })
    expect(store.dataSets.get(id).name).toBe(name)
    expect(store.pictures.get(id, 0)).toMatchObject({ name, problem: { message: name } })
  })

  it('says so where there is no such data set', () => {
    const store = openTestStore()
    const { dataSets } = store
    expect(() => dataSets.get('x')).toThrow('not in the project')
    expect(() => dataSets.update({ ...importSet(store, []), id: 'x' })).toThrow('not in the project')
    expect(dataSets.source('x')).toBeNull()
  })
})

describe('a picture by its hash', () => {
  it('is a file, rows of bytes, or a file outside, and nothing else', () => {
    const { contents, dataSets, pictures } = openTestStore()
    const bytes = textBytes('a picture')
    const inside = dataSets.begin(createDataSetDraft())
    pictures.insert(inside, [
      createPicture('a.png', { observed: bytes }),
      createPicture('row 1', { observed: textBytes('rows'), kind: 'pixels', width: 2, height: 2 }),
    ])
    const outside = dataSets.begin(createDataSetDraft({ keeping: 'referenced' }))
    const [first, second] = ['1'.repeat(64), '2'.repeat(64)]
    pictures.insert(outside, [createPicture('p.png // c.png', { observed: first, condition: second })])
    const tensors = contents.put(textBytes('numbers!'), 'tensors')

    expect(pictures.find(hashOf(bytes))).toEqual({ kind: 'file' })
    expect(pictures.find(hashOf(textBytes('rows')))).toEqual({ kind: 'pixels', width: 2, height: 2 })
    const found = { kind: 'outside', dataSetId: outside, name: 'p.png // c.png' }
    expect(pictures.find(first)).toEqual({ ...found, side: 'observed' })
    expect(pictures.find(second)).toEqual({ ...found, side: 'condition' })
    expect(pictures.find(tensors)).toBeUndefined()
    expect(pictures.find('3'.repeat(64))).toBeUndefined()
  })
})

import { rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBatches } from '../../data/batches.ts'
import { openDataSet } from '../../data/dataSet.ts'
import { noisy, png, temporaryFolder, writeFiles } from '../../data/testPictures.ts'
import { pictureAt } from '../../domain/picture.ts'
import type { ProjectStore } from '../../storage/project/store.ts'
import { openTestStore } from '../../storage/project/testing.ts'
import { fingerprintOf } from '../fingerprint.ts'
import { changePicture, pairPictures, relabelDataSet, renameDataSet } from './changeDataSet.ts'
import { showExamples } from './showExamples.ts'
import { openStoredDataSet } from './storedDataSet.ts'
import { swapSides } from './swapSides.ts'
import { importFolder, makeSample } from './testing.ts'

let folder = ''
let store: ProjectStore
beforeEach(() => {
  folder = temporaryFolder()
  store = openTestStore()
})
afterEach(() => {
  store.file.close()
  rmSync(folder, { recursive: true })
})

const rowsOf = (id: string) => store.pictures.list(id, {}, { offset: 0, limit: 1000 }).pictures
const numberOf = (id: string, name: string) => rowsOf(id).find((row) => row.name === name)?.number ?? -1

describe('relabelDataSet and renameDataSet', () => {
  it('give other names, as many as there are, each once', async () => {
    const { id } = await importFolder(store, await makeSample(folder, 'class-folders'))
    expect(renameDataSet(store, id, 'Animals').name).toBe('Animals')
    expect(relabelDataSet(store, id, ['feline', 'canine']).labels).toEqual(['feline', 'canine'])
    for (const labels of [['one'], ['a', 'b', 'c'], ['same', 'same']])
      expect(() => relabelDataSet(store, id, labels)).toThrow('nothing was changed')
    expect(openStoredDataSet(store, id).labels).toEqual(['feline', 'canine'])
    expect(() => renameDataSet(store, 'nowhere', 'x')).toThrow('not in the project')
  })
})

describe('changePicture', () => {
  it('leaves out, relabels, moves, and takes in what was misplaced', async () => {
    await makeSample(folder, 'class-folders')
    writeFiles(folder, { 'train/lost.png': await png(noisy(20, 20, 999)), 'train/cat/notes.txt': 'no picture' })
    const { id } = await importFolder(store, folder)
    expect(changePicture(store, { dataSetId: id, number: 0, skipped: true })).toMatchObject({
      skipped: true,
      problem: null,
    })
    expect(changePicture(store, { dataSetId: id, number: 1, label: 1, split: 'heldOut' })).toMatchObject({
      ...{ label: 1, split: 'heldOut', skipped: false },
    })
    const lost = numberOf(id, 'train/lost.png')
    expect(() => changePicture(store, { dataSetId: id, number: lost, skipped: false })).toThrow('it has no label')
    expect(changePicture(store, { dataSetId: id, number: lost, label: 0 })).toMatchObject({
      problem: null,
      skipped: false,
    })
    const text = numberOf(id, 'train/cat/notes.txt')
    expect(() => changePicture(store, { dataSetId: id, number: text, skipped: false })).toThrow('could not be read')
    expect(() => changePicture(store, { dataSetId: id, number: 0, label: 2 })).toThrow('no label 2')
    expect(() => changePicture(store, { dataSetId: id, number: 9999, skipped: true })).toThrow('not in the project')
    expect(openStoredDataSet(store, id).count).toEqual({ train: 11, heldOut: 6 })
  })

  it('keeps the last picture of each side', async () => {
    const { id } = await importFolder(store, await makeSample(folder, 'idx'))
    const held = rowsOf(id).filter(({ split }) => split === 'heldOut')
    for (const { number } of held.slice(1)) changePicture(store, { dataSetId: id, number, skipped: true })
    const last = { dataSetId: id, number: held[0].number }
    expect(() => changePicture(store, { ...last, skipped: true })).toThrow('the last picture held out')
    expect(() => changePicture(store, { ...last, split: 'train' })).toThrow('the last picture held out')
    expect(openStoredDataSet(store, id).count.heldOut).toBe(1)
  })
})

describe('pairPictures', () => {
  it.each(['inside', 'referenced'] as const)(
    'makes a pair of two that have lost their partners: %s',
    async (keeping) => {
      await makeSample(folder, 'paired-folders')
      writeFiles(folder, {
        'drawings/Zeichnung.png': await png(noisy(40, 32, 5)),
        'photos/Bild.png': await png(noisy(40, 32, 500)),
      })
      const { id, count } = await importFolder(store, folder, { order: { keeping } })
      const [observed, condition] = ['photos/Bild.png', 'drawings/Zeichnung.png'].map((name) => numberOf(id, name))
      expect(() => pairPictures(store, { dataSetId: id, observed: condition, condition: observed })).toThrow(
        'nothing was changed',
      )
      expect(() => changePicture(store, { dataSetId: id, number: observed, skipped: false })).toThrow(
        'it has no condition',
      )
      const pair = pairPictures(store, { dataSetId: id, observed, condition })
      expect(pair).toMatchObject({ name: 'photos/Bild.png // drawings/Zeichnung.png', skipped: false, problem: null })
      expect(store.pictures.get(id, condition)).toMatchObject({ skipped: true, problem: { kind: 'duplicate' } })
      expect(() => pairPictures(store, { dataSetId: id, observed, condition })).toThrow('nothing was changed')
      const { examples } = openStoredDataSet(store, id)
      expect(examples.train).toHaveLength(count.train + 1)
      const options = { size: 16, channels: 3, conditionChannels: 3 } as const
      const { condition: drawing } = (await examples.train.at(-1)?.read(options)) ?? {}
      expect(drawing).toMatchObject({ width: 16, height: 16, channels: 3 })
    },
  )
})

describe('swapSides', () => {
  it.each([
    ['side-by-side', 'inside'],
    ['paired-folders', 'inside'],
    ['paired-folders', 'referenced'],
  ] as const)(
    'gives what the folder gives with the other side chosen, and back again: %s, %s',
    async (layout, keeping) => {
      await makeSample(folder, layout)
      const { id } = await importFolder(store, folder, { order: { keeping } })
      const before = { record: store.dataSets.get(id), rows: rowsOf(id) }
      const conditionSide = before.record.conditionSide === 'left' ? 'right' : 'left'
      const swapped = await swapSides(store, id)
      const other = await openDataSet(folder, { conditionSide })
      const { channels, conditionChannels, naturalSize } = other
      expect(swapped).toMatchObject({ channels, conditionChannels, conditionSide, naturalSize })
      expect(swapped.description.split(';')[0]).toBe(other.description.split(';')[0])
      const read = { size: 16, channels: 3, conditionChannels: 3 } as const
      const stored = openStoredDataSet(store, id)
      // Who is held out stays, so the examples are found by their names.
      for (const example of stored.examples.train) {
        const name = example.name.split(' // ')[0]
        const same = [...other.examples.train, ...other.examples.heldOut].find((each) => each.name === name)
        expect(await example.read(read)).toEqual(await same?.read(read))
      }
      await swapSides(store, id)
      expect(rowsOf(id)).toEqual(before.rows)
      expect(store.dataSets.get(id)).toEqual({
        ...before.record,
        description: expect.stringContaining('as chosen') as string,
      })
    },
  )

  it('refuses where there are no pairs', async () => {
    const { id } = await importFolder(store, await makeSample(folder, 'photos'))
    await expect(swapSides(store, id)).rejects.toMatchObject({ code: 'mismatch' })
  })
})

describe('showExamples', () => {
  const order = { count: 5, seed: 7, size: 16, mirror: true, jitterCrop: true } as const

  it('shows the first batch of a training with that seed', async () => {
    const { id } = await importFolder(store, await makeSample(folder, 'side-by-side'))
    const shown = await showExamples(store, { ...order, dataSetId: id })
    const options = { task: 'picture', split: 'train', batchSize: 5, size: 16, seed: 7 } as const
    const augment = { mirror: true, jitterCrop: true }
    const { observed, condition } = await createBatches(openStoredDataSet(store, id), { ...options, augment }).read(0)
    shown.forEach((pair, i) => {
      expect(pair.observed).toEqual(pictureAt(observed, i))
      expect(pair.condition).toEqual(condition && pictureAt(condition, i))
    })
    expect(new Set(shown.map(({ name }) => name)).size).toBe(5)
  })

  it('makes conditions of photos: edges, or the rest of a picture with a hole', async () => {
    const { id } = await importFolder(store, await makeSample(folder, 'photos'))
    const plain = await showExamples(store, { ...order, dataSetId: id })
    expect(plain.every(({ condition, label }) => condition === null && label === null)).toBe(true)
    const edges = await showExamples(store, { ...order, dataSetId: id, conditionFromPhoto: 'edges' })
    expect(edges.every(({ condition }) => condition?.channels === 1)).toBe(true)
    const [{ observed, condition }] = await showExamples(store, { ...order, dataSetId: id, mask: 'centre' })
    const different = observed.data.filter((byte, i) => condition?.data[i] !== byte).length
    expect(different).toBeGreaterThan(150)
    expect(different).toBeLessThanOrEqual(8 * 8 * 3)
  })

  it('shows no more than there are, with labels, and never changes what is learned', async () => {
    const { id } = await importFolder(store, await makeSample(folder, 'class-folders'))
    const before = fingerprintOf(openStoredDataSet(store, id))
    const shown = await showExamples(store, { ...order, dataSetId: id, count: 64 })
    expect(shown).toHaveLength(12)
    expect(new Set(shown.map(({ label }) => label))).toEqual(new Set([0, 1]))
    expect(fingerprintOf(openStoredDataSet(store, id))).toBe(before)
  })
})

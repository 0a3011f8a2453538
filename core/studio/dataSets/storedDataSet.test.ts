import { appendFileSync, cpSync, rmSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBatches } from '../../data/batches.ts'
import { temporaryFolder } from '../../data/testPictures.ts'
import type { ProjectStore } from '../../storage/project/store.ts'
import { createDataSetDraft, createPicture, openTestStore } from '../../storage/project/testing.ts'
import { fingerprintOf } from '../fingerprint.ts'
import { openStoredDataSet } from './storedDataSet.ts'
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

const batches = (id: string, seed = 1) =>
  createBatches(openStoredDataSet(store, id), { task: 'inpaint', split: 'train', batchSize: 6, size: 16, seed })

describe('openStoredDataSet', () => {
  it('replaces and reports what changed or vanished since it was referenced, repeatably', async () => {
    await makeSample(folder, 'photos')
    const { id } = await importFolder(store, folder, { order: { keeping: 'referenced' } })
    const { train } = openStoredDataSet(store, id).examples
    appendFileSync(join(folder, train[0].name), 'another picture now')
    unlinkSync(join(folder, train[1].name))
    const dataSet = openStoredDataSet(store, id)
    const options = { task: 'inpaint', split: 'train', batchSize: dataSet.count.train, size: 16 } as const
    const { batch, examples } = await createBatches(dataSet, options).look(0)
    expect(dataSet.problems.map(({ file, kind }) => [file, kind]).toSorted()).toEqual(
      [train[0], train[1]].map(({ name }) => [name, 'unreadable']).toSorted(),
    )
    expect(examples.map(({ name }) => name)).not.toContain(train[0].name)
    expect((await createBatches(openStoredDataSet(store, id), options).look(0)).batch).toEqual(batch)
    expect(fingerprintOf(openStoredDataSet(store, id))).toBe(fingerprintOf(dataSet))
  })

  it('reads binary files again where they are, and says when they changed', async () => {
    await makeSample(folder, 'idx')
    const { id } = await importFolder(store, folder, { order: { keeping: 'referenced' } })
    expect((await batches(id).look(0)).examples).toHaveLength(6)
    rmSync(join(folder, 'train-images-idx3-ubyte'))
    await expect(batches(id).look(0)).rejects.toMatchObject({ code: 'bad-input' })
  })

  it('does not notice that the source has gone when the pictures are inside', async () => {
    cpSync(await makeSample(join(folder, 'one'), 'paired-folders'), join(folder, 'two'), { recursive: true })
    const { id } = await importFolder(store, join(folder, 'two'))
    const before = await batches(id).look(0)
    rmSync(join(folder, 'two'), { recursive: true })
    expect((await batches(id).look(0)).batch).toEqual(before.batch)
  })

  it('says so where the pictures stayed outside and nobody knows where', async () => {
    await makeSample(folder, 'photos')
    const inside = await importFolder(store, folder)
    const { id } = await importFolder(store, folder, { order: { keeping: 'referenced' } })
    // As an import of a project, or an export without personal data, leaves it.
    store.file.write(() => store.file.db.exec('UPDATE data_set SET source = NULL'))
    expect(() => openStoredDataSet(store, id)).toThrow(
      expect.objectContaining({ code: 'not-found', message: expect.stringContaining('must be found again') as string }),
    )
    expect(store.dataSets.get(id).count).toMatchObject(openStoredDataSet(store, inside.id).count)
  })

  it('uses no rows that are left out, and wants both sides', async () => {
    await makeSample(folder, 'class-folders')
    const { id } = await importFolder(store, folder)
    const all = store.pictures.list(id, {}, { offset: 0, limit: 100 }).pictures
    const [first, second, third] = all
    store.pictures.update(id, [
      { ...first, skipped: true },
      { ...second, split: 'heldOut' },
      { ...third, skipped: true },
    ])
    const { examples, count } = openStoredDataSet(store, id)
    expect(count).toEqual({ train: 9, heldOut: 6 })
    expect(examples.heldOut[0].name).toBe(all[1].name)
    expect(examples.train[0].name).toBe(all[3].name)
    store.pictures.update(
      id,
      all.map((row) => ({ ...row, split: 'train' })),
    )
    expect(() => openStoredDataSet(store, id)).toThrow('“Set” has 17 pictures to train with and 0 held out')
  })

  it('opens 60,000 rows (how long that takes is printed)', () => {
    const id = store.dataSets.begin(createDataSetDraft())
    const observed = new Uint8Array(784)
    for (let at = 0; at < 60_000; at += 500)
      store.pictures.insert(
        id,
        Array.from({ length: 500 }, (_, i) =>
          createPicture(`train#${at + i}`, { observed, split: i === 0 ? 'heldOut' : 'train' }),
        ),
      )
    store.dataSets.finish(id)
    const begun = performance.now()
    const { count } = openStoredDataSet(store, id)
    process.stdout.write(`60,000 rows opened in ${(performance.now() - begun).toFixed(0)} ms\n`)
    expect(count).toEqual({ train: 59_880, heldOut: 120 })
  })
})

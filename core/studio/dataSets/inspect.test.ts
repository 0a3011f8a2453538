import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noisy, noisyFiles, png, temporaryFolder, writeFiles } from '../../data/testPictures.ts'
import { makeZip } from '../../data/testZip.ts'
import { openTestStore } from '../../storage/project/testing.ts'
import { inspectUpload } from './inspect.ts'
import { importFolder, localUpload, makeSample, sampleLayouts } from './testing.ts'
import { openUploads } from './uploads.ts'

let folder = ''
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('inspectUpload', () => {
  it.each(sampleLayouts)('tells of %s what an import keeps, with examples', async (layout) => {
    const upload = localUpload(await makeSample(folder, layout))
    const { insideBytes, examples, ...found } = await inspectUpload(upload, { layout: 'auto' })
    const store = openTestStore()
    const record = await importFolder(store, folder)
    const { train, heldOut } = record.count
    const { kind, labels, conditionSide, naturalSize, description } = record
    expect(found).toEqual({
      ...{ kind, layout, labels, conditionSide, naturalSize, description, count: { train, heldOut } },
      ...{ problems: [], problemCount: 0, canReference: true },
    })
    expect(insideBytes).toBe(store.file.db.prepare<[], number>('SELECT sum(size) FROM content').pluck().get())
    expect(examples).toHaveLength(9)
    for (const { observed, condition, label, name } of examples) {
      expect(observed.width).toBe(Math.min(naturalSize.width, naturalSize.height))
      expect([condition !== null, label !== null]).toEqual([kind === 'pair', kind === 'class'])
      expect(name).not.toBe('')
    }
    store.file.close()
  })

  it('lists the first 500 problems and counts all', async () => {
    writeFiles(folder, await noisyFiles('', 4, 8))
    writeFiles(folder, Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`${i}.txt`, 'text'])))
    const { problems, problemCount, count } = await inspectUpload(localUpload(folder), {})
    expect([problems.length, problemCount, count.train + count.heldOut]).toEqual([500, 600, 4])
    expect(problems[0]).toEqual({ file: '0.txt', kind: 'not-picture', message: 'not a PNG, JPEG or WebP picture' })
  })

  it('looks into a zip whose files lie in one folder more, which cannot be referenced', async () => {
    const uploads = await openUploads(join(folder, 'uploads'))
    const id = await uploads.begin('data')
    const pictures = [0, 1, 2, 3].map(async (i) => ({
      name: `set/${i % 2 ? 'cat' : 'dog'}/${i}.png`,
      bytes: await png(noisy(12, 12, i)),
    }))
    await uploads.receive(id, 'set.zip', Readable.from([makeZip(await Promise.all(pictures))]))
    const found = await inspectUpload(uploads.get(id), { layout: 'auto' })
    expect(found).toMatchObject({ layout: 'class-folders', labels: ['cat', 'dog'], canReference: false })
  })

  it('refuses what is nothing to learn from', async () => {
    writeFiles(folder, { 'a.txt': 'text' })
    await expect(inspectUpload(localUpload(folder), {})).rejects.toMatchObject({ code: 'bad-input' })
  })
})

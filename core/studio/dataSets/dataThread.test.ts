import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noisyFiles, temporaryFolder, writeFiles } from '../../data/testPictures.ts'
import { CancelledError } from '../../domain/errors.ts'
import type { ProjectStore } from '../../storage/project/store.ts'
import { openStore } from '../../storage/project/store.ts'
import { countRows, openTestStore } from '../../storage/project/testing.ts'
import { createProjectFile } from '../../storage/sqlite/projectFile.ts'
import { importInThread, inspectInThread } from './dataThread.ts'
import type { Importing } from './importDataSet.ts'
import { inspectUpload } from './inspect.ts'
import { importFolder, localUpload, makeSample } from './testing.ts'

let folder = ''
let store: ProjectStore
beforeEach(() => {
  folder = temporaryFolder()
  store = openStore(createProjectFile(join(folder, 'Mine.tandem'), { name: 'Mine' }))
})
afterEach(() => {
  store.file.close()
  rmSync(folder, { recursive: true })
})

const importThere = (more: Partial<Importing> = {}) =>
  importInThread({
    store,
    upload: localUpload(join(folder, 'pictures')),
    order: { name: 'Set', layout: 'auto', keeping: 'inside' },
    signal: new AbortController().signal,
    tell: () => undefined,
    ...more,
  })

describe('a thread for data', () => {
  it('finds and imports what is found and imported without it', async () => {
    const pictures = await makeSample(join(folder, 'pictures'), 'paired-folders')
    // An upload that is open has more than can be sent.
    const upload = { ...localUpload(pictures), ending: new AbortController(), receiving: new Set([Promise.resolve()]) }
    expect(await inspectInThread(upload, {})).toEqual(await inspectUpload(upload, {}))
    const told: number[] = []
    const { id, createdAt, ...record } = await importThere({ upload, tell: ({ done }) => told.push(done) })
    expect(told.at(-1)).toBe(12)
    expect(store.dataSets.get(id)).toEqual({ id, createdAt, ...record })
    const here = openTestStore()
    const same = await importFolder(here, pictures)
    expect({ ...same, id, createdAt }).toEqual({ id, createdAt, ...record })
    expect(store.pictures.examples(id)).toEqual(here.pictures.examples(same.id))
    here.file.close()
  })

  it('says why it cannot', async () => {
    await expect(inspectInThread(localUpload(join(folder, 'nowhere')), {})).rejects.toMatchObject({ code: 'bad-input' })
    await expect(importThere()).rejects.toMatchObject({ code: 'bad-input' })
    writeFiles(folder, await noisyFiles('pictures/', 12, 8))
    const lost = { ...store, file: { ...store.file, holder: 'another' } }
    await expect(importThere({ store: lost })).rejects.toMatchObject({
      code: 'storage-failed',
      message: expect.stringContaining('taken over') as string,
    })
  })

  it('leaves nothing behind when it is cancelled in the middle, and others write meanwhile', async () => {
    writeFiles(folder, await noisyFiles('pictures/', 300, 8))
    const stopping = new AbortController()
    const tell = ({ done }: { done: number }) => {
      store.project.rename(`Mine ${done}`)
      if (done > 100) stopping.abort()
    }
    await expect(importThere({ signal: stopping.signal, tell })).rejects.toThrow(CancelledError)
    for (const table of ['data_set', 'picture', 'content', 'unfinished']) expect(countRows(store, table)).toBe(0)
    expect(store.project.get().name).toMatch(/^Mine \d+$/)
  })
})

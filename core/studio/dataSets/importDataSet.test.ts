import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { cp } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBatches, loadExamples } from '../../data/batches.ts'
import type { BatchOptions } from '../../data/batches.ts'
import { openDataSet } from '../../data/dataSet.ts'
import type { DataSet } from '../../data/dataSet.ts'
import { drawn, flat, noisy, noisyFiles, png, temporaryFolder, writeFiles } from '../../data/testPictures.ts'
import { CancelledError } from '../../domain/errors.ts'
import { recover } from '../../storage/project/recover.ts'
import type { ProjectStore } from '../../storage/project/store.ts'
import { countRows, openTestStore, pause } from '../../storage/project/testing.ts'
import { fingerprintOf } from '../fingerprint.ts'
import { openStoredDataSet } from './storedDataSet.ts'
import { importFolder, makeSample, sampleLayouts } from './testing.ts'

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

const tables = ['data_set', 'picture', 'content', 'unfinished', 'claim']
const leftovers = () => tables.map((table) => countRows(store, table))
const nothing = tables.map(() => 0)

async function expectSameBatches(stored: DataSet, original: DataSet, size: number) {
  expect(fingerprintOf(stored)).toBe(fingerprintOf(original))
  expect(stored).toMatchObject({
    count: original.count,
    channels: original.channels,
    naturalSize: original.naturalSize,
  })
  const tasks: Partial<BatchOptions>[] =
    original.kind === 'pair'
      ? [{ task: 'picture' }, { task: 'picture', conditionFromPhoto: 'edges', size: 8 }]
      : [{ task: original.kind === 'class' ? 'class' : 'inpaint', mask: 'brush' }]
  for (const task of tasks) {
    const options = { task: 'inpaint', split: 'train', batchSize: 4, size, seed: 3, ...task } as const
    const augmented = { ...options, augment: { mirror: true, jitterCrop: true } }
    const [one, other] = [createBatches(stored, augmented), createBatches(original, augmented)]
    for (const step of [0, 3]) expect((await one.look(step)).batch).toEqual((await other.look(step)).batch)
    const held = { ...options, split: 'heldOut', count: 4 } as const
    expect(await loadExamples(stored, held)).toEqual(await loadExamples(original, held))
  }
  expect(stored.problems).toEqual([])
}

describe('importDataSet', () => {
  it.each(sampleLayouts.flatMap((layout) => [[layout, 'inside'] as const, [layout, 'referenced'] as const]))(
    'gives the batches of the folder, byte for byte: %s, %s',
    async (layout, keeping) => {
      await makeSample(folder, layout)
      const { id } = await importFolder(store, folder, { order: { keeping } })
      // Their own size (12, 32) and others.
      const [stored, original] = [openStoredDataSet(store, id), await openDataSet(folder)]
      for (const size of keeping === 'inside' ? [12, 32] : [12]) await expectSameBatches(stored, original, size)
      if (keeping === 'referenced')
        expect([countRows(store, 'content'), store.dataSets.get(id).sizeBytes]).toEqual([0, 0])
    },
    20_000,
  )

  const real = process.env.TANDEM_DATA ?? resolve(import.meta.dirname, '../../../../shared/data')
  it.each(['facades', 'cufs'])(
    'gives the batches of %s, byte for byte',
    async (name) => {
      const source = join(real, name)
      if (!existsSync(source)) {
        process.stdout.write(
          `not run: ${name} (no folder ${source}; set TANDEM_DATA); the made-up pairs stand for it\n`,
        )
        return
      }
      // A few dozen of its files are enough.
      const some = join(folder, name)
      for (const part of readdirSync(source))
        for (const file of readdirSync(join(source, part)).slice(0, 5)) {
          mkdirSync(join(some, part), { recursive: true })
          await cp(join(source, part, file), join(some, part, file))
        }
      const { id } = await importFolder(store, some)
      await expectSameBatches(openStoredDataSet(store, id), await openDataSet(some), 64)
    },
    20_000,
  )

  it('keeps a row for everything it found, and never touches the source', async () => {
    await makeSample(folder, 'class-folders')
    writeFiles(folder, await noisyFiles('train/cat/copy', 1, 20, 0))
    writeFiles(folder, {
      'train/dog/notes.txt': 'hello',
      'train/lost.png': await png(noisy(20, 20, 999)),
      'train/dog/tiny.png': await png(noisy(4, 4, 1)),
      'train/dog/cut.png': (await png(noisy(20, 20, 77))).subarray(0, 700),
    })
    const before = readdirSync(folder, { recursive: true }).toSorted()
    const record = await importFolder(store, folder)
    expect(readdirSync(folder, { recursive: true }).toSorted()).toEqual(before)
    expect(record.count).toEqual({ train: 12, heldOut: 5, skipped: 5, problems: 5 })
    expect(record.description).toMatch(/13 to train, 5 held out .*; 1 of them could not be read and is left out\.$/)
    const { pictures } = store.pictures.list(record.id, { problem: 'any' }, { offset: 0, limit: 100 })
    const told = pictures.map(({ name, problem, content, label }) => [name, problem?.kind, content !== null, label])
    expect(told).toEqual([
      ['train/dog/cut.png', 'unreadable', false, 1],
      ['train/dog/notes.txt', 'not-picture', false, null],
      ['train/dog/tiny.png', 'odd-size', true, 1],
      ['train/cat/copy0.png', 'duplicate', true, 0],
      ['train/lost.png', 'misplaced', true, null],
    ])
    expect(pictures.every(({ skipped }) => skipped)).toBe(true)
  })

  it('notes both sides of pairs, orphans too, and stores side-by-side files once', async () => {
    await makeSample(folder, 'paired-folders')
    writeFiles(folder, {
      'drawings/only-drawn.png': await png(drawn(40, 32, 5)),
      'photos/only-photo.png': await png(noisy(40, 32, 500)),
      'photos/flat.png': await png(noisy(64, 32, 501)),
      'drawings/flat.png': await png(flat(32, 64, [9, 9, 9])),
    })
    const { id } = await importFolder(store, folder)
    const { pictures } = store.pictures.list(id, {}, { offset: 0, limit: 100 })
    expect(pictures[0].name).toMatch(/^photos\/\d+\.jpg \/\/ drawings\/\d+\.png$/)
    const orphans = pictures.filter(({ problem }) => problem?.kind === 'orphan')
    expect(orphans.map(({ name, content, condition }) => [name, content !== null, condition !== null])).toEqual([
      ['drawings/only-drawn.png', false, true],
      ['photos/only-photo.png', true, false],
    ])
    expect(pictures.find(({ problem }) => problem?.kind === 'odd-size')).toMatchObject({
      ...{ name: 'photos/flat.png // drawings/flat.png', width: 64, height: 32, skipped: true },
    })
    const sides = await makeSample(join(folder, 'sides'), 'side-by-side')
    const contents = countRows(store, 'content')
    const halves = await importFolder(store, sides)
    expect(countRows(store, 'content') - contents).toBe(12)
    const [first] = store.pictures.examples(halves.id)
    expect(first).toMatchObject({ width: 32, height: 32, condition: first.content })
    expect(store.contents.get(first.content ?? '', '')).toEqual(readFileSync(join(sides, first.name)))
  })

  it('refuses what is nothing to learn from, and references to uploads', async () => {
    writeFiles(folder, { 'a.txt': 'hello' })
    await expect(importFolder(store, folder)).rejects.toMatchObject({ code: 'bad-input' })
    await expect(importFolder(store, join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'bad-input' })
    const upload = { id: 'u', purpose: 'data', path: folder, local: false } as const
    await expect(importFolder(store, folder, { upload, order: { keeping: 'referenced' } })).rejects.toMatchObject({
      code: 'misuse',
    })
    // Every picture is cut off behind its header.
    for (let i = 0; i < 5; i++) writeFiles(folder, { [`${i}.png`]: (await png(noisy(40, 40, i))).subarray(0, 900) })
    await expect(importFolder(store, folder)).rejects.toThrow('Too few of the pictures can be read')
    expect(leftovers()).toEqual(nothing)
  })

  it('leaves nothing behind when it is cancelled: at the start, while looking, and in the middle', async () => {
    writeFiles(folder, await noisyFiles('', 300, 8))
    for (const when of [-1, 0, 200]) {
      const aborter = new AbortController()
      if (when < 0) aborter.abort()
      const tell = ({ done }: { done: number }) => {
        if (done >= when) aborter.abort()
        expect(store.dataSets.list()).toEqual([])
      }
      await expect(importFolder(store, folder, { signal: aborter.signal, tell })).rejects.toThrow(CancelledError)
      expect(leftovers()).toEqual(nothing)
    }
  })

  it('leaves nothing of a crash in the middle once the project was opened again, and what was there before stays', async () => {
    const kept = await importFolder(store, await makeSample(join(folder, 'kept'), 'photos'))
    const before = leftovers()
    writeFiles(folder, await noisyFiles('many/', 300, 8))
    const { insert } = store.pictures
    let calls = 0
    const dying = {
      ...store,
      pictures: {
        ...store.pictures,
        insert: (...args: Parameters<typeof insert>) => {
          if (++calls === 2) throw new Error('killed')
          insert(...args)
        },
      },
      // A dead process clears nothing away.
      bin: { ...store.bin, remove: () => Promise.reject(new Error('killed')) },
    }
    await expect(importFolder(dying, join(folder, 'many'))).rejects.toThrow('killed')
    expect(countRows(store, 'unfinished')).toBe(1)
    expect(store.dataSets.list().map(({ id }) => id)).toEqual([kept.id])
    await recover(store, { pause })
    await store.contents.sweep({ pause })
    expect(leftovers()).toEqual(before)
    expect(
      await createBatches(openStoredDataSet(store, kept.id), {
        task: 'inpaint',
        split: 'train',
        batchSize: 2,
        size: 16,
      }).read(0),
    ).toBeDefined()
  })

  it('clears away after an error of its own, and tells the error', async () => {
    await makeSample(folder, 'photos')
    const failing = {
      ...store,
      dataSets: {
        ...store.dataSets,
        finish: () => {
          throw new Error('finish failed')
        },
      },
    }
    await expect(importFolder(failing, folder)).rejects.toThrow('finish failed')
    expect(leftovers()).toEqual(nothing)
  })

  it('leaves out a file that changes or vanishes while it is imported', async () => {
    await makeSample(folder, 'photos')
    const [first, second] = (await openDataSet(folder)).examples.train
    let isFirst = true
    const importing = importFolder(
      {
        ...store,
        dataSets: {
          ...store.dataSets,
          begin: (draft) => {
            if (isFirst) appendFileSync(join(folder, first.name), 'more')
            if (isFirst) unlinkSync(join(folder, second.name))
            isFirst = false
            return store.dataSets.begin(draft)
          },
        },
      },
      folder,
    )
    const { id, count } = await importing
    const { pictures } = store.pictures.list(id, { problem: 'unreadable' }, { offset: 0, limit: 10 })
    expect(pictures.map(({ name }) => name).toSorted()).toEqual([first.name, second.name].toSorted())
    expect(count.skipped).toBe(2)
  })

  it('imports 2,000 pictures (how long that takes is printed)', async () => {
    const bytes = Buffer.from(await png(noisy(32, 32, 1)))
    mkdirSync(join(folder, 'a'))
    mkdirSync(join(folder, 'b'))
    // Bytes after the end of a PNG are ignored, and make each file another one.
    for (let i = 0; i < 2000; i++)
      writeFileSync(join(folder, i % 2 ? 'a' : 'b', `${i}.png`), Buffer.concat([bytes, Buffer.from(String(i))]))
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const begun = performance.now()
    const notes: number[] = []
    const { count } = await importFolder(store, folder, { tell: ({ done }) => notes.push(done) })
    delay.disable()
    const took = ((performance.now() - begun) / 1000).toFixed(1)
    const longest = (delay.max / 1e6).toFixed(0)
    process.stdout.write(`2,000 pictures imported in ${took} s, longest time without a turn ${longest} ms\n`)
    expect(count.train + count.heldOut).toBe(2000)
    expect(notes).toEqual(notes.toSorted((a, b) => a - b))
    expect(notes.at(-1)).toBe(2000)
  }, 20_000)
})

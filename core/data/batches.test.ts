import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBatches, loadExamples } from './batches.ts'
import type { BatchOptions } from './batches.ts'
import { openDataSet } from './dataSet.ts'
import { beside, drawn, idx, noisy, noisyFiles, png, temporaryFolder, writeFiles } from './testPictures.ts'

let folder = ''
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => rmSync(folder, { recursive: true }))

/** 40 pictures of 8 x 8 in 4 classes; every pixel of picture i has the value i. */
async function openNumbered() {
  const pixels = Uint8Array.from({ length: 40 * 64 }, (_, i) => Math.floor(i / 64))
  writeFiles(folder, {
    'train-images-idx3-ubyte': idx([40, 8, 8], pixels),
    'train-labels-idx1-ubyte': idx(
      [40],
      Uint8Array.from({ length: 40 }, (_, i) => i % 4),
    ),
  })
  return openDataSet(folder)
}
async function openPairs() {
  for (let i = 0; i < 10; i++)
    writeFiles(folder, { [`${i}.png`]: await png(beside(noisy(24, 24, i), drawn(24, 24, i))) })
  return openDataSet(folder)
}
const numbers = (data: Float32Array) =>
  data.filter((_, i) => i % 64 === 0).map((value) => Math.round((value + 1) * 127.5))
const classes: BatchOptions = { task: 'class', split: 'train', batchSize: 6, size: 8, seed: 7 }
const pairs: BatchOptions = {
  task: 'picture',
  split: 'train',
  batchSize: 4,
  size: 16,
  seed: 3,
  augment: { mirror: true, jitterCrop: true, lineWobble: 1 },
}

describe('createBatches', () => {
  it('shows every example once per epoch, in another order each time, with its label', async () => {
    const dataSet = await openNumbered()
    const { train } = dataSet.count
    const batches = createBatches(dataSet, { ...classes, batchSize: train })
    const [first, second] = [await batches.read(0), await batches.read(1)]
    expect(batches.stepsPerEpoch).toBe(1)
    expect(new Set(numbers(first.observed.data)).size).toBe(train)
    expect([...numbers(first.observed.data)].toSorted()).toEqual([...numbers(second.observed.data)].toSorted())
    expect(numbers(first.observed.data)).not.toEqual(numbers(second.observed.data))
    expect([...numbers(first.observed.data)].map((number) => number % 4)).toEqual([...(first.labels ?? [])])
  })

  it('gives for a step the same batch in any order, after a restart and without memory', async () => {
    const dataSet = await openPairs()
    const once = createBatches(dataSet, pairs)
    const inOrder = [await once.read(0), await once.read(1), await once.read(2), await once.read(3), await once.read(4)]
    const again = createBatches(await openDataSet(folder), { ...pairs, cacheBytes: 0 })
    for (const step of [4, 1, 1, 3, 0, 2]) expect(await again.read(step)).toEqual(inOrder[step])
    expect(inOrder[0]).not.toEqual(inOrder[1])
    const other = await createBatches(dataSet, { ...pairs, seed: 4 }).read(0)
    expect(other).not.toEqual(inOrder[0])
  })

  it('moves and mirrors picture and condition alike', async () => {
    // Condition and picture are the same drawing here, so they must stay equal.
    for (let i = 0; i < 6; i++)
      writeFiles(folder, { [`${i}.png`]: await png(beside(drawn(32, 32, i), drawn(32, 32, i))) })
    const dataSet = await openDataSet(folder)
    const options = { ...pairs, size: 32, batchSize: 8, channels: 1, conditionChannels: 1 } as const
    const batch = await createBatches(dataSet, { ...options, augment: { mirror: true } }).read(0)
    expect(batch.condition).toEqual(batch.observed)
    const plain = await createBatches(dataSet, { ...options, augment: {} }).read(0)
    expect(plain.observed).not.toEqual(batch.observed)
    const moved = await createBatches(dataSet, { ...options, augment: { jitterCrop: true } }).read(0)
    const darkest = (data: Float32Array) =>
      Array.from({ length: 8 }, (_, i) => data.slice(i * 1024, i * 1024 + 32)).map((row) =>
        row.indexOf(Math.min(...row)),
      )
    expect(darkest(moved.condition?.data ?? new Float32Array())).toEqual(darkest(moved.observed.data))
    expect(darkest(moved.observed.data)).not.toEqual(darkest(plain.observed.data))
  })

  it('bends only the condition', async () => {
    const dataSet = await openPairs()
    const straight = await createBatches(dataSet, { ...pairs, augment: {} }).read(0)
    const bent = await createBatches(dataSet, { ...pairs, augment: { lineWobble: 2 } }).read(0)
    expect(bent.observed).toEqual(straight.observed)
    expect(bent.condition).not.toEqual(straight.condition)
  })

  it('hides parts for inpainting and needs no condition', async () => {
    const dataSet = await openPairs()
    const batch = await createBatches(dataSet, { ...pairs, task: 'inpaint', mask: 'brush' }).read(0)
    expect(batch.condition).toBeUndefined()
    expect(batch.mask).toMatchObject({ count: 4, width: 16, height: 16, channels: 1 })
    expect(new Set(batch.mask?.data)).toEqual(new Set([0, 1]))
  })

  it('draws conditions from photos', async () => {
    writeFiles(folder, await noisyFiles('', 6, 32))
    const dataSet = await openDataSet(folder)
    const batch = await createBatches(dataSet, { ...pairs, conditionFromPhoto: 'edges' }).read(0)
    expect(batch.condition).toMatchObject({ channels: 1, width: 16 })
    expect(batch.observed).toMatchObject({ channels: 3, width: 16 })
  })

  it('replaces a picture cut off in the middle, says so once, and stays repeatable', async () => {
    const files = await noisyFiles('', 12, 32)
    const dataSets = await Promise.all(
      [1, 2].map(async () => {
        writeFiles(folder, {
          ...files,
          'cut.png': (await png(noisy(32, 32, 999))).subarray(0, 2000),
          'more.png': await png(noisy(32, 32, 5000)),
        })
        return openDataSet(folder)
      }),
    )
    const [first, second] = dataSets
    expect(first.problems).toEqual([])
    const options: BatchOptions = { ...pairs, task: 'inpaint', batchSize: first.count.train }
    const batches = createBatches(first, options)
    const forwards = [await batches.read(0), await batches.read(1)]
    const backwards = createBatches(second, options)
    expect([await backwards.read(1), await backwards.read(0)]).toEqual(forwards.toReversed())
    if (first.examples.heldOut.some(({ name }) => name === 'cut.png'))
      await loadExamples(first, { ...options, split: 'heldOut', count: 9 })
    expect(first.problems).toEqual([
      { file: 'cut.png', kind: 'unreadable', message: expect.stringContaining('damaged') as string },
    ])
  })

  it('stops with a clear sentence when the folder has gone', async () => {
    const dataSet = await openPairs()
    for (let i = 0; i < 10; i++) rmSync(join(folder, `${i}.png`))
    await expect(createBatches(dataSet, pairs).read(0)).rejects.toThrow('is the folder still there?')
  })

  it.each([
    [{ ...classes, batchSize: 0 }, 'batchSize is 1 or more, not 0'],
    [{ ...classes, size: 2.5 }, 'size is 8 or more, not 2.5'],
    [{ ...classes, task: 'picture' as const }, 'needs pairs'],
  ])('refuses what makes no sense', async (options, reason) => {
    const dataSet = await openNumbered()
    expect(() => createBatches(dataSet, options)).toThrow(reason)
  })

  it('refuses steps that do not exist and classes without labels', async () => {
    const dataSet = await openPairs()
    expect(() => createBatches(dataSet, pairs).read(-1)).toThrow('not -1')
    expect(() => createBatches(dataSet, { ...pairs, task: 'class' })).toThrow('needs a data set with labels')
  })
})

describe('loadExamples', () => {
  it('lets the labels take turns and pages without overlap', async () => {
    const dataSet = await openNumbered()
    const load = (count: number, offset: number) =>
      loadExamples(dataSet, { task: 'class', split: 'train', size: 8, count, offset })
    const first = await load(8, 0)
    expect([...(first.labels ?? [])]).toEqual([0, 1, 2, 3, 0, 1, 2, 3])
    const second = await load(8, 8)
    expect(new Set([...numbers(first.observed.data), ...numbers(second.observed.data)]).size).toBe(16)
    expect(await load(8, 8)).toEqual(second)
    expect((await load(1000, 0)).observed.count).toBe(dataSet.count.train)
    await expect(load(5, 1000)).rejects.toThrow(RangeError)
  })

  it('is not augmented and repeats its masks', async () => {
    const dataSet = await openPairs()
    const options = { task: 'inpaint', split: 'heldOut', size: 16, count: 1, mask: 'rectangles' } as const
    expect(await loadExamples(dataSet, options)).toEqual(await loadExamples(dataSet, options))
  })
})

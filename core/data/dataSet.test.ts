import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDataSet } from './dataSet.ts'
import type { DataSet } from './dataSet.ts'
import {
  beside,
  drawn,
  flat,
  idx,
  noisy,
  noisyFiles,
  png,
  temporaryFolder,
  toSharp,
  writeFiles,
} from './testPictures.ts'

let folder = ''
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => rmSync(folder, { recursive: true }))

const names = (dataSet: DataSet) => ({
  train: dataSet.examples.train.map(({ name }) => name),
  heldOut: dataSet.examples.heldOut.map(({ name }) => name),
})
const problems = (dataSet: DataSet) => dataSet.problems.map(({ file, kind }) => `${file}: ${kind}`).toSorted()
const sideBySide = async (count: number, make: (i: number) => Promise<Uint8Array>) =>
  writeFiles(
    folder,
    Object.fromEntries(await Promise.all(Array.from({ length: count }, async (_, i) => [`${i}.png`, await make(i)]))),
  )

describe('IDX files', () => {
  const pixels = (count: number) => Uint8Array.from({ length: count * 16 }, (_, i) => (i * 37) & 255)
  const digits = (count: number) => Uint8Array.from({ length: count }, (_, i) => i % 10)

  it('reads train and t10k, compressed or not, in a folder of their own', async () => {
    writeFiles(folder, {
      'raw/train-images-idx3-ubyte.gz': gzipSync(idx([30, 4, 4], pixels(30))),
      'raw/train-labels-idx1-ubyte': idx([30], digits(30)),
      'raw/t10k-images.idx3-ubyte': idx([10, 4, 4], pixels(10)),
      'raw/t10k-labels.idx1-ubyte': idx([10], digits(10)),
    })
    const dataSet = await openDataSet(folder)
    expect(dataSet).toMatchObject({ kind: 'class', layout: 'idx', channels: 1, count: { train: 30, heldOut: 10 } })
    expect(dataSet.labels).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
    expect(dataSet.description).toMatch(/IDX.*4 x 4.*10 labels; 30 to train, 10 held out/)
    const example = dataSet.examples.train[13]
    const { observed } = await example.read({ size: 4, channels: 1, conditionChannels: 1 })
    expect(example.label).toBe(3)
    expect([...observed.data]).toEqual([...pixels(30).subarray(13 * 16, 14 * 16)])
  })

  it('names the clothes when the folder says fashion', async () => {
    writeFiles(folder, {
      'Fashion/train-images-idx3-ubyte': idx([30, 4, 4], pixels(30)),
      'Fashion/train-labels-idx1-ubyte': idx([30], digits(30)),
    })
    expect((await openDataSet(folder)).labels?.[9]).toBe('ankle boot')
  })

  const good = { images: idx([30, 4, 4], pixels(30)), labels: idx([30], digits(30)) }
  it.each([
    ['cut off pictures', { ...good, images: good.images.subarray(0, 200) }, 'cut off or damaged'],
    ['cut off gzip', { ...good, images: gzipSync(good.images).subarray(0, 60) }, 'cannot be read'],
    ['a wrong magic number', { ...good, images: good.labels }, 'magic number 2051'],
    ['another count', { ...good, labels: idx([20], digits(20)) }, '30 pictures but .* 20 labels'],
    ['no pictures', { images: idx([0, 4, 4], new Uint8Array()), labels: good.labels }, 'it is empty'],
    ['an empty file', { ...good, images: Buffer.alloc(0) }, 'no IDX file'],
  ])('refuses %s with one sentence', async (_, { images, labels }, reason) => {
    writeFiles(folder, { 'train-images-idx3-ubyte': images, 'train-labels-idx1-ubyte': labels })
    await expect(openDataSet(folder)).rejects.toMatchObject({ code: 'bad-input' })
    await expect(openDataSet(folder)).rejects.toThrow(new RegExp(reason))
  })

  it('says which label file is missing', async () => {
    writeFiles(folder, { 'train-images-idx3-ubyte': good.images })
    await expect(openDataSet(folder)).rejects.toThrow('“train-labels-idx1-ubyte” is missing')
  })
})

describe('CIFAR-10 binary files', () => {
  const rows = (count: number) =>
    Buffer.from(
      Uint8Array.from({ length: count * 3073 }, (_, i) => (i % 3073 === 0 ? Math.floor(i / 3073) % 10 : i & 255)),
    )

  it('reads colour planes as pixels', async () => {
    writeFiles(folder, {
      'data_batch_1.bin': rows(20),
      'test_batch.bin.gz': gzipSync(rows(5)),
      'batches.meta.txt': 'cat',
    })
    const dataSet = await openDataSet(folder)
    expect(dataSet).toMatchObject({ kind: 'class', layout: 'cifar', channels: 3, count: { train: 20, heldOut: 5 } })
    const example = dataSet.examples.train[2]
    const { observed } = await example.read({ size: 32, channels: 3, conditionChannels: 1 })
    const row = rows(20).subarray(2 * 3073)
    expect([example.label, dataSet.labels?.[2]]).toEqual([2, 'bird'])
    expect([...observed.data.subarray(3, 6)]).toEqual([row[2], row[2 + 1024], row[2 + 2048]])
  })

  it.each([
    ['cut off', rows(3).subarray(0, 9000), 'not a multiple of 3073'],
    ['mislabelled', Buffer.concat([Buffer.from([77]), rows(1).subarray(1)]), 'row 0 has the label 77'],
  ])('refuses a %s file', async (_, bytes, reason) => {
    writeFiles(folder, { 'data_batch_1.bin': bytes })
    await expect(openDataSet(folder)).rejects.toThrow(reason)
  })
})

describe('class folders', () => {
  it('takes the folders as labels and lists what it cannot use', async () => {
    const cats = await noisyFiles('cat/', 6, 16, 0)
    const dogs = await noisyFiles('dog/', 6, 16, 50)
    writeFiles(folder, {
      ...cats,
      ...dogs,
      'dog/again.png': cats['cat/0.png'],
      'dog/notes.txt': 'no picture',
      'cat/broken.jpg': Buffer.from([0xff, 0xd8, 0xff, 1, 2]),
      'cat/tiny.png': await png(flat(4, 9, [1])),
      'stray.png': await png(noisy(16, 16, 99)),
      '.hidden': 'x',
    })
    mkdirSync(join(folder, 'bird'))
    const dataSet = await openDataSet(folder)
    expect(dataSet).toMatchObject({ kind: 'class', layout: 'class-folders', labels: ['cat', 'dog'] })
    expect(dataSet.count.train + dataSet.count.heldOut).toBe(12)
    expect(dataSet.naturalSize).toEqual({ width: 16, height: 16 })
    expect(problems(dataSet)).toEqual([
      'bird: empty-label',
      'cat/broken.jpg: unreadable',
      'cat/tiny.png: odd-size',
      'dog/again.png: duplicate',
      'dog/notes.txt: not-picture',
      'stray.png: misplaced',
    ])
  })

  it('uses train and val folders as the split', async () => {
    writeFiles(folder, {
      ...(await noisyFiles('train/a/', 3, 16, 0)),
      ...(await noisyFiles('train/b/', 3, 16, 10)),
      ...(await noisyFiles('val/a/', 2, 16, 20)),
      ...(await noisyFiles('val/b/', 2, 16, 30)),
    })
    const dataSet = await openDataSet(folder)
    expect(dataSet).toMatchObject({ layout: 'class-folders', labels: ['a', 'b'], count: { train: 6, heldOut: 4 } })
    expect(names(dataSet).heldOut).toEqual(['val/a/0.png', 'val/a/1.png', 'val/b/0.png', 'val/b/1.png'])
  })

  it('keeps a class called train a class', async () => {
    writeFiles(folder, { ...(await noisyFiles('train/', 3)), ...(await noisyFiles('bus/', 3, 16, 10)) })
    expect((await openDataSet(folder)).labels).toEqual(['bus', 'train'])
  })
})

describe('folders A and B', () => {
  const pairFiles = async (a: string, b: string, count: number) => {
    const files: Record<string, Uint8Array> = {}
    for (let i = 0; i < count; i++) {
      files[`${a}/${i}.png`] = await png(drawn(16, 16, i))
      files[`${b}/${i}.jpg`] = await toSharp(noisy(16, 16, i))
        .jpeg()
        .toBuffer()
    }
    return files
  }

  it('pairs by name, finds the drawings and lists the rest', async () => {
    writeFiles(folder, {
      ...(await pairFiles('B', 'A', 5)),
      'A/alone.png': await png(noisy(16, 16, 70)),
      'B/lonely.png': await png(drawn(16, 16, 4)),
      'A/wide.png': await png(noisy(32, 16, 80)),
      'B/wide.png': await png(drawn(16, 16, 3)),
    })
    const dataSet = await openDataSet(folder)
    expect(dataSet).toMatchObject({
      kind: 'pair',
      layout: 'paired-folders',
      conditionSide: 'right',
      conditionChannels: 1,
    })
    expect(dataSet.description).toContain('“B” holds the conditions (it looks drawn)')
    expect(problems(dataSet)).toEqual(['A/alone.png: orphan', 'A/wide.png: odd-size', 'B/lonely.png: orphan'])
    const example = dataSet.examples.train[0]
    const { observed, condition } = await example.read({ size: 16, channels: 3, conditionChannels: 3 })
    const number = Number(/\d+/.exec(example.name))
    expect(condition?.data).toEqual(drawn(16, 16, number).data)
    expect(observed.data).not.toEqual(condition?.data)
  })

  it('lets the caller say which folder is the condition', async () => {
    writeFiles(folder, await pairFiles('A', 'B', 4))
    const dataSet = await openDataSet(folder, { conditionSide: 'right' })
    expect(dataSet.conditionSide).toBe('right')
    expect(dataSet.examples.train[0].name).toMatch(/^A/)
  })

  it.each([
    ['trainA', 'trainB', 'testA', 'testB'],
    ['A/train', 'B/train', 'A/val', 'B/val'],
    ['train/sketches', 'train/photos', 'test/sketches', 'test/photos'],
  ])('understands %s and %s as training', async (a, b, heldOutA, heldOutB) => {
    const files = await pairFiles(a, b, 4)
    for (let i = 4; i < 6; i++) {
      files[`${heldOutA}/${i}.png`] = await png(drawn(16, 16, i))
      files[`${heldOutB}/${i}.png`] = await png(noisy(16, 16, i))
    }
    writeFiles(folder, files)
    const dataSet = await openDataSet(folder)
    expect(dataSet).toMatchObject({ layout: 'paired-folders', count: { train: 4, heldOut: 2 }, conditionChannels: 1 })
    expect(dataSet.problems).toEqual([])
  })

  it('refuses two folders without a common name', async () => {
    writeFiles(folder, { ...(await noisyFiles('A/a', 3)), ...(await noisyFiles('B/b', 3, 16, 9)) })
    await expect(openDataSet(folder)).rejects.toThrow(/Only 0 of the files in “A” and “B”/)
  })
})

describe('side-by-side pairs', () => {
  it.each(['left', 'right'] as const)('finds that the %s half is drawn', async (side) => {
    await sideBySide(8, (i) => {
      const [photo, drawing] = [noisy(16, 16, i), drawn(16, 16, i)]
      return png(side === 'left' ? beside(drawing, photo) : beside(photo, drawing))
    })
    writeFiles(folder, { 'square.png': await png(noisy(16, 16, 77)) })
    const dataSet = await openDataSet(folder)
    expect(dataSet).toMatchObject({ kind: 'pair', layout: 'side-by-side', conditionSide: side, conditionChannels: 1 })
    expect(dataSet.naturalSize).toEqual({ width: 16, height: 16 })
    expect(dataSet.description).toContain(`the ${side} half is the condition (it looks drawn)`)
    expect(problems(dataSet)).toEqual(['square.png: odd-size'])
    const example = dataSet.examples.train[0]
    const number = Number.parseInt(example.name)
    const read = await example.read({ size: 16, channels: 3, conditionChannels: 3 })
    expect(read.observed).toEqual(noisy(16, 16, number))
    expect(read.condition).toEqual(drawn(16, 16, number))
  })

  it('takes the caller at his word, and says when it only guesses', async () => {
    await sideBySide(6, (i) => png(beside(noisy(16, 16, i), noisy(16, 16, 100 + i))))
    expect((await openDataSet(folder)).description).toContain('a guess: please check')
    expect(await openDataSet(folder, { conditionSide: 'right' })).toMatchObject({
      conditionSide: 'right',
      conditionChannels: 3,
    })
  })

  it('takes wide photographs for photographs', async () => {
    await sideBySide(6, (i) => png(noisy(32, 18, i)))
    expect((await openDataSet(folder)).layout).toBe('photos')
  })
})

describe('photos alone', () => {
  it('says that conditions are made from them', async () => {
    writeFiles(folder, await noisyFiles('', 12))
    const dataSet = await openDataSet(folder)
    expect(dataSet).toMatchObject({ kind: 'photo', layout: 'photos', channels: 3 })
    expect(dataSet.description).toContain('Photos alone')
  })

  it('holds the same pictures out after renaming, moving and adding', async () => {
    const files = await noisyFiles('', 60)
    writeFiles(folder, files)
    const heldOut = (dataSet: DataSet) => dataSet.examples.heldOut.map(({ content }) => content).toSorted()
    const first = await openDataSet(folder)
    expect(first.count.heldOut).toBeGreaterThan(0)
    expect(first.count.heldOut).toBeLessThan(20)
    rmSync(folder, { recursive: true })
    writeFiles(folder, Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`deep/er/x${name}`, bytes])))
    expect(heldOut(await openDataSet(folder))).toEqual(heldOut(first))
    writeFiles(folder, await noisyFiles('deep/er/new', 30, 16, 500))
    expect(heldOut(await openDataSet(folder))).toEqual(expect.arrayContaining(heldOut(first)))
  })

  it('trains with at least one and holds at least one out', async () => {
    writeFiles(folder, await noisyFiles('', 2))
    expect((await openDataSet(folder)).count).toEqual({ train: 1, heldOut: 1 })
  })
})

describe('hopeless places', () => {
  it.each([
    ['an empty folder', {}, 'holds no files'],
    ['a single picture', { 'one.png': 1 }, 'holds a single picture;'],
    ['no picture', { 'a.txt': 'a', 'b.svg': '<svg/>' }, 'no usable picture and 2 unusable files'],
    ['twice the same picture', { 'one.png': 1, 'two.png': 1 }, 'Too few usable examples were found \\('],
  ])('refuses %s in one sentence that says what is accepted or missing', async (_, files, reason) => {
    const picture = await png(flat(16, 16, [9, 9, 9]))
    writeFiles(
      folder,
      Object.fromEntries(
        Object.entries(files).map(([name, content]) => [name, content === 1 ? picture : String(content)]),
      ),
    )
    await expect(openDataSet(folder)).rejects.toMatchObject({ code: 'bad-input' })
    await expect(openDataSet(folder)).rejects.toThrow(new RegExp(reason))
  })

  it('refuses a missing path and a file', async () => {
    await expect(openDataSet(join(folder, 'absent'))).rejects.toThrow(/There is no folder .*Accepted are/)
    writeFiles(folder, { 'one.png': await png(flat(16, 16, [9])) })
    await expect(openDataSet(join(folder, 'one.png'))).rejects.toThrow('is a single file; choose the folder')
  })

  it('refuses a layout that is not there', async () => {
    writeFiles(folder, await noisyFiles('', 4))
    await expect(openDataSet(folder, { layout: 'idx' })).rejects.toThrow('not idx files')
    await expect(openDataSet(folder, { layout: 'paired-folders' })).rejects.toThrow('Paired folders are two folders')
    await expect(openDataSet(folder, { layout: 'class-folders' })).rejects.toThrow('at least two labels')
  })
})

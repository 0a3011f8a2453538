import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { crc32, deflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  drawn,
  idx,
  makeClasses,
  makePairs,
  makePhotos,
  noisy,
  noisyFiles,
  png,
  readPicture,
  writeFiles,
} from '../../studio/testing.ts'
import { createPlace, succeed, tandem, tellingOf, tiny } from './testing.ts'

const { folder, path } = createPlace()
afterAll(() => rmSync(folder, { recursive: true }))

const digits = Uint8Array.from({ length: 12 * 28 * 28 }, (_, index) => (index * 31 + Math.floor(index / 784)) % 256)
const digitLabels = Uint8Array.from({ length: 12 }, (_, index) => index % 3)

/** A PNG that claims to be 30,000 x 30,000. */
function forgedPng(): Buffer {
  const chunk = (name: string, body: Uint8Array) => {
    const named = Buffer.concat([Buffer.from(name), body])
    const bytes = Buffer.alloc(named.length + 8)
    bytes.writeUInt32BE(body.length)
    bytes.set(named, 4)
    bytes.writeUInt32BE(crc32(named), named.length + 4)
    return bytes
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(30_000, 0)
  header.writeUInt32BE(30_000, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(9))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

beforeAll(async () => {
  await Promise.all([makeClasses(path('classes'), ['a', 'b']), makePairs(path('pairs')), makePhotos(path('photos'))])
  for (let index = 0; index < 10; index++)
    writeFiles(path('twofold'), {
      [`A/${index}.png`]: await png(drawn(32, 32, index)),
      [`B/${index}.png`]: await png(noisy(32, 32, index)),
    })
  writeFiles(path('mnist'), {
    'train-images-idx3-ubyte': idx([12, 28, 28], digits),
    'train-labels-idx1-ubyte': idx([12], digitLabels),
  })
  writeFiles(path('cifar'), {
    'data_batch_1.bin': Uint8Array.from({ length: 20 * 3073 }, (_, index) =>
      index % 3073 === 0 ? (index / 3073) % 10 : (index * 7) % 256,
    ),
  })
})

describe('tandem data', () => {
  it.concurrent.each([
    ['pairs', { kind: 'pair', layout: 'side-by-side', conditionSide: 'right', count: { train: 9, heldOut: 1 } }],
    ['twofold', { kind: 'pair', layout: 'paired-folders', conditionSide: 'left' }],
    ['classes', { kind: 'class', layout: 'class-folders', labels: ['a', 'b'], naturalSize: { width: 28, height: 28 } }],
    ['mnist', { kind: 'class', layout: 'idx', labels: ['0', '1', '2'] }],
    ['cifar', { kind: 'class', layout: 'cifar' }],
    ['photos', { kind: 'photo', layout: 'photos' }],
  ])('says what the folder is, and shows it (%s)', async (name, expected) => {
    const preview = path(`${name}.png`)
    const told = tellingOf(await succeed(['data', path(name), '--preview', preview, '--size', '32', '--json']))
    expect(told).toMatchObject({ ...expected, problems: [] })
    expect(told.description).toMatch(/\d+ to train, \d+ held out/)
    expect((await readPicture(preview)).width).toBeGreaterThan(9 * 32)
  })

  it('tells people in plain lines', async () => {
    const { stdout, stderr } = await succeed(['data', path('classes')])
    expect(stdout).toMatch(/^Class folders with 2 labels.*\nClasses: a, b\.\nNo problems found\.\n$/)
    expect(stderr).toBe('')
    expect(stdout).not.toContain('\u001b')
  })

  it('draws vessels, the same ones for the same seed', async () => {
    const draw = (name: string) => ['data', path(name), '--draw-vessels', '10', '--size', '32', '--seed', '4', '--json']
    const told = tellingOf(await succeed(draw('vessels')))
    expect(told).toMatchObject({ layout: 'side-by-side', conditionSide: 'right', count: { train: 9, heldOut: 1 } })
    expect(readdirSync(path('vessels/val'))).toEqual(['vessel-00009.png'])
    await succeed(draw('again'))
    const file = 'train/vessel-00003.png'
    expect(readFileSync(path('again', file)).equals(readFileSync(path('vessels', file)))).toBe(true)
  })

  it('draws no vessels among other pictures', async () => {
    const before = readdirSync(path('photos'))
    const { code, stderr } = await tandem(['data', path('photos'), '--draw-vessels', '10'])
    expect(code).toBe(2)
    expect(stderr).toContain('already holds other files, for example 0.png')
    expect(readdirSync(path('photos'))).toEqual(before)
  })

  it('lists what is wrong: a forged size, a text, an empty label', async () => {
    await makeClasses(path('faulty'), ['a', 'b'])
    mkdirSync(path('faulty/c'))
    writeFiles(path('faulty'), { 'a/huge.png': forgedPng(), 'b/note.png': 'not a picture' })
    const { stdout } = await succeed(['data', path('faulty')])
    expect(stdout).toContain('Left out (3):')
    expect(stdout).toContain('  a/huge.png: 30000 x 30000 is more than 50 million pixels\n')
    expect(stdout).toContain('  b/note.png: ')
    expect(stdout).toContain('  c: the folder holds no usable picture\n')
  })
})

describe('bad data', () => {
  const write = async (name: string, files: Record<string, Uint8Array | string>) => {
    mkdirSync(path(name), { recursive: true })
    writeFiles(path(name), files)
  }
  beforeAll(async () => {
    await write('empty', {})
    await write('single', await noisyFiles('', 1, 32))
    await write('one-label', await noisyFiles('a/', 9, 28))
    mkdirSync(path('one-label/b'))
    await write('cut', {
      'train-images-idx3-ubyte': idx([12, 28, 28], digits).subarray(0, 900),
      'train-labels-idx1-ubyte': idx([12], digitLabels),
    })
    await write('unlabelled', { 'train-images-idx3-ubyte': idx([12, 28, 28], digits) })
    await write('texts', { 'a.txt': 'a', 'b.txt': 'b' })
  })
  it.concurrent.each([
    ['missing', 1, 'There is no folder'],
    ['empty', 1, 'holds no files'],
    ['single', 1, 'a single picture'],
    ['single/0.png', 1, 'is a single file'],
    ['cut', 1, '“train-images-idx3-ubyte” announces 9424 bytes but holds 900: it is cut off or damaged.'],
    ['unlabelled', 1, '“train-labels-idx1-ubyte” is missing'],
    ['texts', 1, 'no usable picture'],
  ])('%s: exit %i, one sentence, nothing written', async (name, expected, sentence) => {
    const out = path(`${name.replace('/', '-')}.safetensors`)
    const { code, stdout, stderr } = await tandem(['train', path(name), '--out', out, ...tiny, '--steps-total', '1'])
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' })
    expect(stderr).toContain(sentence)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(existsSync(out)).toBe(false)
  })

  it('one folder of pictures and an empty one are photos, not classes', async () => {
    const told = tellingOf(await succeed(['data', path('one-label'), '--json']))
    expect(told).toMatchObject({ kind: 'photo', problems: [{ file: 'b', kind: 'empty-label' }] })
  })

  it('a picture that is cut off is named, and the training goes on', async () => {
    await makePhotos(path('damaged'))
    const file = path('damaged/4.png')
    writeFileSync(file, readFileSync(file).subarray(0, 900))
    const args = [
      'train',
      path('damaged'),
      '--out',
      path('on.safetensors'),
      ...tiny,
      '--size',
      '32',
      '--steps-total',
      '8',
    ]
    const { stdout } = await succeed(args)
    expect(stdout).toContain('Left out from now on: 4.png: ')
    expect(stdout).toContain('Finished: 8 steps')
  })
})

describe('tandem devices', () => {
  it('tells in JSON what there is, and that the embedded engine works', async () => {
    const told = tellingOf(await succeed(['devices', '--json'], { env: { TANDEM_HOME: path('no-engines') } }))
    expect(told.engines).toContainEqual(expect.objectContaining({ kind: 'wasm', available: true }))
    expect(told.engines).toContainEqual(expect.objectContaining({ kind: 'tensorflow', available: false }))
  })
})

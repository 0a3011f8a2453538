import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  flat,
  makeClasses,
  makePairs,
  makePhotos,
  png,
  readPicture,
  readPngText,
  writeFiles,
} from '../../studio/testing.ts'
import { createPlace, onWasm, succeed, tandem, tellingOf, tiny } from './testing.ts'

const { folder, path } = createPlace()
const model = path('class.safetensors')
const picture = path('picture.safetensors')
const inpaint = path('inpaint.safetensors')
const [sketch, other] = [path('sketches/3.png'), path('sketches/5.png')]
const photo = path('photos/2.png')

/** White on the right half. */
function rightHalf(width: number, height: number) {
  const mask = flat(width, height, [0])
  return { ...mask, data: mask.data.map((_, index) => (index % width >= width / 2 ? 255 : 0)) }
}

beforeAll(async () => {
  await Promise.all([
    makeClasses(path('classes'), ['vase', 'bowl', 'cup']),
    makePairs(path('pairs')),
    makePhotos(path('photos')),
  ])
  writeFiles(folder, {
    'sketches/3.png': await png(flat(32, 32, [255, 255, 255])),
    'sketches/5.png': await png(flat(48, 40, [40])),
    'mask.png': await png(rightHalf(32, 32)),
    'black.png': await png(flat(32, 32, [0])),
    'small.png': await png(rightHalf(16, 16)),
  })
  const steps = ['--steps-total', '3']
  await Promise.all([
    succeed(['train', path('classes'), '--out', model, ...tiny, ...steps, '--set', 'learning.labelDropout=0.2']),
    succeed(['train', path('pairs'), '--out', picture, ...tiny, ...steps, '--size', '32']),
    succeed(['train', path('photos'), '--out', inpaint, ...tiny, ...steps, '--size', '32']),
  ])
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Telling {
  readonly files: string[]
  readonly seeds: number[]
  readonly sources: string[]
  readonly gain: number[]
  readonly steps: number
  readonly engine: string
}

/** Draws, with single pictures in the folder `name` and the sheet beside it. */
async function draw(name: string, args: readonly string[]): Promise<Telling> {
  const places = ['--pictures', path(name), '--out', path(`${name}.png`)]
  return tellingOf<Telling>(await succeed([...args, ...onWasm, ...places, '--json']))
}
const bytesOf = (file: string) => readFileSync(file).toString('base64')

describe('a seed', () => {
  it.concurrent.each([
    ['sample', ['sample', model, '--labels', 'bowl']],
    ['translate', ['translate', picture, sketch]],
    ['inpaint', ['inpaint', inpaint, photo, path('mask.png')]],
    ['noisy', ['sample', model, '--labels', 'bowl', '--noise', '--guidance', '2']],
  ])('gives the same bytes alone and as the fourth of a grid (%s)', async (name, args) => {
    const grid = await draw(`${name}-grid`, [...args, '--count', '4', '--seed', '2'])
    const alone = await draw(`${name}-alone`, [...args, '--count', '1', '--seed', '5'])
    expect(grid.seeds).toEqual([2, 3, 4, 5])
    expect(bytesOf(grid.files[4])).toBe(bytesOf(alone.files[1]))
    expect(new Set(grid.files.slice(1).map(bytesOf)).size).toBe(4)
    expect(grid.gain[3]).toBe(alone.gain[0])
  })
})

describe('single pictures', () => {
  it('hold what draws them again', async () => {
    const { files, sources, steps, engine, gain } = await draw('kept', ['sample', model, '--count', '2', '--seed', '7'])
    expect(sources).toEqual(['bowl', 'bowl', 'cup', 'cup', 'vase', 'vase'])
    expect(readdirSync(path('kept'))).toHaveLength(6)
    expect(await readPicture(files[1])).toMatchObject({ width: 28, height: 28, channels: 3 })
    expect(readPngText(readFileSync(files[2]))).toEqual({
      'tandem:model': 'class.safetensors',
      'tandem:source': 'bowl',
      'tandem:seed': '8',
      'tandem:steps': String(steps),
      'tandem:engine': engine,
      'tandem:gain': String(gain[1]),
    })
    const sheet = await readPicture(path('kept.png'))
    expect(sheet.width).toBeGreaterThan(2 * 28)
    expect(sheet.height).toBeGreaterThan(2 * 28)
  })

  it('say when noise and guidance were used', async () => {
    const { files } = await draw('guided', [
      'sample',
      model,
      '--labels',
      'cup',
      '--count',
      '1',
      '--noise',
      '--guidance',
      '1.5',
    ])
    expect(readPngText(readFileSync(files[1]))).toMatchObject({ 'tandem:noise': 'on', 'tandem:guidance': '1.5' })
  })
})

describe('sample', () => {
  it('a blend of nothing of the second label is the first label, by name or number', async () => {
    const blend = await draw('blend', ['sample', model, '--labels', 'cup,vase', '--blend', '0', '--count', '1'])
    const plain = await draw('plain', ['sample', model, '--labels', '1', '--count', '1'])
    expect(plain.sources).toEqual(['cup'])
    expect((await readPicture(blend.files[1])).data).toEqual((await readPicture(plain.files[1])).data)
    // A way begins at the same picture and ends elsewhere, with one latent from end to end.
    const way = await draw('labels-way', ['sample', model, '--labels', 'cup,vase', '--between', '3', '--count', '2'])
    expect(way.sources.slice(0, 3)).toEqual(['1 cup, 0 vase', '0.5 cup, 0.5 vase', '0 cup, 1 vase'])
    expect(way.seeds).toEqual([1, 1, 1, 2, 2, 2])
    expect(bytesOf(way.files[1])).toBe(bytesOf(blend.files[1]))
    expect(new Set(way.files.slice(1).map(bytesOf)).size).toBe(6)
  })
})

describe('inpaint', () => {
  it('leaves every observed pixel equal and paints the others', async () => {
    const { files } = await draw('filled', ['inpaint', inpaint, photo, path('mask.png'), '--count', '2'])
    const observed = await readPicture(photo)
    for (const file of files.slice(1)) {
      const filled = await readPicture(file)
      const changed = observed.data.map((byte, index) => (byte === filled.data[index] ? 0 : 1))
      const isHidden = (index: number) => Math.floor(index / 3) % 32 >= 16
      expect(changed.filter((value, index) => value === 1 && !isHidden(index))).toHaveLength(0)
      expect(changed.filter((_, index) => isHidden(index)).reduce((sum, value) => sum + value, 0)).toBeGreaterThan(100)
    }
  })

  it.concurrent.each([
    ['another size', 'small.png', 'The mask “small.png” is 16 x 16 and the picture 32 x 32: both must be equal.'],
    ['nothing hidden', 'black.png', 'The mask “black.png” hides nothing'],
    ['no picture', 'inpaint.safetensors', '“inpaint.safetensors” cannot be used'],
  ])('refuses a mask with %s and writes nothing', async (name, mask, sentence) => {
    const out = path(`refused-${name}.png`)
    const { code, stderr } = await tandem(['inpaint', inpaint, photo, path(mask), ...onWasm, '--out', out])
    expect(code).toBe(1)
    expect(stderr).toContain(sentence)
    expect(existsSync(out)).toBe(false)
  })
})

describe('infer', () => {
  it('tells label weights that add up to one, and draws every class', async () => {
    const args = ['infer', model, path('classes/cup/3.png'), '--inference-steps', '3']
    const told = (await draw('inferred', args)) as Telling & { likely: string; latent: number[]; weights: number[] }
    expect(told.likely).toMatch(/^(vase|bowl|cup) \(\d+ %\)$/)
    expect(told.latent).toHaveLength(128)
    expect(told.weights.reduce((sum, weight) => sum + weight)).toBeCloseTo(1, 5)
    expect(told.sources).toEqual(['bowl', 'cup', 'vase'].map((label) => `${label}, in the style of 3.png`))
  })

  it('believes a label that is given', async () => {
    const args = ['infer', model, path('classes/cup/3.png'), '--inference-steps', '1', '--label', 'cup']
    expect(await draw('known', args)).toMatchObject({ weights: [0, 1, 0], likely: 'cup (100 %)' })
  })
})

describe('interpolate', () => {
  it('draws the way from one sketch to the other', async () => {
    const { sources, files } = await draw('way', ['interpolate', picture, sketch, other, '--count', '3'])
    expect(sources).toEqual(['1 3.png, 0 5.png', '0.5 3.png, 0.5 5.png', '0 3.png, 1 5.png'])
    expect(new Set(files.slice(1).map(bytesOf)).size).toBe(3)
  })
})

describe('export and import', () => {
  it('keep what sampling needs, and nothing of the folder', async () => {
    const [exported, imported] = [path('exported.safetensors'), path('imported.safetensors')]
    expect(tellingOf(await succeed(['export', model, exported, '--json']))).toEqual({ file: exported })
    expect(tellingOf(await succeed(['import', exported, imported, '--json']))).toMatchObject({
      file: imported,
      content: 'weights',
      step: 3,
      recipe: { labels: ['bowl', 'cup', 'vase'] },
    })
    const before = await draw('before', ['sample', model, '--count', '2'])
    const after = await draw('after', ['sample', imported, '--count', '2'])
    expect(after.gain).toEqual(before.gain)
    for (const [index, file] of before.files.entries())
      expect((await readPicture(after.files[index])).data).toEqual((await readPicture(file)).data)
    const [whole, weights] = [readFileSync(model), readFileSync(exported)]
    expect(weights.length).toBeLessThan(whole.length / 3)
    expect(whole.includes(folder)).toBe(true)
    expect(weights.includes(folder)).toBe(false)
  })
})

describe('a drawing that cannot be made', () => {
  it.concurrent.each([
    ['a folder that is not there', ['sample', model, '--out', path('nowhere/sheet.png')], 'there is no folder'],
    ['a file instead of a folder', ['sample', model, '--count', '1', '--pictures', path('mask.png')], 'cannot be made'],
    [
      'a sketch that is not there',
      ['translate', picture, path('gone.png')],
      '“gone.png” cannot be used: there is no such file.',
    ],
    ['a model that is not there', ['sample', path('gone')], 'gone is not there'],
    ['a picture as model', ['sample', sketch], '3.png cannot be used: it does not begin like a safetensors file.'],
  ])('%s: exit 1 and one sentence', async (_, args, sentence) => {
    const { code, stderr } = await tandem([...args, ...onWasm], { cwd: folder })
    expect(code).toBe(1)
    expect(stderr).toContain(sentence)
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2)
  })

  it('says which engine is missing, how to get it, and falls back to none in silence', async () => {
    const env = { TANDEM_HOME: path('no-engines') }
    const { code, stdout } = await tandem(['sample', model, '--engine', 'tensorflow', '--json'], { env, cwd: folder })
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        code: 'engine-unavailable',
        message: expect.stringContaining('The engine "tensorflow" is not available'),
      },
    })
  })

  it('a damaged model is refused and an import leaves the earlier one', async () => {
    const bytes = readFileSync(model)
    bytes[bytes.length - 100] ^= 1
    writeFileSync(path('flipped'), bytes)
    const kept = path('kept.safetensors')
    writeFileSync(kept, 'earlier')
    const { code, stderr } = await tandem(['import', path('flipped'), kept, '--overwrite'])
    expect(code).toBe(1)
    expect(stderr).toContain('flipped cannot be used: its checksum does not match')
    expect(readFileSync(kept, 'utf8')).toBe('earlier')
  })
})

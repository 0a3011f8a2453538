import { hash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type StoredState, storedShapes } from '../compute/storedState.ts'
import type { ModelManifest } from '../contract/modelManifest.ts'
import { Random } from '../domain/random.ts'
import { createRecipe } from '../domain/recipes/createRecipe.ts'
import {
  assertResumable,
  type BestWeights,
  exportModel,
  importModel,
  loadModel,
  type Provenance,
  saveModel,
  type SavedModel,
  weightsToSample,
} from './models.ts'
import { decodeSafetensors, encodeSafetensors, writeModelFile } from './testing.ts'

const recipe = createRecipe('quick', { task: 'class', size: 28, channels: 1, labels: ['a', 'b'] })

function makeState(content: 'training' | 'weights', seed: number): StoredState {
  const random = new Random(seed)
  const tensors = Object.entries(storedShapes(recipe, content)).map(([name, shape]) => [
    name,
    { shape, data: random.normals(shape.reduce((product, length) => product * length, 1)) },
  ])
  const numbers = { solverUpdates: 7, initializerUpdates: 6, gradientScale: seed, move: 0.1, gap: -0.5 }
  return { ...numbers, tensors: Object.fromEntries(tensors) as StoredState['tensors'] }
}
/** A state whose tensors are digests: comparing millions of numbers one by one takes seconds. */
function digest({ tensors, ...numbers }: StoredState) {
  const digests = Object.entries(tensors).map(([name, { shape, data }]) => [name, shape, hash('sha256', data)])
  return { ...numbers, tensors: digests }
}
const position = { seed: 3, step: 9, cooperativeSteps: 8, elapsedMs: 1234, solverFactor: 0.5, rollbacks: 1 }
const checkpoint = { position, state: makeState('training', 1) }
const best: BestWeights = { step: 4, score: 12.5, chosenOn: 64, state: makeState('weights', 2) }
const about: Provenance = {
  recipe,
  data: {
    description: '20 pictures',
    pictures: 18,
    fingerprint: 'abc',
    folder: '/home/somebody/secret',
    conditionSide: null,
    conditionFromPhoto: null,
  },
  engine: 'wasm',
  program: '0.1.0',
  metrics: [],
  log: ['At step 3 it rolled back.'],
}

function expectSame(found: Pick<SavedModel, 'checkpoint' | 'best'>, expected: typeof found): void {
  expect(found.checkpoint.position).toEqual(expected.checkpoint.position)
  expect(digest(found.checkpoint.state)).toEqual(digest(expected.checkpoint.state))
  const { step, score, chosenOn } = expected.best ?? {}
  expect(found.best).toMatchObject({ step, score, chosenOn })
  expect(found.best && digest(found.best.state)).toEqual(expected.best && digest(expected.best.state))
}

let folder = ''
let file = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-models-'))
  file = join(folder, 'model.safetensors')
})
afterEach(() => rm(folder, { recursive: true }))

describe('saveModel and loadModel', () => {
  it('give back a whole training', async () => {
    await saveModel(file, checkpoint, best, about)
    const { manifest, ...rest } = await loadModel(file)
    expectSame(rest, { checkpoint, best })
    expect(manifest).toMatchObject({ ...about, content: 'training', position })
  })

  it('write nothing that could not be read back, and keep the earlier file', async () => {
    await saveModel(file, checkpoint, best, about)
    const bytes = readFileSync(file)
    const odd = { ...about, data: { ...about.data, description: 'x'.repeat(3000) } }
    await expect(saveModel(file, checkpoint, best, odd)).rejects.toThrow('data.description')
    const gap = { ...checkpoint, state: { ...checkpoint.state, gap: Number.NaN } }
    await expect(saveModel(file, gap, best, about)).rejects.toThrow('state.gap')
    expect(readFileSync(file).equals(bytes)).toBe(true)
    expect(readdirSync(folder)).toEqual(['model.safetensors'])
  })
})

describe('weightsToSample', () => {
  it('are the best ones, and the present ones before any score', async () => {
    await saveModel(file, checkpoint, best, about)
    expect(digest(weightsToSample(await loadModel(file)))).toEqual(digest(best.state))
    await saveModel(file, checkpoint, undefined, about)
    expect(digest(weightsToSample(await loadModel(file)))).toEqual(digest(checkpoint.state))
  })
})

describe('exportModel and importModel', () => {
  it('hand on the best weights alone', async () => {
    await saveModel(file, checkpoint, best, about)
    const [exported, imported] = [join(folder, 'exported'), join(folder, 'imported')]
    await exportModel({ from: file, to: exported })
    await importModel({ from: exported, to: imported })
    const model = await loadModel(imported)
    expect(digest(weightsToSample(model))).toEqual(digest(best.state))
    expect(model.manifest.data).toMatchObject({ folder: null, fingerprint: null })
    expect(model.manifest.chosenOn).toBe(64)
    expect(readFileSync(exported).includes('somebody')).toBe(false)
    expect(readFileSync(exported).length).toBeLessThan(readFileSync(file).length / 4)
    expect(() => assertResumable(imported, model)).toThrow('imported holds the weights alone')
  })

  it('hand on the averages of a training that was never scored', async () => {
    await saveModel(file, checkpoint, undefined, about)
    await exportModel({ from: file, to: join(folder, 'exported') })
    const { tensors } = weightsToSample(await loadModel(join(folder, 'exported')))
    expect(Object.keys(tensors).toSorted()).toEqual(Object.keys(storedShapes(recipe, 'weights')).toSorted())
    for (const [name, { data }] of Object.entries(tensors))
      expect(hash('sha256', data)).toBe(hash('sha256', checkpoint.state.tensors[name].data))
  })

  it('keep everything of a training', async () => {
    await saveModel(file, checkpoint, best, about)
    await importModel({ from: file, to: join(folder, 'imported') })
    expectSame(await loadModel(join(folder, 'imported')), { checkpoint, best })
  })
})

describe('a file that is already there', () => {
  it.each([
    ['export', exportModel],
    ['import', importModel],
  ])('is not replaced by %s unless asked, and never the model itself', async (_, transfer) => {
    await saveModel(file, checkpoint, best, about)
    const bytes = readFileSync(file)
    const other = join(folder, 'other')
    writeFileSync(other, 'earlier')
    await expect(transfer({ from: file, to: other })).rejects.toMatchObject({ code: 'misuse' })
    expect(readFileSync(other, 'utf8')).toBe('earlier')
    await expect(transfer({ from: file, to: file, overwrite: true })).rejects.toMatchObject({ code: 'misuse' })
    expect(readFileSync(file).equals(bytes)).toBe(true)
    await transfer({ from: file, to: other, overwrite: true })
    await loadModel(other)
  })
})

type Tensors = Record<string, { shape: readonly number[]; data: Float32Array }>

/** Changes a sound file with a correct checksum, as somebody would who knows the format. */
async function tamper(change: (manifest: ModelManifest, tensors: Tensors) => unknown, name = file): Promise<void> {
  await saveModel(file, checkpoint, best, about)
  const { tensors, metadata } = decodeSafetensors(readFileSync(file))
  const manifest = structuredClone(JSON.parse(metadata.manifest) as ModelManifest)
  const changed = change(manifest, tensors) ?? manifest
  await writeModelFile(name, { manifest: changed, tensors })
}
const firstKernel = 'solver.average/conv1/kernel'

describe('a model file that is not what it should be', () => {
  const cases: readonly [string, () => Promise<void>, string, string][] = [
    [
      'a missing tensor',
      () => tamper((_, tensors) => void Reflect.deleteProperty(tensors, firstKernel)),
      'mismatch',
      `the tensor ${firstKernel} is missing`,
    ],
    [
      'an extra tensor',
      () => tamper((_, tensors) => void (tensors.extra = { shape: [1], data: Float32Array.of(1) })),
      'mismatch',
      'it holds a tensor extra that the recipe does not have',
    ],
    [
      'a tensor of another shape',
      () => tamper((_, tensors) => void (tensors[firstKernel] = { shape: [3], data: new Float32Array(3) })),
      'mismatch',
      `the tensor ${firstKernel} is 3 and should be 5 x 5 x 1 x 24`,
    ],
    [
      'the same numbers in another shape',
      () => tamper((_, tensors) => void (tensors[firstKernel] = { ...tensors[firstKernel], shape: [24, 1, 5, 5] })),
      'mismatch',
      'is 24 x 1 x 5 x 5 and should be',
    ],
    [
      'the recipe of another size',
      () => tamper((manifest) => ({ ...manifest, recipe: { ...recipe, size: 4096 } })),
      'bad-input',
      'recipe is not valid: size',
    ],
    [
      'an unknown key in the recipe',
      () => tamper((manifest) => ({ ...manifest, recipe: { ...recipe, script: 'x' } })),
      'bad-input',
      'script',
    ],
    [
      'a recipe for other classes',
      () => tamper((manifest) => ({ ...manifest, recipe: { ...recipe, labels: ['a', 'b', 'c'] } })),
      'bad-input',
      'the initializer is for another number of classes',
    ],
    [
      'an unknown key in the description',
      () => tamper((manifest) => ({ ...manifest, run: 'rm' })),
      'bad-input',
      'description is not valid',
    ],
    [
      'a step that is no number',
      () => tamper((manifest) => ({ ...manifest, position: { ...position, step: -1 } })),
      'bad-input',
      'position.step',
    ],
    [
      'best weights that are not there',
      () => tamper((manifest) => ({ ...manifest, content: 'weights', best: null })),
      'mismatch',
      'that the recipe does not have',
    ],
    [
      'weights that are not numbers',
      async () => {
        await saveModel(file, checkpoint, undefined, about)
        const { tensors, metadata } = decodeSafetensors(readFileSync(file))
        tensors[firstKernel].data[5] = Number.NaN
        writeFileSync(file, Buffer.concat(encodeSafetensors(tensors, { ...metadata, sha256: '' })))
      },
      'bad-input',
      'holds a number that is not finite',
    ],
    ['a cut file', () => damage((bytes) => bytes.subarray(0, bytes.length - 5000)), 'bad-input', 'cut'],
    ['a cut header', () => damage((bytes) => bytes.subarray(0, 300)), 'bad-input', 'its header is cut off'],
    ['a flipped bit', () => damage((bytes) => bytes.fill(bytes[50_000] ^ 4, 50_000, 50_001)), 'bad-input', 'checksum'],
    [
      'another safetensors file',
      async () =>
        writeFileSync(file, Buffer.concat(encodeSafetensors({ a: { shape: [1], data: Float32Array.of(1) } }))),
      'bad-input',
      'not a model of Tandem Studio',
    ],
    [
      'JSON',
      async () => writeFileSync(file, '{"model": true, "weights": [1, 2, 3]}'),
      'bad-input',
      'does not begin like',
    ],
    ['nothing', async () => writeFileSync(file, ''), 'bad-input', 'too short'],
  ]

  async function damage(change: (bytes: Buffer) => Buffer): Promise<void> {
    await saveModel(file, checkpoint, best, about)
    writeFileSync(file, change(readFileSync(file)))
  }

  it.each(cases)('%s: refused, and nothing gets in', async (_, make, code, sentence) => {
    await make()
    const target = join(folder, 'imported')
    await expect(importModel({ from: file, to: target })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(sentence),
    })
    expect(existsSync(target)).toBe(false)
    expect(readdirSync(folder)).toEqual(['model.safetensors'])
  })
})

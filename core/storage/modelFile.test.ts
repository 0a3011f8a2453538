import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../domain/errors.ts'
import { Random } from '../domain/random.ts'
import { readModelFile, writeModelFile } from './modelFile.ts'
import { encodeSafetensors } from './safetensors.ts'

let folder = ''
let file = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-model-'))
  file = join(folder, 'vessels.safetensors')
})
afterEach(() => rm(folder, { recursive: true }))

const model = {
  manifest: { recipe: { name: 'quick', langevinSteps: 5 }, classes: ['boot', 'Schuh é'], best: null },
  tensors: {
    kernel: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
    bias: { shape: [2], data: Float32Array.of(-1, 0.5) },
  },
}
const store = (metadata: Record<string, string>): Promise<void> =>
  writeFile(file, Buffer.concat(encodeSafetensors(model.tensors, metadata)))

describe('writeModelFile and readModelFile', () => {
  it('give back manifest and tensors', async () => {
    await writeModelFile(file, model)
    expect(await readModelFile(file)).toEqual(model)
    expect(await readdir(folder)).toEqual(['vessels.safetensors'])
  })

  it('refuse to store what could not be read back, and keep the earlier model', async () => {
    await writeModelFile(file, model)
    const nan = { ...model, tensors: { kernel: { shape: [2], data: Float32Array.of(0, NaN) } } }
    await expect(writeModelFile(file, nan)).rejects.toThrow('tensor kernel holds NaN')
    await expect(writeModelFile(file, { ...model, manifest: undefined })).rejects.toThrow(RangeError)
    const deep: unknown = Array.from({ length: 40 }).reduce((inner) => [inner], 1)
    await expect(writeModelFile(file, { ...model, manifest: deep })).rejects.toThrow(RangeError)
    expect(await readModelFile(file)).toEqual(model)
  })

  it.each([
    ['another format', { format: 'pt' }, 'not a model of Tandem Studio'],
    ['no metadata', {}, 'not a model of Tandem Studio'],
    ['a newer version', { format: 'tandem-model', version: '2', manifest: '{}' }, 'made by a newer Tandem Studio'],
    ['a version that is none', { format: 'tandem-model', version: 'x', manifest: '{}' }, 'incomplete'],
    ['no manifest', { format: 'tandem-model', version: '1' }, 'incomplete'],
    ['a broken manifest', { format: 'tandem-model', version: '1', manifest: '{' }, 'incomplete'],
    ['a poisoned manifest', { format: 'tandem-model', version: '1', manifest: '[{"__proto__":{}}]' }, 'incomplete'],
    [
      'a bottomless manifest',
      { format: 'tandem-model', version: '1', manifest: '['.repeat(1e5) + ']'.repeat(1e5) },
      'inc',
    ],
  ])('refuse a file with %s', async (_, metadata, sentence) => {
    await store(metadata as Record<string, string>)
    await expect(readModelFile(file)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining(sentence),
    })
  })

  it('never give back another model than was saved, whatever byte is damaged', async () => {
    await writeModelFile(file, model)
    const original = await readFile(file)
    const random = new Random(3)
    for (let round = 0; round < 600; round++) {
      const bytes = Uint8Array.from(original)
      bytes[random.integer(bytes.length)] ^= 1 << random.integer(8)
      await writeFile(file, bytes)
      const read = await readModelFile(file).catch((error: unknown) => error)
      if (read instanceof Error) expect(read).toBeInstanceOf(AppError)
      else expect(read).toEqual(model)
    }
  })
})

import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../domain/errors.ts'
import { Random } from '../domain/random.ts'
import { decodeSafetensors, encodeSafetensors, readSafetensors } from './safetensors.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-safetensors-'))
})
afterAll(() => rm(folder, { recursive: true }))

const tensors = {
  'solver/conv1/kernel': { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-30, 6) },
  'solver/conv1/bias': { shape: [3], data: Float32Array.of(0.25, 0.5, -0) },
  empty: { shape: [0, 7], data: new Float32Array(0) },
  scale: { shape: [], data: Float32Array.of(10) },
}
const metadata = { note: 'Grüße, "quoted"\n' }
const whole = (): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.concat(encodeSafetensors(tensors, metadata)))

/** A file with any header and `dataBytes` zeros. */
function fileOf(header: unknown, dataBytes = 0): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, json, Buffer.alloc(dataBytes)])
}

function refusal(bytes: Uint8Array): AppError {
  try {
    decodeSafetensors(bytes, { name: 'gift.safetensors', requireFinite: true })
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('the file was accepted')
}

const scalar = (begin: number, end: number): unknown => ({ dtype: 'F32', shape: [1], data_offsets: [begin, end] })

describe('encodeSafetensors and decodeSafetensors', () => {
  it('give back names, shapes, every bit and the metadata', () => {
    const { tensors: read, metadata: texts } = decodeSafetensors(whole())
    expect(Object.keys(read)).toEqual(Object.keys(tensors))
    expect(read).toEqual(tensors)
    expect(Object.is(read['solver/conv1/bias'].data[2], -0)).toBe(true)
    expect(texts).toEqual({ ...metadata, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
  })

  it('begin the numbers at a multiple of 8 and do not copy them', () => {
    const [head, ...numbers] = encodeSafetensors(tensors, metadata)
    expect(head.length % 8).toBe(0)
    expect(numbers[0].buffer).toBe(tensors['solver/conv1/kernel'].data.buffer)
  })

  it('read from any position in memory and in any order of the names', () => {
    const shifted = new Uint8Array(whole().length + 1)
    shifted.set(whole(), 1)
    expect(decodeSafetensors(shifted.subarray(1)).tensors).toEqual(tensors)
    const swapped = decodeSafetensors(fileOf({ second: scalar(4, 8), first: scalar(0, 4) }, 8))
    expect(Object.keys(swapped.tensors)).toEqual(['first', 'second'])
  })

  it('accept a file of another program without a checksum', () => {
    expect(decodeSafetensors(fileOf({ a: scalar(0, 4) }, 4)).metadata).toEqual({})
  })

  it('refuse to write what could not be read back', () => {
    const data = Float32Array.of(1)
    expect(() => encodeSafetensors({ a: { shape: [2], data } })).toThrow(RangeError)
    expect(() => encodeSafetensors({ a: { shape: [-1, -1], data } })).toThrow(RangeError)
    expect(() => encodeSafetensors({ __metadata__: { shape: [1], data } })).toThrow(RangeError)
    expect(() => encodeSafetensors({ ['__proto__']: { shape: [1], data } })).toThrow(RangeError)
    expect(() => encodeSafetensors({}, { manifest: 'x'.repeat(17 * 1024 * 1024) })).toThrow(RangeError)
  })

  it('refuse numbers that are not finite only when asked to', () => {
    const bytes = Buffer.concat(encodeSafetensors({ a: { shape: [2], data: Float32Array.of(1, NaN) } }))
    expect(decodeSafetensors(bytes).tensors.a.data[1]).toBeNaN()
    expect(refusal(bytes).message).toContain('tensor "a" holds a number that is not finite')
  })
})

describe('a hostile or damaged file', () => {
  const nested = '['.repeat(200_000) + ']'.repeat(200_000)
  const cases: [string, Uint8Array, string][] = [
    ['nothing at all', new Uint8Array(0), 'too short'],
    ['a header longer than the file', fileOf({}).subarray(0, 9), 'header is cut off'],
    ['an enormous header length', new Uint8Array(64).fill(0xff), 'does not begin like'],
    ['no JSON', fileOf('{"a":'), 'header is damaged'],
    ['bytes that are no text', Buffer.concat([fileOf('   ').subarray(0, 8), Buffer.of(0xff, 0xfe, 0x7b)]), 'damaged'],
    ['a list as header', fileOf([]), 'not a list of tensors'],
    ['nesting without end', fileOf(nested), 'not a list of tensors'],
    ['nesting in a shape', fileOf(`{"a":{"dtype":"F32","shape":${nested},"data_offsets":[0,0]}}`), 'no valid shape'],
    ['metadata that is no text', fileOf({ __metadata__: { version: 1 } }), 'not a text'],
    ['metadata that is a list', fileOf({ __metadata__: [] }), 'not a list of texts'],
    ['a name out of JavaScript', fileOf('{"__proto__":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}'), 'no name'],
    ['the same in the metadata', fileOf('{"__metadata__":{"__proto__":"x"}}'), '"__proto__"'],
    ['a tensor that is null', fileOf({ a: null }), 'not described'],
    ['another number type', fileOf({ a: { dtype: 'F64', shape: [1], data_offsets: [0, 8] } }, 8), 'not float32'],
    ['a negative size', fileOf({ a: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }, 4), 'no valid shape'],
    [
      'a size with a fraction',
      fileOf({ a: { dtype: 'F32', shape: [0.5], data_offsets: [0, 2] } }, 2),
      'no valid shape',
    ],
    ['sizes that overflow', fileOf({ a: { dtype: 'F32', shape: [2 ** 52, 2 ** 52], data_offsets: [0, 4] } }, 4), 'fit'],
    ['nine dimensions', fileOf({ a: { dtype: 'F32', shape: Array(9).fill(1), data_offsets: [0, 4] } }, 4), 'shape'],
    ['an end before the start', fileOf({ a: scalar(4, 0) }, 4), 'does not fit'],
    ['three offsets', fileOf({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4, 4] } }, 4), 'no valid place'],
    ['an overlap', fileOf({ a: scalar(0, 4), b: scalar(0, 4) }, 4), 'gap or overlaps'],
    ['a gap', fileOf({ a: scalar(0, 4), b: scalar(8, 12) }, 12), 'gap or overlaps'],
    ['bytes too many', fileOf({ a: scalar(0, 4) }, 5), 'cut or added to'],
    ['bytes too few', fileOf({ a: scalar(0, 4) }, 3), 'cut or added to'],
    ['a wrong checksum', fileOf({ __metadata__: { sha256: '0'.repeat(64) }, a: scalar(0, 4) }, 4), 'checksum'],
  ]
  it.each(cases)('is refused by name: %s', (_, bytes, problem) => {
    const error = refusal(bytes)
    expect(error.code).toBe('bad-input')
    expect(error.message).toMatch(/^gift\.safetensors cannot be used: .*\.$/)
    expect(error.message).toContain(problem)
    expect(error.hint).toContain('Nothing was changed')
  })

  it('keeps a very long name out of the message', () => {
    expect(refusal(fileOf({ ['x'.repeat(1e6)]: null })).message.length).toBeLessThan(200)
  })

  it('never yields other numbers than were written, whatever is flipped or cut', () => {
    const original = whole()
    const random = new Random(11)
    let accepted = 0
    for (let round = 0; round < 4000; round++) {
      const flips = 1 + random.integer(3)
      let bytes = original.slice()
      for (let i = 0; i < flips; i++) bytes[random.integer(bytes.length)] ^= 1 << random.integer(8)
      if (random.integer(4) === 0) bytes = bytes.slice(0, random.integer(bytes.length))
      try {
        const content = decodeSafetensors(bytes)
        // Without the key `sha256` (flipped letters) nothing guards the file; the readers of our own files insist on it.
        if (!('sha256' in content.metadata)) continue
        expect(content.tensors).toEqual(tensors)
        expect(content.metadata.note).toBe(metadata.note)
        accepted++
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        expect(error.code).toBe('bad-input')
      }
    }
    // A flip may turn one space of the padding into another kind of space; nearly everything else is refused.
    expect(accepted).toBeLessThan(100)
  })

  it('is refused at every length it may be cut to', () => {
    const bytes = whole()
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeSafetensors(bytes.subarray(0, length))).toThrow(AppError)
  })
})

describe('readSafetensors', () => {
  it('reads what is on the disk', async () => {
    const file = join(folder, 'good.safetensors')
    await writeFile(file, whole())
    expect((await readSafetensors(file)).tensors).toEqual(tensors)
  })

  it('names a missing file, a folder and a damaged file', async () => {
    await expect(readSafetensors(join(folder, 'gone.safetensors'))).rejects.toMatchObject({
      code: 'not-found',
      message: 'gone.safetensors is not there any more.',
    })
    await expect(readSafetensors(folder)).rejects.toBeInstanceOf(AppError)
    const file = join(folder, 'cut.safetensors')
    await writeFile(file, whole().subarray(0, -1))
    await expect(readSafetensors(file)).rejects.toThrow(/^cut\.safetensors cannot be used: .*cut/)
  })

  it('does not read a huge file that does not begin like a model', async () => {
    const file = join(folder, 'huge.safetensors')
    await writeFile(file, 'PK\u0003\u0004 something else')
    await truncate(file, 3 * 1024 ** 3) // sparse: takes no room
    await expect(readSafetensors(file)).rejects.toThrow('does not begin like')
    await truncate(file, 5 * 1024 ** 3)
    await expect(readSafetensors(file)).rejects.toThrow('more than any model has')
    await rm(file)
  })
})

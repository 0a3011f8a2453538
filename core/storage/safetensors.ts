/**
 * The safetensors file format (github.com/huggingface/safetensors), float32 only: 8 bytes header length
 * (little-endian), a JSON header, the numbers.
 * A file may come from a stranger, so reading believes nothing: every size is checked before it is used, and every
 * refusal is one AppError.
 * Our own files carry `sha256` in their metadata: it covers names, shapes, the other metadata and the numbers (see
 * `digest`).
 */
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { AppError } from '../domain/errors.ts'
import { parseHeader, quote } from './safetensorsHeader.ts'
import type { Layout, TensorEntry } from './safetensorsHeader.ts'

/** Row-major numbers; the product of the shape is their count. */
export interface StoredTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

export interface SafetensorsContent {
  readonly tensors: Record<string, StoredTensor>
  readonly metadata: Record<string, string>
}

export interface ReadOptions {
  /** What messages call the file. */
  readonly name?: string
  /** Refuse NaN and infinite numbers. */
  readonly requireFinite?: boolean
}

/** Metadata may hold a whole manifest (recipe, history, preview), hence more than tensor names need. */
const maximumHeaderBytes = 16 * 1024 * 1024
/** Several times the largest model of the program (56 million parameters with both Adam moments: 0.67 GB). */
const maximumFileBytes = 4 * 1024 ** 3
const prefixBytes = 8

/**
 * The file in pieces, to be written one after the other; the numbers are views of the given arrays, not copies.
 * Throws RangeError when a shape and its numbers disagree or the metadata is over 16 MB.
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const entries: TensorEntry[] = []
  let end = 0
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const count = shape.reduce((product, size) => product * size, 1)
    if (count !== data.length)
      throw new RangeError(`tensor ${name}: ${data.length} numbers do not fill [${shape.join(', ')}]`)
    entries.push({ name, shape, start: end, end: end + data.byteLength })
    end += data.byteLength
  }
  const numbers = Object.values(tensors).map(({ data }) => bytesOf(data))
  const header = JSON.stringify({
    __metadata__: { ...metadata, sha256: digest({ entries, metadata }, numbers) },
    ...Object.fromEntries(
      entries.map(({ name, shape, start, end }) => [name, { dtype: 'F32', shape, data_offsets: [start, end] }]),
    ),
  })
  const headerBytes = new TextEncoder().encode(header)
  // Spaces up to a multiple of 8 let readers use the numbers in place.
  const padded = Math.ceil(headerBytes.length / 8) * 8
  if (padded > maximumHeaderBytes) throw new RangeError(`a header of ${padded} bytes is over ${maximumHeaderBytes}`)
  const head = new Uint8Array(prefixBytes + padded).fill(0x20)
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true)
  head.set(headerBytes, prefixBytes)
  // What cannot be read back must not be written.
  parseHeader(headerBytes, end, (problem) => new RangeError(`cannot be stored: ${problem}`))
  return [head, ...numbers]
}

/**
 * Reads a whole file that is in memory. Tensors are views of `bytes` where their position allows.
 * Throws AppError('bad-input') for anything that is not an intact float32 safetensors file.
 */
export function decodeSafetensors(bytes: Uint8Array, options: ReadOptions = {}): SafetensorsContent {
  const refuse = refusalFor(options.name ?? 'The file')
  const headerLength = readHeaderLength(bytes, bytes.length, refuse)
  const numbers = bytes.subarray(prefixBytes + headerLength)
  const layout = parseHeader(bytes.subarray(prefixBytes, prefixBytes + headerLength), numbers.length, refuse)
  const { sha256 } = layout.metadata
  if (sha256 !== undefined && sha256 !== digest(layout, [numbers]))
    throw refuse('its checksum does not match, so it was damaged or cut after it was written')
  const tensors = layout.entries.map(({ name, shape, start, end }): [string, StoredTensor] => {
    const data = floatsOf(numbers.subarray(start, end))
    if (options.requireFinite && !data.every(Number.isFinite))
      throw refuse(`tensor ${quote(name)} holds a number that is not finite`)
    return [name, { shape, data }]
  })
  return { tensors: Object.fromEntries(tensors), metadata: layout.metadata }
}

/**
 * Reads a file. Throws AppError: 'not-found', 'storage-failed' when the disk refuses, or 'bad-input' as
 * decodeSafetensors.
 */
export async function readSafetensors(file: string, options: ReadOptions = {}): Promise<SafetensorsContent> {
  const name = options.name ?? basename(file)
  return decodeSafetensors(await readWhole(file, name), { ...options, name })
}

/** All bytes of a file, but only once its length and first bytes look right: a huge wrong file costs nothing. */
async function readWhole(file: string, name: string): Promise<Uint8Array> {
  const refuse = refusalFor(name)
  try {
    await using handle = await open(file, 'r')
    const status = await handle.stat()
    if (!status.isFile()) throw refuse('it is not a file')
    if (status.size > maximumFileBytes) throw refuse(`${status.size} bytes are more than any model has`)
    const first = await handle.read(new Uint8Array(prefixBytes), 0, prefixBytes, 0)
    readHeaderLength(first.buffer.subarray(0, first.bytesRead), status.size, refuse)
    const bytes = new Uint8Array(status.size)
    const pieceBytes = 64 * 1024 * 1024
    for (let at = 0; at < bytes.length;) {
      const { bytesRead } = await handle.read(bytes, at, Math.min(pieceBytes, bytes.length - at), at)
      if (bytesRead === 0) throw refuse('it became shorter while it was read')
      at += bytesRead
    }
    return bytes
  } catch (error) {
    if (error instanceof AppError) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new AppError('not-found', `${name} is not there any more.`, {
        cause: error,
        hint: 'Choose the file again.',
      })
    throw new AppError('storage-failed', `${name} could not be read (${code || String(error)}); nothing was changed.`, {
      cause: error,
      hint: 'Check that the disk is connected and that you may read the file.',
    })
  }
}

function readHeaderLength(start: Uint8Array, fileBytes: number, refuse: (problem: string) => Error): number {
  if (start.length < prefixBytes) throw refuse('it is too short to be a model')
  const length = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true)
  if (length > BigInt(maximumHeaderBytes)) throw refuse('it does not begin like a safetensors file')
  if (prefixBytes + Number(length) > fileBytes) throw refuse('its header is cut off')
  return Number(length)
}

/**
 * SHA-256 (hexadecimal) over the UTF-8 JSON of [sorted metadata entries without sha256, [name, shape] in the order of
 * the numbers], then the numbers: everything a reader gets to see, so a change anywhere is noticed.
 */
function digest({ entries, metadata }: Layout, numbers: Iterable<Uint8Array>): string {
  const sorted = Object.entries(metadata)
    .filter(([key]) => key !== 'sha256')
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const hash = createHash('sha256').update(JSON.stringify([sorted, entries.map(({ name, shape }) => [name, shape])]))
  for (const bytes of numbers) hash.update(bytes)
  return hash.digest('hex')
}

// Both directions assume a little-endian processor, as every platform of the program is.
function bytesOf(data: Float32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

function floatsOf(bytes: Uint8Array): Float32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes)
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4)
}

function refusalFor(name: string): (problem: string) => AppError {
  return (problem) =>
    new AppError('bad-input', `${name} cannot be used: ${problem}.`, {
      hint: 'Nothing was changed. Copy or export the file again from where it came.',
    })
}

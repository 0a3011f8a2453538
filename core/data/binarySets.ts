/**
 * Data sets in one file: IDX (http://yann.lecun.com/exdb/mnist: big-endian magic number, dimensions, bytes) and CIFAR-10
 * binary (rows of one label byte and 3 planes of 32 x 32). Both also compressed with gzip.
 */
import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { AppError } from '../domain/errors.ts'
import type { Picture } from '../domain/picture.ts'
import type { Example, Opened, Split } from './examples.ts'
import { readPixels } from './readExample.ts'

const mostBytes = 2 ** 30
const idxName = /^(.*?)[-_.]?images[-_.]idx3[-_.]ubyte(\.gz)?$/i
const cifarName = /\.bin(\.gz)?$/i
const fashionLabels = [
  't-shirt',
  'trouser',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle boot',
]
const cifarLabels = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck']
/** A few milliseconds of hashing, then others get a turn. */
const rowsAtOnce = 1000
const cifarRow = 1 + 3 * 32 * 32

/** The folder's IDX files as a data set; undefined when there are none. Names are those directly in the folder. */
export async function openIdx(folder: string, names: readonly string[]): Promise<Opened | undefined> {
  const imageFiles = withoutCopies(names.filter((name) => idxName.test(name)))
  if (imageFiles.length === 0) return undefined
  const examples: Example[] = []
  const size = { width: 0, height: 0 }
  for (const imageFile of imageFiles) {
    const labelFile = labelFileFor(imageFile, names)
    const images = await readIdx(join(folder, imageFile), 3)
    const labels = await readIdx(join(folder, labelFile), 1)
    const [count, height, width] = images.dimensions
    if (count !== labels.dimensions[0])
      throw badInput(
        `“${imageFile}” holds ${count} pictures but “${labelFile}” ${labels.dimensions[0]} labels: the files do not belong together.`,
      )
    if (examples.length > 0 && (width !== size.width || height !== size.height))
      throw badInput(
        `“${imageFile}” holds pictures of ${width} x ${height}, the other file of ${size.width} x ${size.height}.`,
      )
    Object.assign(size, { width, height })
    for (let i = 0; i < count; i++) {
      if (i % rowsAtOnce === 0) await setImmediate()
      const data = images.bytes.subarray(i * width * height, (i + 1) * width * height)
      examples.push(pixelExample(imageFile, i, labels.bytes[i], { width, height, channels: 1, data }))
    }
  }
  const fashion = /fashion/i.test(folder) || imageFiles.some((name) => /fashion/i.test(name))
  const classes = examples.reduce((most, { label = 0 }) => Math.max(most, label), 0) + 1
  const labels = Array.from({ length: classes }, (_, i) => (fashion ? fashionLabels[i] : undefined) ?? String(i))
  return {
    kind: 'class',
    layout: 'idx',
    recognised: `IDX files (${fashion ? 'Fashion-MNIST' : 'as MNIST'}): grey pictures of ${size.width} x ${size.height} with ${classes} labels`,
    labels,
    channels: 1,
    naturalSize: size,
    examples,
    problems: [],
  }
}

/** The folder's CIFAR-10 binary files as a data set; undefined when there are none. */
export async function openCifar(folder: string, names: readonly string[]): Promise<Opened | undefined> {
  const files = withoutCopies(names.filter((name) => cifarName.test(name)))
  if (files.length === 0) return undefined
  const examples: Example[] = []
  for (const file of files) {
    const bytes = await readPlain(join(folder, file))
    if (bytes.length === 0 || bytes.length % cifarRow !== 0)
      throw badInput(
        `“${file}” is no whole CIFAR-10 file: its ${bytes.length} bytes are not a multiple of ${cifarRow}; it may be cut off.`,
      )
    for (let i = 0; i < bytes.length / cifarRow; i++) {
      if (i % rowsAtOnce === 0) await setImmediate()
      const row = bytes.subarray(i * cifarRow, (i + 1) * cifarRow)
      if (row[0] > 9)
        throw badInput(`“${file}” is no CIFAR-10 file: row ${i} has the label ${row[0]}, and labels are 0 to 9.`)
      examples.push(
        pixelExample(file, i, row[0], { width: 32, height: 32, channels: 3, data: interleaved(row.subarray(1)) }),
      )
    }
  }
  return {
    kind: 'class',
    layout: 'cifar',
    recognised: 'CIFAR-10 binary files: colour pictures of 32 x 32 with 10 labels',
    labels: cifarLabels,
    channels: 3,
    naturalSize: { width: 32, height: 32 },
    examples,
    problems: [],
  }
}

function pixelExample(file: string, row: number, label: number, picture: Picture): Example {
  const split: Split | undefined = /t10k|test|val/i.test(file) ? 'heldOut' : undefined
  return {
    name: `${file}#${row}`,
    label,
    content: hash('sha256', picture.data),
    split,
    origin: { kind: 'pixels', picture },
    read: (options) => readPixels(picture, options),
  }
}

/** Red, green and blue planes -> pixels. */
function interleaved(planes: Uint8Array): Uint8Array {
  const size = planes.length / 3
  const pixels = new Uint8Array(planes.length)
  for (let i = 0; i < size; i++) for (let c = 0; c < 3; c++) pixels[3 * i + c] = planes[c * size + i]
  return pixels
}

async function readIdx(file: string, rank: 1 | 3): Promise<{ dimensions: number[]; bytes: Uint8Array }> {
  const content = await readPlain(file)
  const header = 4 + 4 * rank
  const name = basename(file)
  // 0, 0, 8 (unsigned bytes), number of dimensions.
  if (content.length < header || content.readUInt32BE(0) !== 0x800 + rank)
    throw badInput(
      `“${name}” is no IDX file of ${rank === 3 ? 'pictures' : 'labels'}: it does not begin with the magic number ${0x800 + rank}.`,
    )
  const dimensions = Array.from({ length: rank }, (_, i) => content.readUInt32BE(4 + 4 * i))
  const expected = header + dimensions.reduce((product, dimension) => product * dimension, 1)
  if (dimensions.includes(0)) throw badInput(`“${name}” announces ${dimensions.join(' x ')} values: it is empty.`)
  if (content.length !== expected)
    throw badInput(`“${name}” announces ${expected} bytes but holds ${content.length}: it is cut off or damaged.`)
  return { dimensions, bytes: new Uint8Array(content.buffer, content.byteOffset + header, content.length - header) }
}

async function readPlain(file: string): Promise<Buffer> {
  try {
    const bytes = await readFile(file)
    if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
    return await promisify(gunzip)(bytes, { maxOutputLength: mostBytes })
  } catch (cause) {
    throw badInput(`“${basename(file)}” cannot be read: it is cut off, damaged, too large or not accessible.`, cause)
  }
}

function labelFileFor(imageFile: string, names: readonly string[]): string {
  const wanted = imageFile
    .replace(/\.gz$/i, '')
    .replace(/images/i, 'labels')
    .replace(/idx3/i, 'idx1')
  const found = names.find((name) => name === wanted || name === `${wanted}.gz`)
  if (found === undefined) throw badInput(`“${imageFile}” has no labels beside it: “${wanted}” is missing.`)
  return found
}

/** A file and its compressed copy are the same set: the plain one is read. */
function withoutCopies(names: readonly string[]): string[] {
  return names.filter((name) => !/\.gz$/i.test(name) || !names.includes(name.slice(0, -3))).toSorted()
}

function badInput(message: string, cause?: unknown): AppError {
  return new AppError('bad-input', message, { cause })
}

/**
 * A trained model as one file to keep, copy or mail: safetensors whose metadata holds `format`, `version`, and a
 * manifest as JSON (recipe, what the networks are, how they were trained). Only numbers and text, never a program.
 */
import { basename } from 'node:path'
import { AppError } from '../domain/errors.ts'
import { writeFileAtomically } from './atomicFile.ts'
import { encodeSafetensors, readSafetensors } from './safetensors.ts'
import type { StoredTensor } from './safetensors.ts'

const format = 'tandem-model'
const version = 1
const maximumDepth = 32

export interface Model<Manifest = unknown> {
  readonly manifest: Manifest
  readonly tensors: Readonly<Record<string, StoredTensor>>
}

/**
 * Saves the model whole or not at all. Throws AppError('storage-failed') when the disk refuses, RangeError for a model
 * that could not be read back (numbers that are not finite, a manifest that is not JSON, too deep or too large).
 */
export async function writeModelFile(file: string, { manifest, tensors }: Model): Promise<void> {
  const text: string | undefined = JSON.stringify(manifest)
  if (text === undefined || !isPlain(JSON.parse(text))) throw new RangeError('this manifest cannot be stored as JSON')
  for (const [name, { data }] of Object.entries(tensors)) {
    const at = data.findIndex((value) => !Number.isFinite(value))
    if (at >= 0) throw new RangeError(`tensor ${name} holds ${data[at]}: such a model is of no use`)
  }
  await writeFileAtomically(file, encodeSafetensors(tensors, { format, version: String(version), manifest: text }))
}

/**
 * Reads a model; the manifest is whatever JSON the file holds and is the caller's to validate. Tensors may share one
 * buffer.
 * Throws AppError: 'not-found', 'storage-failed', or 'bad-input' for a file that is damaged, of another kind or of a
 * newer version.
 */
export async function readModelFile(file: string): Promise<Model> {
  const name = basename(file)
  const { tensors, metadata } = await readSafetensors(file, { requireFinite: true })
  if (metadata.format !== format)
    throw new AppError('bad-input', `${name} is a safetensors file, but not a model of Tandem Studio.`, {
      hint: 'Choose a model that was exported from Tandem Studio.',
    })
  if (/^[1-9]\d*$/.test(metadata.version) && Number(metadata.version) > version)
    throw new AppError('bad-input', `${name} was made by a newer Tandem Studio (model version ${metadata.version}).`, {
      hint: 'Update Tandem Studio to open it. Nothing was changed.',
    })
  const manifest = parseManifest(metadata.manifest)
  if (metadata.version !== String(version) || metadata.sha256 === undefined || manifest === undefined)
    throw new AppError('bad-input', `${name} is an incomplete model of Tandem Studio.`, {
      hint: 'Nothing was changed. Copy or export the file again from where it came.',
    })
  return { manifest, tensors }
}

/** The manifest, or undefined when it is missing, not JSON, or built to cause trouble. */
function parseManifest(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    const manifest: unknown = JSON.parse(text)
    return isPlain(manifest) ? manifest : undefined
  } catch {
    return undefined
  }
}

/** No deeper than 32 levels, and no key that would reach into JavaScript's own objects. */
function isPlain(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (depth >= maximumDepth || Object.hasOwn(value, '__proto__')) return false
  return Object.values(value).every((part) => isPlain(part, depth + 1))
}

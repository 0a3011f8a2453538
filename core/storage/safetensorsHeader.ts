/** The JSON header of a safetensors file, checked field by field: nothing in it is believed. */

export interface TensorEntry {
  readonly name: string
  readonly shape: readonly number[]
  /** Bytes from the beginning of the numbers. */
  readonly start: number
  readonly end: number
}

export interface Layout {
  /** In the order of their numbers in the file. */
  readonly entries: readonly TensorEntry[]
  readonly metadata: Readonly<Record<string, string>>
}

type Refuse = (problem: string) => Error

const metadataKey = '__metadata__'
const maximumDimensions = 8
/** Names that would reach into JavaScript's own objects. */
const forbiddenNames = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Tensors and metadata of a header. The tensors must fill `dataBytes` exactly, without gap or overlap.
 * @param refuse makes the error to throw from a problem ("tensor "a" has no shape")
 */
export function parseHeader(header: Uint8Array, dataBytes: number, refuse: Refuse): Layout {
  const fields = parseObject(header, refuse)
  const metadata: Record<string, string> = {}
  const entries: TensorEntry[] = []
  for (const [name, field] of Object.entries(fields)) {
    if (forbiddenNames.has(name)) throw refuse(`${quote(name)} is no name for a tensor`)
    if (name !== metadataKey) {
      entries.push(parseEntry(name, field, refuse))
      continue
    }
    if (!isRecord(field)) throw refuse('its metadata is not a list of texts')
    for (const [key, text] of Object.entries(field)) {
      if (forbiddenNames.has(key) || typeof text !== 'string') throw refuse(`its metadata ${quote(key)} is not a text`)
      metadata[key] = text
    }
  }
  // Tensors without numbers (a size of 0) share their place with the next one.
  entries.sort((a, b) => a.start - b.start || a.end - b.end)
  let filled = 0
  for (const { name, start, end } of entries) {
    if (start !== filled) throw refuse(`tensor ${quote(name)} leaves a gap or overlaps another`)
    filled = end
  }
  if (filled !== dataBytes)
    throw refuse(`its tensors need ${filled} bytes but it has ${dataBytes}, so it was cut or added to`)
  return { entries, metadata }
}

/** A name from the file, fit for a message: printable and short. */
export function quote(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}...` : name)
}

function parseObject(header: Uint8Array, refuse: Refuse): Record<string, unknown> {
  let parsed: unknown
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header))
  } catch {
    throw refuse('its header is damaged')
  }
  if (!isRecord(parsed)) throw refuse('its header is not a list of tensors')
  return parsed
}

function parseEntry(name: string, field: unknown, refuse: Refuse): TensorEntry {
  if (!isRecord(field)) throw refuse(`tensor ${quote(name)} is not described`)
  const { dtype, shape, data_offsets: offsets } = field
  if (dtype !== 'F32') throw refuse(`tensor ${quote(name)} is not float32`)
  if (!isSizeList(shape) || shape.length > maximumDimensions) throw refuse(`tensor ${quote(name)} has no valid shape`)
  if (!isSizeList(offsets) || offsets.length !== 2) throw refuse(`tensor ${quote(name)} has no valid place`)
  const [start, end] = offsets
  const bytes = shape.reduce((product, size) => product * size, 4)
  if (end - start !== bytes) throw refuse(`the shape of tensor ${quote(name)} does not fit its ${end - start} bytes`)
  return { name, shape, start, end }
}

/** Sizes and offsets: whole numbers from 0 up; a product of them that loses digits cannot equal a real length. */
function isSizeList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

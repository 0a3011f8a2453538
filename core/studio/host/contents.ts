/** Pictures by their hash, as streams for pages: of the open project, and the small ones of projects on the shelf. */
import { hash as digest } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { sniffFormat } from '../../data/pictureFile.ts'
import { AppError } from '../../domain/errors.ts'
import type { ContentHash } from '../../domain/records.ts'
import type { FoundPicture } from '../../storage/project/pictures.ts'
import type { ProjectStore } from '../../storage/project/store.ts'
import { splitName } from '../dataSets/pairNames.ts'
import { assertRange } from './range.ts'
import { encodeRawPng } from './rawPng.ts'
import type { StoredFile } from './studio.ts'

/** @throws AppError not-found for what is no picture of the project; storage-failed where its bytes are lost */
export function findContent(store: ProjectStore, hash: ContentHash): StoredFile {
  const found = store.pictures.find(hash)
  const bytes = found && bytesOf(found, store, hash)
  if (bytes === undefined) throw noPicture()
  return fileOf(bytes, hash)
}

/** @param bytes of a picture file */
export function fileOf(bytes: Uint8Array, hash: ContentHash): StoredFile {
  const format = sniffFormat(bytes)
  if (format === undefined) throw noPicture()
  return {
    sizeBytes: bytes.length,
    type: `image/${format}`,
    name: `${hash.slice(0, 12)}.${format}`,
    open(range) {
      assertRange(range, bytes.length)
      return Readable.from([range === undefined ? bytes : bytes.subarray(range.first, range.last + 1)], {
        objectMode: false,
      })
    },
  }
}

export function noPicture(): AppError {
  return new AppError('not-found', 'This picture is not in the project (any more).')
}

function bytesOf(found: FoundPicture, store: ProjectStore, hash: ContentHash): Uint8Array | undefined {
  const what = 'This picture'
  switch (found.kind) {
    case 'file':
      return store.contents.get(hash, what)
    case 'pixels': {
      const { width, height } = found
      const data = store.contents.get(hash, what)
      return encodeRawPng({ width, height, channels: data.length === width * height ? 1 : 3, data })
    }
    case 'outside':
      return readOutside(found, store, hash)
  }
}

/** Only bytes that are still what they were: a page keeps them under their hash for ever. */
function readOutside(
  { dataSetId, name, side }: Extract<FoundPicture, { kind: 'outside' }>,
  { dataSets }: ProjectStore,
  hash: ContentHash,
): Uint8Array | undefined {
  const source = dataSets.source(dataSetId)
  if (source === null) return undefined
  try {
    const bytes = readFileSync(join(source, splitName(name)[side]))
    return digest('sha256', bytes) === hash ? bytes : undefined
  } catch {
    return undefined
  }
}

/** A small picture of each project for its card, kept beside the library: it can be shown without opening the project. */
import { hash as digest } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodePicture, encodePng, inspectBytes, resizePicture } from '../../data/pictureFile.ts'
import type { ContentHash } from '../../domain/records.ts'
import { writeFileAtomically } from '../../storage/atomicFile.ts'
import type { ProjectStore } from '../../storage/project/store.ts'
import { fileOf, noPicture } from './contents.ts'
import type { StoredFile } from './studio.ts'

const LARGEST_SIDE = 256

export interface Thumbnails {
  /** Of the newest kept result. @returns null where there is none */
  make(store: ProjectStore): Promise<ContentHash | null>
  /** @throws AppError not-found */
  find(hash: ContentHash): StoredFile
}

export function openThumbnails(folder: string): Thumbnails {
  const place = (hash: ContentHash) => join(folder, `${hash}.png`)
  return {
    async make({ results, contents }) {
      const newest = results.page({ offset: 0, limit: 1 }).results.at(0)
      if (newest === undefined) return null
      const bytes = await reduce(contents.get(newest.picture, `The picture “${newest.title}”`))
      const hash = digest('sha256', bytes)
      mkdirSync(folder, { recursive: true })
      await writeFileAtomically(place(hash), [bytes])
      return hash
    },
    find(hash) {
      if (!/^[0-9a-f]{64}$/.test(hash)) throw noPicture()
      try {
        return fileOf(readFileSync(place(hash)), hash)
      } catch {
        throw noPicture()
      }
    },
  }
}

async function reduce(bytes: Uint8Array): Promise<Uint8Array> {
  const inspection = await inspectBytes(bytes)
  if (inspection.kind !== 'picture') return bytes
  const { width, height, channels } = inspection
  const factor = Math.min(1, LARGEST_SIDE / Math.max(width, height))
  const side = (length: number) => Math.max(1, Math.round(length * factor))
  return encodePng(await resizePicture(await decodePicture(bytes, { channels }), side(width), side(height)))
}

/** Files on their way out: made beside everything else, fetched by id within an hour, gone when the program ends. */
import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Download } from '../../contract/requests/projects.ts'
import { AppError } from '../../domain/errors.ts'
import type { Id } from '../../domain/records.ts'
import { explainStorage } from '../../storage/sqlite/sqliteErrors.ts'
import { assertRange } from './range.ts'
import type { StoredFile } from './studio.ts'

const HOUR_MS = 3_600_000
/** Of a name: systems take 255, and some of them go to what is put beside a file while it is in use. */
const MOST_NAME_BYTES = 200

export interface Downloads {
  /** @param write makes the file at the given path, whole, or throws */
  offer(name: string, type: string, write: (path: string) => Promise<void>): Promise<Download>
  /** @throws AppError not-found once its hour is over */
  find(downloadId: Id): StoredFile
  /** Removes all of them. */
  close(): Promise<void>
}

/** @param folder shared by all hosts that run now; each has a folder of its own inside */
export async function openDownloads(folder: string): Promise<Downloads> {
  const own = join(folder, randomUUID())
  const offered = new Map<Id, { readonly file: StoredFile; readonly timer: NodeJS.Timeout }>()
  await removeLeftovers(folder)

  return {
    async offer(name, type, write) {
      const downloadId = randomUUID()
      const home = join(own, downloadId)
      // Under the name that a person knows, for what goes wrong is said of a file by its name.
      const path = join(home, fileName(name))
      await mkdir(home, { recursive: true }).catch((cause: unknown) => {
        throw new AppError('storage-failed', 'The folder for downloads cannot be made; nothing was changed.', {
          hint: 'Free some space on the disk that holds your home folder.',
          cause,
        })
      })
      try {
        await write(path)
      } catch (error) {
        await rm(home, { recursive: true, force: true })
        throw explainStorage(error, path)
      }
      const { size } = await stat(path)
      const file: StoredFile = {
        ...{ name: basename(path), type, sizeBytes: size },
        open(range) {
          assertRange(range, size)
          return createReadStream(path, { start: range?.first, end: range?.last })
        },
      }
      const timer = setTimeout(() => {
        offered.delete(downloadId)
        rm(home, { recursive: true, force: true }).catch(() => undefined)
      }, HOUR_MS).unref()
      offered.set(downloadId, { file, timer })
      return { downloadId, name: file.name, sizeBytes: size }
    },
    find(downloadId) {
      const found = offered.get(downloadId)
      if (found) return found.file
      throw new AppError('not-found', 'This download is no longer there.', { hint: 'Export it once more.' })
    },
    async close() {
      for (const { timer } of offered.values()) clearTimeout(timer)
      offered.clear()
      await rm(own, { recursive: true, force: true })
    },
  }
}

/** What a killed program left: a folder that nothing came into for two hours holds nothing that may still be fetched. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name)
    const found = await stat(path).catch(() => undefined)
    if (found && Date.now() - found.mtimeMs > 2 * HOUR_MS) await rm(path, { recursive: true, force: true })
  }
}

/** A name that every system takes: no separators, no control characters, not a device, not hidden, not too long; its ending stays. */
export function fileName(text: string): string {
  const clean = text
    .replace(/[\p{Cc}\p{Cf}<>:"/\\|?*]/gu, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+|[. ]+$/g, '')
  const ending = /\.\w{1,20}$/.exec(clean)?.[0] ?? ''
  const stem = firstBytes(clean.slice(0, clean.length - ending.length), MOST_NAME_BYTES - ending.length)
  const plain = stem.trimEnd() + ending
  return plain === '' || /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(plain) ? `Tandem ${plain}`.trim() : plain
}

/** The characters of a text that have room in so many bytes. */
function firstBytes(text: string, bytes: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bytes))
  return text.slice(0, read)
}

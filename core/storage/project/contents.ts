/**
 * Bytes known by their SHA-256: pictures, tensor chunks, strokes of results. Each is stored once, everything else refers to its hash, and
 * what nothing refers to is swept away in small portions.
 */
import { createHash } from 'node:crypto'
import { AppError } from '../../domain/errors.ts'
import type { ContentHash } from '../../domain/records.ts'
import type { ProjectFile } from '../sqlite/projectFile.ts'
import { playBackLog } from './playBackLog.ts'
import { createTurnSize, portionsOf } from './portions.ts'
import { unreferenced } from './references.ts'
import { writeUnflushed } from './writeUnflushed.ts'

/** `picture`: a picture file as it came; `pixels`: rows of bytes without a file around them; `tensors`: float32, little-endian; `strokes`: JSON. */
export type ContentKind = 'picture' | 'pixels' | 'tensors' | 'strokes'
const contentKinds: readonly ContentKind[] = ['picture', 'pixels', 'tensors', 'strokes']

export interface Sweep {
  /** Gives other work a turn; called between two short writes. */
  readonly pause: () => Promise<void>
  /** Sweeps only this kind. */
  readonly kind?: ContentKind
  /** Free bytes that stay in the file for what comes next, instead of being given back to the disk. */
  readonly keepFreeBytes?: number
}

export interface Swept {
  readonly count: number
  readonly sizeBytes: number
}

interface Orphan {
  hash: ContentHash
  size: number
}

/** What a sweep does between two pauses: rows to look at, bytes to delete, pages to give back. */
const turns = {
  looking: { least: 50, most: 2000 },
  deleting: { least: 256 * 1024, most: 8 * 1024 ** 2 },
  givingBack: { least: 16, most: 256 },
} as const
/** To delete a row takes as long as to delete so many bytes. */
const rowBytes = 16 * 1024

export function hashOf(bytes: Uint8Array): ContentHash {
  return createHash('sha256').update(bytes).digest('hex')
}

export type Contents = ReturnType<typeof openContents>

export function openContents(file: ProjectFile) {
  const { db } = file
  const has = db.prepare<[string], number>('SELECT 1 FROM content WHERE hash = ?').pluck()
  const insert = db.prepare('INSERT INTO content (hash, kind, size, data) VALUES (?, ?, ?, ?)')
  const read = db.prepare<[string], Buffer>('SELECT data FROM content WHERE hash = ?').pluck()
  const size = db.prepare<[string], number>('SELECT size FROM content WHERE hash = ?').pluck()
  const insertClaim = db.prepare('INSERT INTO claim (owner, hash) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const removeClaims = db.prepare('DELETE FROM claim WHERE owner = ?')
  const removeAllClaims = db.prepare('DELETE FROM claim')
  const findLast = db
    .prepare<[string, string, number], string | null>(
      'SELECT max(hash) FROM (SELECT hash FROM content WHERE kind = ? AND hash > ? ORDER BY hash LIMIT ?)',
    )
    .pluck()
  const findOrphans = db.prepare<[string, string, string], Orphan>(
    `SELECT hash, size FROM content WHERE kind = ? AND hash > ? AND hash <= ? AND ${unreferenced}`,
  )
  const removeOrphan = db.prepare(`DELETE FROM content WHERE hash = ? AND ${unreferenced}`)

  /** @param hash of the bytes, where the caller already has it */
  function put(bytes: Uint8Array, kind: ContentKind, hash: ContentHash = hashOf(bytes)): ContentHash {
    file.write(() => {
      if (has.get(hash) === undefined) insert.run(hash, kind, bytes.byteLength, bytes)
    })
    return hash
  }

  /** @returns those among the next rows behind `before`, and the last row that was looked at; null where there is none */
  function listOrphans(kind: ContentKind, before: string, rows: number): { orphans: Orphan[]; last: string | null } {
    const last = findLast.get(kind, before, rows) ?? null
    return { last, orphans: last === null ? [] : findOrphans.all(kind, before, last) }
  }

  /** Deletes what nothing refers to. @returns what went */
  async function removeOrphans(kind: ContentKind, pause: Sweep['pause']): Promise<Swept> {
    const looking = createTurnSize(turns.looking)
    const deleting = createTurnSize(turns.deleting)
    let count = 0
    let sizeBytes = 0
    for (let before: string | null = ''; ;) {
      const { orphans, last } = looking.measure((rows) => listOrphans(kind, before ?? '', rows))
      if (last === null) return { count, sizeBytes }
      await pause()
      const costs = portionsOf(
        orphans,
        ({ size }) => rowBytes + size,
        () => deleting.now,
      )
      for (const portion of costs) {
        // Somebody may have taken one into use since it was looked up, hence the condition in the statement.
        const remove = () => portion.filter(({ hash }) => removeOrphan.run(hash).changes === 1)
        const gone = deleting.measure(() => writeUnflushed(file, remove))
        count += gone.length
        sizeBytes += gone.reduce((sum, { size }) => sum + size, 0)
        await pause()
      }
      before = last
    }
  }

  async function giveBack(keepFreeBytes: number, pause: Sweep['pause']): Promise<void> {
    const pageBytes = Number(db.pragma('page_size', { simple: true }))
    const freePages = () => Number(db.pragma('freelist_count', { simple: true }))
    const keep = Math.ceil(keepFreeBytes / pageBytes)
    const givingBack = createTurnSize(turns.givingBack)
    for (let free = freePages(); free > keep;) {
      const most = free - keep
      givingBack.measure((pages) => {
        writeUnflushed(file, () => db.pragma(`incremental_vacuum(${Math.min(pages, most)})`))
        // Only then does the file become shorter: by as much as was given back, which takes as long as that was much.
        playBackLog(file)
      })
      const left = freePages()
      // A file that was made without incremental vacuum gives nothing back.
      if (left >= free) return
      free = left
      await pause()
    }
  }

  return {
    put,

    /** Stores bytes that `owner` is going to refer to when it is finished; until then no sweep takes them. */
    claim(owner: string, bytes: Uint8Array, kind: ContentKind, hash: ContentHash = hashOf(bytes)): ContentHash {
      file.write(() => insertClaim.run(owner, put(bytes, kind, hash)))
      return hash
    },

    release(owner: string): void {
      file.write(() => removeClaims.run(owner))
    },

    /** For what a crash has left: only while nothing is being saved. */
    releaseAll(): void {
      file.write(() => removeAllClaims.run())
    },

    has(hash: ContentHash): boolean {
      return has.get(hash) !== undefined
    },

    /** In bytes; undefined where there is no such content. */
    size(hash: ContentHash): number | undefined {
      return size.get(hash)
    },

    /**
     * @param what the thing that would be lost, as the beginning of a sentence: `The picture “cat.png”`
     * @throws AppError storage-failed when the bytes are missing or not what they were
     */
    get(hash: ContentHash, what: string): Uint8Array {
      const bytes = read.get(hash)
      if (bytes !== undefined && hashOf(bytes) === hash) return bytes
      const how = bytes === undefined ? 'is missing from the project' : 'was damaged on the disk'
      throw new AppError('storage-failed', `${what} ${how}; everything else in the project can still be used.`, {
        hint: 'Take it from a copy or an export of this project if there is one.',
      })
    },

    /** Deletes what nothing refers to and gives the space back to the disk. A pause that throws ends it; what was done stays done. */
    async sweep({ pause, kind, keepFreeBytes = 0 }: Sweep): Promise<Swept> {
      let [count, sizeBytes] = [0, 0]
      for (const each of kind === undefined ? contentKinds : [kind]) {
        const swept = await removeOrphans(each, pause)
        count += swept.count
        sizeBytes += swept.sizeBytes
      }
      await giveBack(keepFreeBytes, pause)
      return { count, sizeBytes }
    },
  }
}

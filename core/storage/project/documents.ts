/** Sketches and masks: an undo log that only grows at its position. What a call has written is on the disk when it returns. */
import { randomUUID } from 'node:crypto'
import { AppError } from '../../domain/errors.ts'
import type { ContentHash, DocumentEntry, DocumentRecord, Id } from '../../domain/records.ts'
import type { ProjectFile } from '../sqlite/projectFile.ts'
import type { Clock } from './clock.ts'
import { notFound } from './notFound.ts'

export type DocumentDraft = Pick<DocumentRecord, 'kind' | 'name' | 'width' | 'height' | 'background'>

interface DocumentRow {
  id: Id
  kind: DocumentRecord['kind']
  name: string
  width: number
  height: number
  position: number
  length: number
  background: ContentHash | null
  created_at: string
  changed_at: string
  binned_at: string | null
}

export type Documents = ReturnType<typeof openDocuments>

export function openDocuments(file: ProjectFile, clock: Clock) {
  const { db } = file
  const record = `SELECT *, (SELECT coalesce(max(number) + 1, 0) FROM document_entry WHERE document_id = document.id)
    AS length FROM document`
  const insert = db.prepare(
    `INSERT INTO document (id, kind, name, width, height, background, created_at, changed_at)
     VALUES (@id, @kind, @name, @width, @height, @background, @now, @now)`,
  )
  const find = db.prepare<[Id], DocumentRow>(`${record} WHERE id = ?`)
  const list = db.prepare<[], DocumentRow>(`${record} WHERE binned_at IS NULL ORDER BY changed_at DESC, number DESC`)
  const rename = db.prepare('UPDATE document SET name = ? WHERE id = ?')
  const setBackground = db.prepare('UPDATE document SET background = ?, changed_at = ? WHERE id = ?')
  const setPosition = db.prepare('UPDATE document SET position = ?, changed_at = ? WHERE id = ?')
  const insertEntry = db.prepare('INSERT INTO document_entry (document_id, number, entry) VALUES (?, ?, ?)')
  const dropEntries = db.prepare('DELETE FROM document_entry WHERE document_id = ? AND number >= ?')
  const entries = db
    .prepare<[Id], string>('SELECT entry FROM document_entry WHERE document_id = ? ORDER BY number')
    .pluck()

  function get(id: Id): DocumentRecord {
    const row = find.get(id)
    if (row === undefined) throw notFound('drawing')
    return rowToDocument(row)
  }

  function assertInside({ length }: DocumentRecord, position: number): void {
    if (Number.isInteger(position) && position >= 0 && position <= length) return
    throw new AppError('misuse', `This drawing has ${length} changes, so there is no place ${position} in it.`, {
      hint: 'It may have been changed in another window: open it again. Nothing was changed.',
    })
  }

  return {
    insert(draft: DocumentDraft): DocumentRecord {
      const { kind, name, width, height, background } = draft
      const id = randomUUID()
      return file.write(() => {
        insert.run({ id, kind, name, width, height, background, now: clock() })
        return get(id)
      })
    },

    find(id: Id): DocumentRecord | undefined {
      const row = find.get(id)
      return row && rowToDocument(row)
    },

    get,

    /** Last changed first, without those in the bin. */
    list(): DocumentRecord[] {
      return list.all().map(rowToDocument)
    },

    /** The whole log, also what is undone at present. */
    entries(id: Id): DocumentEntry[] {
      return entries.all(id).map((entry) => JSON.parse(entry) as DocumentEntry)
    },

    /**
     * Writes changes at a place of the log, drops what was beyond, and puts them in force. Doing the same again changes nothing.
     * @param position 0 .. length; @throws AppError misuse for another one
     */
    append(id: Id, position: number, added: readonly DocumentEntry[]): DocumentRecord {
      return file.write(() => {
        assertInside(get(id), position)
        dropEntries.run(id, position)
        for (const [at, entry] of added.entries()) insertEntry.run(id, position + at, JSON.stringify(entry))
        setPosition.run(position + added.length, clock(), id)
        return get(id)
      })
    },

    /** Undo and redo. @param position 0 .. length; @throws AppError misuse for another one */
    move(id: Id, position: number): DocumentRecord {
      return file.write(() => {
        assertInside(get(id), position)
        setPosition.run(position, clock(), id)
        return get(id)
      })
    },

    rename(id: Id, name: string): void {
      if (file.write(() => rename.run(name, id)).changes === 0) throw notFound('drawing')
    },

    setBackground(id: Id, background: ContentHash | null): void {
      if (file.write(() => setBackground.run(background, clock(), id)).changes === 0) throw notFound('drawing')
    },
  }
}

function rowToDocument(row: DocumentRow): DocumentRecord {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    width: row.width,
    height: row.height,
    position: row.position,
    length: row.length,
    background: row.background,
    createdAt: row.created_at,
    changedAt: row.changed_at,
    binnedAt: row.binned_at,
  }
}

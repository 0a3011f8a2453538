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
  const entriesFrom = db
    .prepare<[Id, number], string>(
      'SELECT entry FROM document_entry WHERE document_id = ? AND number >= ? ORDER BY number',
    )
    .pluck()
  const entries = db
    .prepare<[Id], string>('SELECT entry FROM document_entry WHERE document_id = ? ORDER BY number')
    .pluck()

  function get(id: Id): DocumentRecord {
    const row = find.get(id)
    if (row === undefined) throw notFound('drawing')
    return rowToDocument(row)
  }

  /** A page that did not hear the answer asks once more. */
  function isRepeated(
    { id, position: now }: DocumentRecord,
    position: number,
    added: readonly DocumentEntry[],
  ): boolean {
    if (now !== position + added.length) return false
    const texts = entriesFrom.all(id, position)
    return texts.length === added.length && added.every((entry, at) => JSON.stringify(entry) === texts[at])
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
     * Writes changes behind those in force, drops what was undone beyond, and puts them in force. Doing the same again changes nothing.
     * @param position how many are in force; @throws AppError mismatch where somebody else has drawn or undone meanwhile
     */
    append(id: Id, position: number, added: readonly DocumentEntry[]): DocumentRecord {
      return file.write(() => {
        const now = get(id)
        assertInside(now, position)
        if (isRepeated(now, position, added)) return now
        if (position !== now.position)
          throw new AppError(
            'mismatch',
            'This drawing was changed elsewhere meanwhile, perhaps in another window; nothing of it is lost.',
            {
              hint: 'Load the drawing again, then go on.',
            },
          )
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

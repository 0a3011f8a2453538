/** Kept pictures with all that draws them again. The strokes behind one are content of their own: variations of a sketch share them. */
import { randomUUID } from 'node:crypto'
import type { ContentHash, DocumentEntry, Id, Provenance, ResultRecord } from '../../domain/records.ts'
import type { ProjectFile } from '../sqlite/projectFile.ts'
import type { Clock } from './clock.ts'
import type { Contents } from './contents.ts'
import { notFound } from './notFound.ts'

export type ResultDraft = Pick<ResultRecord, 'title' | 'picture' | 'initial' | 'width' | 'height' | 'provenance'>

/** A result as the gallery shows it: without its strokes. */
export interface ListedResult extends Omit<ResultRecord, 'provenance'> {
  readonly provenance: Omit<Provenance, 'strokes'>
}

export interface ResultQuery {
  /** Only the starred ones. */
  readonly starred?: boolean
  /** Only those with this text in their title, in any case. */
  readonly search?: string
  /** Those in the bin instead of the others. */
  readonly binned?: boolean
  readonly offset: number
  readonly limit: number
}

export interface ResultPage {
  /** Newest first. */
  readonly results: readonly ListedResult[]
  /** Of all pages. */
  readonly total: number
}

interface ResultRow {
  id: Id
  title: string
  picture: ContentHash
  initial: ContentHash | null
  condition: ContentHash | null
  mask: ContentHash | null
  strokes: ContentHash | null
  width: number
  height: number
  provenance: string
  starred: 0 | 1
  created_at: string
  binned_at: string | null
}

export type Results = ReturnType<typeof openResults>

export function openResults(file: ProjectFile, { contents, clock }: { contents: Contents; clock: Clock }) {
  const { db } = file
  const insert = db.prepare(
    `INSERT INTO result (id, title, folded_title, picture, initial, condition, mask, strokes, width, height,
       provenance, created_at)
     VALUES (@id, @title, @folded_title, @picture, @initial, @condition, @mask, @strokes, @width, @height,
       @provenance, @created_at)`,
  )
  const find = db.prepare<[Id], ResultRow>('SELECT * FROM result WHERE id = ?')
  // The index alone answers what is on a page; the rows themselves, with long lists of numbers, are read for the page only.
  const statements = (part: string) => {
    const from = `FROM result INDEXED BY result_in_gallery WHERE ${part} AND (@text = '' OR instr(folded_title, @text) > 0)`
    return {
      page: db.prepare<[object], ResultRow>(
        `SELECT * FROM result WHERE number IN
           (SELECT number ${from} ORDER BY number DESC LIMIT @limit OFFSET @offset) ORDER BY number DESC`,
      ),
      count: db.prepare<[object], number>(`SELECT count(*) ${from}`).pluck(),
    }
  }
  const all = statements('binned_at IS NULL')
  const starred = statements('binned_at IS NULL AND starred = 1')
  const binned = statements('binned_at IS NOT NULL')
  const star = db.prepare('UPDATE result SET starred = ? WHERE id = ?')
  const rename = db.prepare('UPDATE result SET title = ?, folded_title = ? WHERE id = ?')

  function rowToResult(row: ResultRow): ResultRecord {
    const listed = rowToListedResult(row)
    return { ...listed, provenance: { ...listed.provenance, strokes: readStrokes(row) } }
  }

  function readStrokes({ strokes, title }: ResultRow): readonly DocumentEntry[] | null {
    if (strokes === null) return null
    const bytes = contents.get(strokes, `The drawing behind “${title}”`)
    return JSON.parse(new TextDecoder().decode(bytes)) as DocumentEntry[]
  }

  return {
    /** The pictures it names must be stored already, in the same write. */
    insert(draft: ResultDraft): ResultRecord {
      const { title, picture, initial, width, height } = draft
      const { condition, mask, strokes, ...provenance } = draft.provenance
      const id = randomUUID()
      return file.write(() => {
        insert.run({
          id,
          title,
          folded_title: fold(title),
          picture,
          initial,
          condition,
          mask,
          strokes: strokes && contents.put(new TextEncoder().encode(JSON.stringify(strokes)), 'strokes'),
          width,
          height,
          provenance: JSON.stringify(provenance),
          created_at: clock(),
        })
        return this.get(id)
      })
    },

    find(id: Id): ResultRecord | undefined {
      const row = find.get(id)
      return row && rowToResult(row)
    },

    get(id: Id): ResultRecord {
      const found = this.find(id)
      if (found === undefined) throw notFound('result')
      return found
    },

    page({ starred: onlyStarred = false, search = '', binned: inBin = false, offset, limit }: ResultQuery): ResultPage {
      const { page, count } = inBin ? binned : onlyStarred ? starred : all
      const text = fold(search)
      return {
        results: page.all({ text, offset, limit }).map(rowToListedResult),
        total: count.get({ text }) ?? 0,
      }
    },

    setStarred(id: Id, value: boolean): void {
      if (file.write(() => star.run(Number(value), id)).changes === 0) throw notFound('result')
    },

    rename(id: Id, title: string): void {
      if (file.write(() => rename.run(title, fold(title), id)).changes === 0) throw notFound('result')
    },
  }
}

/** SQLite itself knows upper and lower case of ASCII alone. */
function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

function rowToListedResult(row: ResultRow): ListedResult {
  const provenance = JSON.parse(row.provenance) as Omit<Provenance, 'condition' | 'mask' | 'strokes'>
  return {
    id: row.id,
    title: row.title,
    picture: row.picture,
    initial: row.initial,
    width: row.width,
    height: row.height,
    provenance: { ...provenance, condition: row.condition, mask: row.mask },
    starred: row.starred === 1,
    createdAt: row.created_at,
    binnedAt: row.binned_at,
  }
}

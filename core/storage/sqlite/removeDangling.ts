/** Where rows are lost, others refer to nothing. A reference that may be empty is emptied; otherwise its row goes, and what refers to that, in turn. */
import SQLite from 'better-sqlite3'
import type { Database } from './connection.ts'
import { quoted } from './readableRows.ts'

interface Reference {
  readonly table: string
  /** SQL condition: a row of `table` refers to a row that is not there. */
  readonly dangles: string
  /** SQL that empties the reference; null where it must not be empty. */
  readonly emptied: string | null
}

interface ForeignKeyRow {
  readonly id: number
  readonly parent: string
  readonly from: string
  readonly to: string | null
}

/** Within a transaction, foreign keys switched off. */
export function removeDangling(db: Database, tables: readonly string[]): void {
  const references = tables.flatMap((table) => referencesOf(db, table))
  for (let changed = true; changed;) {
    changed = false
    for (const reference of references) if (mendReference(db, reference)) changed = true
  }
}

function mendReference(db: Database, { table, dangles, emptied }: Reference): boolean {
  if (emptied !== null) {
    try {
      return db.prepare(`UPDATE ${quoted(table)} SET ${emptied} WHERE ${dangles}`).run().changes > 0
    } catch (error) {
      // A constraint that spans columns does not allow it: then the row goes after all.
      if (!(error instanceof SQLite.SqliteError) || !error.code.startsWith('SQLITE_CONSTRAINT')) throw error
    }
  }
  return db.prepare(`DELETE FROM ${quoted(table)} WHERE ${dangles}`).run().changes > 0
}

function referencesOf(db: Database, table: string): Reference[] {
  const rows = db
    .prepare<[string], ForeignKeyRow>(
      'SELECT id, "table" AS parent, "from", "to" FROM pragma_foreign_key_list(?) ORDER BY id, seq',
    )
    .all(table)
  const required = db
    .prepare<[string], string>('SELECT name FROM pragma_table_info(?) WHERE "notnull" = 1 OR pk > 0')
    .pluck()
    .all(table)
  return [...Map.groupBy(rows, ({ id }) => id).values()].map((columns) => {
    const parent = quoted(columns[0]!.parent)
    const match = columns.map(({ from, to }) => `parent.${quoted(to ?? from)} = ${quoted(table)}.${quoted(from)}`)
    const given = columns.map(({ from }) => `${quoted(from)} IS NOT NULL`)
    const mayBeEmpty = columns.find(({ from }) => !required.includes(from))
    return {
      table,
      dangles: `${given.join(' AND ')} AND NOT EXISTS (SELECT 1 FROM ${parent} AS parent WHERE ${match.join(' AND ')})`,
      emptied: mayBeEmpty === undefined ? null : `${quoted(mayBeEmpty.from)} = NULL`,
    }
  })
}

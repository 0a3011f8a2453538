/** Is what is on the disk what SQLite wrote? */
import SQLite from 'better-sqlite3'
import type { Database } from './connection.ts'
import { storageError } from './sqliteErrors.ts'

/** Up to here the whole file is read at every opening: a tenth of a second. */
const smallBytes = 64 * 1024 ** 2

/**
 * Looks for damage with quick_check: in the whole of a small file; in a large one everywhere but in the table of contents, which holds nearly
 * all bytes and proves each of its rows by SHA-256 when it is read.
 * @throws StorageError `damaged`
 */
export function checkUndamaged(db: Database, path: string, sizeBytes: number): void {
  for (const table of sizeBytes <= smallBytes ? [undefined] : tablesOf(db).filter((name) => name !== 'content'))
    assertSound(db, path, table === undefined ? 'quick_check(1)' : `quick_check("${table}")`)
}

/**
 * CHECK constraints are part of it only on a connection that may write: for the others SQLite does not even read them.
 * @param check `integrity_check(1)`, `quick_check(1)` ...
 * @throws StorageError `damaged`
 */
export function assertSound(db: Database, path: string, check: string): void {
  const finding = findingOf(db, check)
  if (finding !== 'ok') throw storageError('damaged', path, new SQLite.SqliteError(String(finding), 'SQLITE_CORRUPT'))
}

function findingOf(db: Database, check: string): unknown {
  try {
    return db.pragma(check, { simple: true })
  } catch (error) {
    // A constraint itself can stumble over what it finds: JSON that is none.
    if (error instanceof SQLite.SqliteError && error.code === 'SQLITE_ERROR') return error.message
    throw error
  }
}

/** Names of the tables, in the order they were made. */
export function tablesOf(db: Database): string[] {
  return db
    .prepare<[], string>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid",
    )
    .pluck()
    .all()
}

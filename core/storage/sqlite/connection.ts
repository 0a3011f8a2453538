/** One way to connect to a SQLite file: durable, defensive, patient. */
import SQLite from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import { explaining } from './sqliteErrors.ts'

export type { Database } from 'better-sqlite3'

/**
 * `read` cannot write, whatever happens; `create` is `write` that makes the file where there is none; `draft` makes a file that nobody sees
 * before it is finished and flushed, so it is neither durable nor safe on the way.
 */
export type Access = 'read' | 'write' | 'create' | 'draft'

/** Of every file we make: larger than usual, because most bytes are pictures and tensors. */
export const pageBytes = 16384
const busyTimeoutMs = 5000

/** @param named what errors call it, where its own name says nothing to people @throws StorageError */
export function connect(path: string, access: Access, named = path): Database {
  return explaining(named, () => {
    const db = new SQLite(path, {
      readonly: access === 'read',
      fileMustExist: access === 'read' || access === 'write',
      timeout: busyTimeoutMs,
    })
    try {
      db.pragma('trusted_schema = OFF')
      db.pragma('cell_size_check = ON')
      db.pragma('foreign_keys = ON')
      if (access === 'create' || access === 'draft') shapeFile(db)
      if (access === 'create' || access === 'write') beDurable(db)
      if (access === 'draft') beQuick(db)
      return db
    } catch (error) {
      db.close()
      throw error
    }
  })
}

/** Both have an effect only while a file is empty. */
export function shapeFile(db: Database): void {
  db.pragma(`page_size = ${pageBytes}`)
  db.pragma('auto_vacuum = INCREMENTAL')
}

function beDurable(db: Database): void {
  db.pragma('journal_mode = WAL')
  db.pragma('journal_size_limit = 67108864')
  // After the journal mode: on a file that is in WAL mode already this build of SQLite begins with NORMAL, and a commit could be lost.
  db.pragma('synchronous = FULL')
  // On macOS a plain fsync leaves the bytes in the disk's own cache.
  db.pragma('fullfsync = ON')
  db.pragma('checkpoint_fullfsync = ON')
  const synchronous = db.pragma('synchronous', { simple: true })
  if (synchronous !== 2) throw new Error(`synchronous is ${String(synchronous)}, not FULL (2)`)
}

function beQuick(db: Database): void {
  db.pragma('journal_mode = MEMORY')
  db.pragma('synchronous = OFF')
  db.pragma('secure_delete = ON')
}

/**
 * Closes a connection that could write. The last one of a file leaves it alone, without a log beside it and without the WAL mode that would
 * need one: such a file can be copied, mailed, and read from a disk that cannot be written.
 */
export function closeTidily(db: Database): void {
  if (!db.open) return
  emptyLog(db)
  try {
    // Whoever still reads or writes will do this when it closes.
    db.pragma('busy_timeout = 0')
    db.pragma('journal_mode = DELETE')
  } catch (error) {
    // What is committed is in the log and stays readable; closing must not fail for the sake of tidiness.
    if (!(error instanceof SQLite.SqliteError)) throw error
  } finally {
    db.close()
  }
}

/** Brings what is committed from the log into the file itself, as far as nobody else is in the way now; what cannot be stays in the log. */
export function emptyLog(db: Database): void {
  try {
    db.pragma('busy_timeout = 0')
    db.pragma('wal_checkpoint(TRUNCATE)')
  } catch (error) {
    if (!(error instanceof SQLite.SqliteError)) throw error
  } finally {
    db.pragma(`busy_timeout = ${busyTimeoutMs}`)
  }
}

/** Short transactions on one connection: a write has the database to itself from its first statement, nested ones join the outer one. */
import type { Database } from './connection.ts'
import { explaining } from './sqliteErrors.ts'

export interface Transactions {
  /**
   * Runs the work in one transaction: all of it is saved, or nothing when anything throws. A call inside another joins it.
   * @throws StorageError when the disk refuses; what the work throws passes through
   */
  write<T>(work: () => T): T
  /** Runs the work on one unchanging state of the database, whoever writes meanwhile. */
  read<T>(work: () => T): T
}

/** @param guard runs first in every write transaction; what it throws ends it */
export function createTransactions(db: Database, path: string, guard: () => void): Transactions {
  const begin = { write: db.prepare('BEGIN IMMEDIATE'), read: db.prepare('BEGIN') }
  const commit = db.prepare('COMMIT')
  const rollback = db.prepare('ROLLBACK')
  let open: 'write' | 'read' | null = null

  function run<T>(kind: 'write' | 'read', work: () => T): T {
    if (open === 'read' && kind === 'write') throw new TypeError('write() inside read(): turn them round')
    if (open !== null) return work()
    begin[kind].run()
    open = kind
    try {
      if (kind === 'write') guard()
      const value = work()
      if (value instanceof Promise)
        throw new TypeError('a transaction takes a function that ends at once, not a promise')
      commit.run()
      return value
    } finally {
      open = null
      // SQLite itself has rolled back after some errors.
      if (db.inTransaction) rollback.run()
    }
  }

  return {
    write: (work) => explaining(path, () => run('write', work)),
    read: (work) => explaining(path, () => run('read', work)),
  }
}

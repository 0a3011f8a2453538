/**
 * A project as an open file: who may write, and how. A file that is not a project, is newer, has a foreign schema or is damaged is refused
 * through a connection that cannot write, so it stays as it was to the byte.
 */
import { randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { Timestamp } from '../../domain/records.ts'
import { migrations as projectMigrations } from '../project/schema.ts'
import { checkUndamaged } from './checkUndamaged.ts'
import { closeTidily, connect, emptyLog } from './connection.ts'
import type { Database } from './connection.ts'
import { projectApplicationId, readProjectHeader, readVersion } from './fileHeader.ts'
import { beatLock, createLockCheck, releaseLock, takeLock, thisOwner } from './lock.ts'
import { assertNotNewer, latestVersion, migrate, removeOldBackups, versionOf } from './migrate.ts'
import type { Migration } from './migrate.ts'
import { assertNameIsFree, flushFile, placeFile, removeDatabase, temporaryBeside } from './placeFile.ts'
import { assertSchema } from './schemaCheck.ts'
import { StorageError, explaining, storageError } from './sqliteErrors.ts'
import { createTransactions } from './transactions.ts'
import type { Transactions } from './transactions.ts'

export interface ProjectFile extends Transactions {
  /** `:memory:` in tests. */
  readonly path: string
  readonly db: Database
  readonly readOnly: boolean
  /** The lock's nonce, for a computing process to join with; null when read only. */
  readonly holder: string | null
  /** The very file that is open is at this path: not gone, not moved, not replaced by another one. */
  isAt(path: string): boolean
  /** Gives the lock back where it was taken here; the last one to close leaves a single file. May be called again. */
  close(): void
}

export interface ProjectFileOptions {
  /** What the lock says to others. */
  readonly program?: string
  readonly migrations?: readonly Migration[]
  readonly clock?: () => Timestamp
}

/** `join`: writes under the lock that another process of the same program holds. */
export type ProjectAccess = 'write' | 'read' | { readonly join: string }

const systemClock = () => new Date().toISOString()

/**
 * Makes a new project with its one row in `project`, and opens it for writing.
 * @throws StorageError `taken` where there is a file of that name
 */
export function createProjectFile(
  path: string,
  { name, id = randomUUID(), ...options }: { readonly name: string; readonly id?: string } & ProjectFileOptions,
): ProjectFile {
  const { migrations = projectMigrations, clock = systemClock } = options
  const fill = (db: Database, where: string) => {
    db.pragma(`application_id = ${projectApplicationId}`)
    migrate(db, where, migrations)
    db.prepare('INSERT INTO project (id, name, created_at) VALUES (?, ?, ?)').run(id, name, clock())
  }
  if (path === ':memory:') {
    const db = connect(path, 'create')
    fill(db, path)
    return openWriting(db, path, options)
  }
  const target = resolve(path)
  return explaining(target, () => {
    assertNameIsFree(target)
    const temporary = temporaryBeside(target)
    try {
      const db = connect(temporary, 'draft', target)
      try {
        fill(db, target)
      } finally {
        db.close()
      }
      flushFile(temporary)
      placeFile(temporary, target)
    } catch (error) {
      removeDatabase(temporary)
      throw error
    }
    return openProjectFile(target, { access: 'write', ...options })
  })
}

/**
 * @throws AppError not-found, bad-input (no project, foreign schema) or StorageError: `newer`, `damaged`, `locked`, `lost-lock`, `read-only` ...
 */
export function openProjectFile(
  path: string,
  { access, ...options }: { readonly access: ProjectAccess } & ProjectFileOptions,
): ProjectFile {
  const { migrations = projectMigrations } = options
  const target = resolve(path)
  const header = readProjectHeader(target)
  assertNotNewer(readVersion(target, header), target, migrations)
  const reader = connect(target, 'read')
  try {
    explaining(target, () => {
      assertSchema(reader, target, migrations)
      // A process that joins trusts the check of the one that let it in.
      if (access === 'read' || access === 'write') checkUndamaged(reader, target, header.sizeBytes)
      if (access === 'read') assertUpToDate(reader, target, migrations)
    })
  } catch (error) {
    reader.close()
    throw error
  }
  if (access === 'read') return openReading(reader, target)
  reader.close()
  const db = connect(target, 'write')
  return access === 'write' ? openWriting(db, target, options) : openJoined(db, target, access.join)
}

/** Says that the holder lives, every `heartbeatMs`. @throws StorageError `lost-lock` */
export function beat(file: ProjectFile, now: Timestamp = systemClock()): void {
  file.write(() => beatLock(file.db, now))
}

function openWriting(db: Database, path: string, options: ProjectFileOptions): ProjectFile {
  const { program = 'Tandem Studio', migrations = projectMigrations, clock = systemClock } = options
  let holder: string | undefined
  try {
    return explaining(path, () => {
      const nonce = takeLock(db, path, thisOwner(program), clock())
      holder = nonce
      const check = createLockCheck(db, path, nonce)
      const guard = () => {
        check()
        // The copy before a migration may have taken longer than others wait.
        beatLock(db, clock())
      }
      const { backup } = migrate(db, path, migrations, { guard })
      if (!db.memory && backup === null) removeOldBackups(path, Date.parse(clock()))
      return writable(db, path, nonce, () => releaseLock(db, nonce))
    })
  } catch (error) {
    if (holder !== undefined) releaseLock(db, holder)
    closeTidily(db)
    throw error
  }
}

function openJoined(db: Database, path: string, holder: string): ProjectFile {
  try {
    explaining(path, createLockCheck(db, path, holder))
    return writable(db, path, holder, () => undefined)
  } catch (error) {
    closeTidily(db)
    throw error
  }
}

function writable(db: Database, path: string, holder: string, release: () => void): ProjectFile {
  const isAt = createPlaceCheck(db, path)
  const assertHeld = createLockCheck(db, path, holder)
  const { read, write } = createTransactions(db, path, () => {
    // Writes into a file that lost its name would be gone with the program: SQLite does not notice, so we look before each of them.
    if (!isAt(path)) throw storageError('vanished', path)
    assertHeld()
  })
  return {
    path,
    db,
    readOnly: false,
    holder,
    isAt,
    read,
    write(work) {
      try {
        return write(work)
      } catch (error) {
        // The log is found by the old name alone: what is still in it would not go with the file, or be played into another one.
        if (error instanceof StorageError && error.problem === 'vanished' && !db.inTransaction) emptyLog(db)
        throw error
      }
    },
    close() {
      if (!db.open) return
      release()
      closeTidily(db)
    },
  }
}

function openReading(db: Database, path: string): ProjectFile {
  const { read } = createTransactions(db, path, () => undefined)
  return {
    path,
    db,
    readOnly: true,
    holder: null,
    isAt: createPlaceCheck(db, path),
    read,
    write() {
      throw new StorageError('read-only', `${basename(path)} is open to look only; nothing in it was changed.`, {
        hint: 'Open it for writing once the other program has closed it, or work in a copy.',
      })
    },
    close: () => void db.close(),
  }
}

function createPlaceCheck(db: Database, path: string): ProjectFile['isAt'] {
  if (db.memory) return () => true
  const look = (at: string) => statSync(at, { bigint: true, throwIfNoEntry: false })
  const first = look(path)
  return (at) => {
    const now = look(at)
    return now !== undefined && now.ino === first?.ino && now.dev === first.dev
  }
}

function assertUpToDate(db: Database, path: string, migrations: readonly Migration[]): void {
  if (versionOf(db) === latestVersion(migrations)) return
  throw new StorageError(
    'read-only',
    `${basename(path)} was made by an older version of Tandem Studio and cannot be brought up to date without writing to it; it was not touched.`,
    { hint: 'Open it for writing once, or copy it to a folder that you may write to and open the copy.' },
  )
}

/**
 * What can go wrong with a file on a disk, each as one sentence: what happened, what is safe, what to do. SQLite's and the system's codes
 * end here; mistakes in SQL and broken constraints are defects of the program and pass through unchanged.
 */
import { existsSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import SQLite from 'better-sqlite3'
import { AppError } from '../../domain/errors.ts'

export type StorageProblem =
  | 'full' // no space left on the disk
  | 'read-only' // the file, its folder or its disk may not be written, or it was opened to look only
  | 'failing' // the disk reports an error
  | 'damaged' // what is on the disk is not what was written: salvage can be offered
  | 'busy' // somebody writes for longer than we wait
  | 'vanished' // the file was moved, renamed or deleted while it was open
  | 'locked' // another program has the project open: a view to look only can be offered
  | 'lost-lock' // another program has taken the project over
  | 'newer' // made by a newer version of the program
  | 'taken' // a file of that name is already there

/** An AppError whose problem a caller can switch on. */
export class StorageError extends AppError {
  readonly problem: StorageProblem

  constructor(problem: StorageProblem, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super('storage-failed', message, options)
    this.problem = problem
  }
}

/** Runs the work on `path`; what the disk refuses comes out as StorageError. */
export function explaining<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw explainStorage(error, path)
  }
}

/** The error as a sentence about the file, or the same error when it did not come from a disk. */
export function explainStorage(error: unknown, path: string): unknown {
  const problem = problemOf(error, path)
  return problem === undefined ? error : storageError(problem, path, error)
}

/** What a read of the database at `path` may meet, as a sentence; other errors are about other files and stay what they are. */
export function explainDatabase(error: unknown, path: string): unknown {
  return error instanceof SQLite.SqliteError ? explainStorage(error, path) : error
}

type DiskProblem = 'full' | 'read-only' | 'failing' | 'damaged' | 'busy' | 'vanished'

export function storageError(problem: DiskProblem, path: string, cause?: unknown): StorageError {
  const name = basename(path)
  const failed = (message: string, hint: string) => new StorageError(problem, message, { hint, cause })
  switch (problem) {
    case 'full':
      return failed(
        `The disk of ${name} is full: the last change was not saved, everything before it is safe.`,
        'Free some space on that disk, then do it again.',
      )
    case 'read-only':
      return failed(
        `${name} may not be written to; nothing in it was changed.`,
        'Open it to look only, or copy it to a folder that you may write to.',
      )
    case 'failing':
      return failed(
        `The disk failed while ${name} was in use: the last change was not saved, nothing else was touched.`,
        'Copy the file to another disk, and check this one.',
      )
    case 'damaged':
      return failed(
        `${name} is damaged; nothing in it was changed.`,
        'Save what can still be read of it into a new project, or go back to a copy.',
      )
    case 'busy':
      return failed(
        `Another program is using ${name} right now: the last change was not saved, everything before it is safe.`,
        'Do it again in a moment.',
      )
    case 'vanished':
      return failed(
        `${name} is not where it was; what was saved is in it, wherever it was moved to.`,
        'Put it back in its place, or save a copy of what is open here.',
      )
  }
}

function problemOf(error: unknown, path: string): DiskProblem | undefined {
  if (error instanceof SQLite.SqliteError) return problemOfSqlite(error.code, path)
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined
  switch (error.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'full'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'read-only'
    case 'ENOENT':
    case 'ENOTDIR':
      return 'vanished'
    case 'EBUSY':
      return 'busy'
    default:
      return 'failing'
  }
}

/** From an extended result code: https://sqlite.org/rescode.html */
function problemOfSqlite(code: string, path: string): DiskProblem | undefined {
  if (code === 'SQLITE_READONLY_DBMOVED' || code === 'SQLITE_IOERR_VNODE') return 'vanished'
  // The shared index of the log could not grow.
  if (code === 'SQLITE_IOERR_SHMSIZE') return 'full'
  switch (code.split('_')[1]) {
    case 'FULL':
      return 'full'
    case 'READONLY':
    case 'PERM':
      return 'read-only'
    case 'CANTOPEN':
      // What could not be made is the file, or the log beside it.
      return existsSync(dirname(path)) ? 'read-only' : 'vanished'
    case 'IOERR':
      return 'failing'
    case 'CORRUPT':
    case 'NOTADB':
      return 'damaged'
    case 'BUSY':
    case 'LOCKED':
    case 'PROTOCOL':
      return 'busy'
    default:
      return undefined
  }
}

/** A finished file gets its name: whole or not at all, and never over another one unless asked. */
import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, statSync, unlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { AppError } from '../../domain/errors.ts'
import { StorageError } from './sqliteErrors.ts'

/** A name beside the target, hence on the same disk, for a file that is being made. */
export function temporaryBeside(target: string): string {
  return join(dirname(target), `.tandem-${randomUUID()}.part`)
}

/** Removes a database with all that SQLite puts beside it. */
export function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) removeFile(path + suffix)
}

/** Nothing where there is none. Node's own rmSync hides why a disk refuses. */
function removeFile(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}

/** Bytes of the write-ahead log beside a file: more than 0 where it is open or its program died. */
export function logBytes(path: string): number {
  return statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0
}

/** @throws StorageError `taken` where a file of that name is there, or the log of one that is open or was lost; AppError not-found where the folder is missing */
export function assertNameIsFree(target: string, { overwrite = false } = {}): void {
  if (!existsSync(dirname(target)))
    throw new AppError('not-found', `The folder for ${basename(target)} is not there.`, {
      hint: 'Choose another folder.',
    })
  if (!overwrite && existsSync(target)) throw taken(target)
  // SQLite would play a log that belongs to another file into the new one.
  if (logBytes(target) > 0 || existsSync(`${target}-journal`))
    throw new StorageError(
      'taken',
      `${basename(target)} is open, or changes to it are still beside it; it was not touched.`,
      {
        hint: 'Close it, or choose another name.',
      },
    )
}

/** Renames within one folder, durably. @throws StorageError `taken` */
export function placeFile(temporary: string, target: string, { overwrite = false } = {}): void {
  assertNameIsFree(target, { overwrite })
  if (overwrite) renameSync(temporary, target)
  else giveFreeName(temporary, target)
  flushFolder(dirname(target))
}

export function flushFile(path: string): void {
  const file = openSync(path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** A hard link never replaces a file, however close the race; disks without links get the check alone. */
function giveFreeName(temporary: string, target: string): void {
  try {
    linkSync(temporary, target)
  } catch {
    if (existsSync(target)) throw taken(target)
    renameSync(temporary, target)
    return
  }
  unlinkSync(temporary)
}

function flushFolder(folder: string): void {
  // Windows cannot open a folder and keeps names durable by itself.
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } catch {
    // Some network folders cannot flush names: the file is written all the same.
  } finally {
    closeSync(handle)
  }
}

function taken(target: string): StorageError {
  return new StorageError('taken', `There is already a ${basename(target)} in that folder; it was not touched.`, {
    hint: 'Choose another name.',
  })
}

/** The first 100 bytes of a SQLite file, read without SQLite, so that a file that is none of ours is never touched: https://sqlite.org/fileformat.html#the_database_header */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { AppError } from '../../domain/errors.ts'
import { connect } from './connection.ts'
import { logBytes } from './placeFile.ts'
import { explaining } from './sqliteErrors.ts'

/** `TAND` */
export const projectApplicationId = 0x54414e44
export const headerBytes = 100

export interface FileHeader {
  readonly applicationId: number
  readonly version: number
  readonly sizeBytes: number
}

/**
 * @throws AppError not-found where there is no file, bad-input where it is no Tandem project, storage-failed where it cannot be read
 */
export function readProjectHeader(path: string): FileHeader {
  const header = readHeader(path)
  if (header?.applicationId === projectApplicationId) return header
  throw new AppError('bad-input', `${basename(path)} is not a Tandem project; it was not touched.`, {
    hint: 'Choose a file that ends in .tandem. If this one was a project, save what can still be read of it into a new one.',
  })
}

/** Undefined where the file is no SQLite database. */
export function readHeader(path: string): FileHeader | undefined {
  const bytes = Buffer.alloc(headerBytes)
  const sizeBytes = explaining(path, () => {
    if (statSync(path, { throwIfNoEntry: false }) === undefined)
      throw new AppError('not-found', `${basename(path)} is not there any more.`, { hint: 'Choose the file again.' })
    const file = openSync(path, 'r')
    try {
      const status = fstatSync(file)
      if (!status.isFile()) return 0
      readSync(file, bytes)
      return status.size
    } finally {
      closeSync(file)
    }
  })
  if (sizeBytes < headerBytes || bytes.toString('latin1', 0, 16) !== 'SQLite format 3\0') return undefined
  return { applicationId: bytes.readUInt32BE(68), version: bytes.readUInt32BE(60), sizeBytes }
}

/** The schema's number, with what is still in the log. */
export function readVersion(path: string, header: FileHeader): number {
  if (logBytes(path) === 0) return header.version
  const db = connect(path, 'read')
  try {
    return explaining(path, () => Number(db.pragma('user_version', { simple: true })))
  } finally {
    db.close()
  }
}

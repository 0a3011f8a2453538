import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { StorageError, explainStorage, explaining } from './sqliteErrors.ts'
import { makeFolder } from './testing.ts'

const path = join(import.meta.dirname, 'sqliteErrors.test.ts')
const explained = (code: string) => explainStorage(new SQLite.SqliteError('as SQLite says it', code), path)

describe('what goes wrong on a disk', () => {
  it.each([
    ['SQLITE_FULL', 'full'],
    ['SQLITE_IOERR_SHMSIZE', 'full'],
    ['SQLITE_READONLY', 'read-only'],
    ['SQLITE_READONLY_DIRECTORY', 'read-only'],
    ['SQLITE_CANTOPEN', 'read-only'],
    ['SQLITE_PERM', 'read-only'],
    ['SQLITE_READONLY_DBMOVED', 'vanished'],
    ['SQLITE_IOERR_WRITE', 'failing'],
    ['SQLITE_IOERR_SHORT_READ', 'failing'],
    ['SQLITE_CORRUPT', 'damaged'],
    ['SQLITE_CORRUPT_INDEX', 'damaged'],
    ['SQLITE_NOTADB', 'damaged'],
    ['SQLITE_BUSY', 'busy'],
    ['SQLITE_BUSY_SNAPSHOT', 'busy'],
    ['SQLITE_LOCKED', 'busy'],
  ])('%s is one sentence about the file with what is safe, and a hint', (code, problem) => {
    const error = explained(code)
    expect(error).toBeInstanceOf(StorageError)
    expect(error).toMatchObject({
      code: 'storage-failed',
      problem,
      message: expect.stringMatching(/^[^\n]*sqliteErrors\.test\.ts[^\n]*\b(safe|changed|touched|saved)\b[^\n]*\.$/),
      hint: expect.stringMatching(/^[A-Z].*\.$/),
      cause: expect.objectContaining({ code }),
    })
  })

  it.each(['SQLITE_ERROR', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_MISMATCH', 'SQLITE_RANGE'])(
    '%s stays a defect of the program',
    (code) => {
      const error = new SQLite.SqliteError('as SQLite says it', code)
      expect(explainStorage(error, path)).toBe(error)
    },
  )

  it('a folder that is gone is a file that vanished', () => {
    const error = new SQLite.SqliteError('', 'SQLITE_CANTOPEN')
    expect(explainStorage(error, join(makeFolder(), 'gone/Shoes.tandem'))).toMatchObject({ problem: 'vanished' })
  })

  it.each([
    ['ENOSPC', 'full'],
    ['EROFS', 'read-only'],
    ['EACCES', 'read-only'],
    ['EIO', 'failing'],
    ['EBUSY', 'busy'],
  ])('the system’s %s is %s', (code, problem) => {
    expect(explainStorage(Object.assign(new Error(code), { code, syscall: 'write' }), path)).toMatchObject({ problem })
  })

  it('lets everything else through as it is', () => {
    const read = () => explaining(path, () => readFileSync(join(makeFolder(), 'gone')))
    expect(read).toThrow(expect.objectContaining({ problem: 'vanished' }))
    for (const thrown of [new TypeError('a defect'), 'text', new StorageError('locked', 'It is open.')])
      expect(explainStorage(thrown, path)).toBe(thrown)
  })
})

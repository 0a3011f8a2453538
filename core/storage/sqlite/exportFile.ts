/** A project as one new, compact file: for a copy, or to give away without what the other need not have. */
import { resolve } from 'node:path'
import { statSync } from 'node:fs'
import { connect } from './connection.ts'
import type { Database } from './connection.ts'
import { assertNameIsFree, flushFile, placeFile, removeDatabase, temporaryBeside } from './placeFile.ts'
import type { ProjectFile } from './projectFile.ts'
import { explaining } from './sqliteErrors.ts'

export interface ExportOptions {
  /** Each takes something out of the copy: optimizer state, pictures, paths of this machine. All run in one transaction, with foreign keys. */
  readonly strip?: readonly ((db: Database) => void)[]
  /** Replaces a file of that name. */
  readonly overwrite?: boolean
}

/**
 * Writes a consistent copy while the project stays open and in use, even when it has lost its name. Takes seconds per gigabyte in which the calling process
 * does nothing else. The copy is nobody's: the lock is left out always, and nothing that was taken out can be found in its bytes.
 * @throws StorageError `taken`, `full`, `read-only` ...; what was under that name before is untouched then
 */
export function exportProjectFile(
  file: ProjectFile,
  target: string,
  { strip = [], overwrite = false }: ExportOptions = {},
): { readonly sizeBytes: number } {
  const to = resolve(target)
  if (to === file.path) throw new RangeError(`a project cannot be exported over itself: ${to}`)
  const temporary = temporaryBeside(to)
  return explaining(to, () => {
    assertNameIsFree(to, { overwrite })
    try {
      file.db.prepare('VACUUM INTO ?').run(temporary)
      stripCopy(temporary, to, strip)
      flushFile(temporary)
      placeFile(temporary, to, { overwrite })
    } catch (error) {
      removeDatabase(temporary)
      throw error
    }
    return { sizeBytes: statSync(to).size }
  })
}

function stripCopy(path: string, named: string, strip: readonly ((db: Database) => void)[]): void {
  const db = connect(path, 'draft', named)
  try {
    db.transaction(() => {
      db.exec('DELETE FROM lock')
      for (const take of strip) take(db)
    })()
    if (strip.length > 0) db.exec('VACUUM')
  } finally {
    db.close()
  }
}

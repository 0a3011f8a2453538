/**
 * A project file from a stranger. It is copied first, so that nobody can change what was checked; in the copy nothing runs before its schema has
 * proved to be ours, and everything is verified before it gets its name: structure, constraints (JSON among them), sizes, every hash.
 */
import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { AppError, CancelledError } from '../../domain/errors.ts'
import type { Id } from '../../domain/records.ts'
import { migrations as projectMigrations } from '../project/schema.ts'
import { withoutFolders } from '../project/strip.ts'
import { assertSound, tablesOf } from './checkUndamaged.ts'
import { connect, pageBytes } from './connection.ts'
import type { Database } from './connection.ts'
import { contentIsTrue, largestContentBytes } from './contentTable.ts'
import { readProjectHeader } from './fileHeader.ts'
import { assertNotNewer, migrate, versionOf } from './migrate.ts'
import type { Migration } from './migrate.ts'
import { assertNameIsFree, flushFile, logBytes, placeFile, removeDatabase, temporaryBeside } from './placeFile.ts'
import { quoted } from './readableRows.ts'
import { assertSchema } from './schemaCheck.ts'
import { explainStorage, explaining } from './sqliteErrors.ts'

export interface ImportOptions {
  /** Of the project, as people see it. */
  readonly name: string
  readonly migrations?: readonly Migration[]
  readonly signal?: AbortSignal
  readonly limits?: ImportLimits
}

export interface ImportLimits {
  readonly fileBytes: number
  readonly contentBytes: number
  readonly textBytes: number
}

const defaultLimits: ImportLimits = {
  fileBytes: 64 * 1024 ** 3,
  contentBytes: largestContentBytes,
  textBytes: 16 * 1024 ** 2,
}

/** Of projects that were made by this version, and by earlier ones. */
const usualPageBytes = [pageBytes, 8192, 4096]

/**
 * Copies a project to a free name, with a new id and without the folders that its pictures came from. `integrity_check` takes seconds per gigabyte in which the process does nothing else.
 * @throws AppError bad-input with the reason in one sentence; StorageError when a disk refuses; CancelledError. Nothing is left behind.
 */
export async function importProjectFile(
  source: string,
  target: string,
  { name, migrations = projectMigrations, signal, limits = defaultLimits }: ImportOptions,
): Promise<{ readonly id: Id }> {
  const [from, to] = [resolve(source), resolve(target)]
  explaining(to, () => assertNameIsFree(to))
  assertOutside(from, limits)
  const copy = temporaryBeside(to)
  try {
    await copyFile(from, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE).catch((error: unknown) => {
      throw explainStorage(error, to)
    })
    const id = randomUUID()
    // A connection that could write, or constraints would not be checked.
    const db = connect(copy, 'draft', from)
    try {
      await assertInside(db, from, { migrations, signal, limits })
      migrate(db, to, migrations, { backup: false })
      db.transaction(() => {
        db.exec('DELETE FROM lock')
        // Somebody else's places: to look into one on a Windows network would give the person's credentials away.
        withoutFolders(db)
        db.prepare('UPDATE project SET id = ?, name = ?').run(id, name)
      })()
    } finally {
      db.close()
    }
    flushFile(copy)
    placeFile(copy, to)
    return { id }
  } catch (error) {
    throw explainStorage(error, to)
  } finally {
    removeDatabase(copy)
  }
}

/** What can be seen without opening it as a database. */
function assertOutside(from: string, { fileBytes }: ImportLimits): void {
  const { sizeBytes } = readProjectHeader(from)
  if (sizeBytes > fileBytes) throw refusal(from, `it is larger than ${fileBytes} bytes`)
  if (logBytes(from) > 0)
    throw new AppError(
      'bad-input',
      `${basename(from)} is open in another program or was not closed; it was not touched.`,
      {
        hint: 'Close it there first, or open it here once and close it.',
      },
    )
}

async function assertInside(
  db: Database,
  from: string,
  { migrations, signal, limits }: { migrations: readonly Migration[]; signal?: AbortSignal; limits: ImportLimits },
): Promise<void> {
  explaining(from, () => {
    assertNotNewer(versionOf(db), from, migrations)
    assertSchema(db, from, migrations)
    assertForm(db, from)
    assertSound(db, from, 'integrity_check(1)')
    if (db.prepare('PRAGMA foreign_key_check').get() !== undefined)
      throw refusal(from, 'a row in it refers to something that is not there')
    assertOneProject(db, from)
    for (const table of tablesOf(db)) assertSizes(db, from, table, limits)
  })
  await assertContents(db, from, signal)
}

function assertForm(db: Database, from: string): void {
  const form = ['encoding', 'page_size', 'auto_vacuum'].map((name) => db.pragma(name, { simple: true }))
  if (!usualPageBytes.some((bytes) => form.join() === `UTF-8,${bytes},2`))
    throw refusal(from, `its form is unusual (${form.join(', ')})`)
}

function assertOneProject(db: Database, from: string): void {
  const projects = db.prepare('SELECT count(*) FROM project').pluck().get()
  if (projects !== 1) throw refusal(from, `it holds ${String(projects)} projects`)
}

function assertSizes(db: Database, from: string, table: string, limits: ImportLimits): void {
  const columns = db
    .prepare<[string], { name: string; type: string }>('SELECT name, type FROM pragma_table_info(?)')
    .all(table)
  for (const { name, type } of columns) {
    const limit = type === 'TEXT' ? limits.textBytes : type === 'BLOB' ? limits.contentBytes : undefined
    if (limit === undefined) continue
    const tooLarge = `SELECT 1 FROM ${quoted(table)} WHERE octet_length(${quoted(name)}) > ? LIMIT 1`
    if (db.prepare(tooLarge).get(limit) !== undefined)
      throw refusal(from, `a ${name} in its table ${table} is larger than ${limit} bytes`)
  }
}

async function assertContents(db: Database, from: string, signal: AbortSignal | undefined): Promise<void> {
  const rows = db.prepare<[], { hash: string; data: Buffer }>('SELECT hash, data FROM content ORDER BY rowid').iterate()
  for (const { hash, data } of rows) {
    if (!contentIsTrue(hash, data)) throw refusal(from, 'a content of it is not what its hash says')
    if (signal?.aborted) throw new CancelledError()
    await setImmediate()
  }
}

function refusal(from: string, why: string): AppError {
  return new AppError('bad-input', `${basename(from)} cannot be used: ${why}; it was not touched.`, {
    hint: 'Ask whoever sent it to export it again.',
  })
}

/**
 * Saves what can still be read of a damaged project into a new one. The damaged file is only ever copied; everything happens in the copy. What comes
 * out is a sound project: content that fails its hash is left out, and so is what refers to something that is gone.
 */
import { randomUUID } from 'node:crypto'
import { constants, copyFileSync, existsSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import SQLite from 'better-sqlite3'
import { AppError } from '../../domain/errors.ts'
import { migrations as projectMigrations } from '../project/schema.ts'
import { tablesOf } from './checkUndamaged.ts'
import { connect } from './connection.ts'
import type { Database } from './connection.ts'
import { contentIsTrue } from './contentTable.ts'
import { projectApplicationId } from './fileHeader.ts'
import { migrate, versionOf } from './migrate.ts'
import type { Migration } from './migrate.ts'
import { assertNameIsFree, flushFile, placeFile, removeDatabase, temporaryBeside } from './placeFile.ts'
import { quoted, readableRows } from './readableRows.ts'
import type { TableShape, Value } from './readableRows.ts'
import { rebuildFront } from './rebuildFront.ts'
import { removeDangling } from './removeDangling.ts'
import { assertSchema } from './schemaCheck.ts'
import { explainStorage, explaining } from './sqliteErrors.ts'

export interface SalvagedTable {
  readonly table: string
  /** In the new project. */
  readonly rows: number
  /** Null where some are lost and nothing tells how many. */
  readonly lost: number | null
}

export interface SalvageOptions {
  readonly migrations?: readonly Migration[]
  /** Last changes to the new project: takes out what is no longer whole. */
  readonly mend?: (db: Database) => void
  /** Gives other work a turn; called between two portions. What it throws ends the work and leaves nothing behind. */
  readonly pause?: () => Promise<void>
}

/** Rows that are read between two pauses, and bytes. */
const portionRows = 500
const portionBytes = 16 * 1024 ** 2

/**
 * @param target a name that is still free
 * @throws AppError bad-input where nothing of a project is left in the file; StorageError when a disk refuses. No file is left behind then.
 */
export async function salvageProjectFile(
  damaged: string,
  target: string,
  { migrations = projectMigrations, mend, pause = async () => undefined }: SalvageOptions = {},
): Promise<readonly SalvagedTable[]> {
  const [from, to] = [resolve(damaged), resolve(target)]
  const copy = temporaryBeside(to)
  const made = temporaryBeside(to)
  try {
    explaining(to, () => assertNameIsFree(to))
    explaining(from, () => copyWithLog(from, copy))
    const source = explaining(from, () => openCopy(copy, migrations))
    let report: SalvagedTable[]
    try {
      const db = connect(made, 'draft', to)
      try {
        report = await copyRows(source, db, to, { migrations, mend, pause })
      } catch (error) {
        throw explainStorage(error, to)
      } finally {
        db.close()
      }
    } finally {
      source.close()
    }
    if (report.every(({ rows }) => rows === 0))
      throw new AppError(
        'bad-input',
        `Nothing of a project could be read from ${basename(from)}; it was not touched.`,
        {
          hint: 'Choose another copy of it.',
        },
      )
    explaining(to, () => {
      flushFile(made)
      placeFile(made, to)
    })
    return report
  } finally {
    removeDatabase(copy)
    removeDatabase(made)
  }
}

function copyWithLog(from: string, copy: string): void {
  if (!existsSync(from))
    throw new AppError('not-found', `${basename(from)} is not there any more.`, { hint: 'Choose the file again.' })
  if (!statSync(from).isFile()) throw new AppError('bad-input', `${basename(from)} is not a file.`)
  for (const suffix of ['', '-wal'])
    if (existsSync(from + suffix)) copyFileSync(from + suffix, copy + suffix, constants.COPYFILE_FICLONE)
}

/** A connection that reads on over damage; the list of tables is ours, written anew if need be. */
function openCopy(copy: string, migrations: readonly Migration[]): Database {
  const open = () => {
    const db = new SQLite(copy)
    try {
      db.unsafeMode()
      db.pragma('trusted_schema = OFF')
      db.pragma('cell_size_check = ON')
      // Otherwise a file that is shorter than it says is refused as a whole.
      db.pragma('writable_schema = ON')
      assertSchema(db, copy, migrations)
      return db
    } catch (error) {
      db.close()
      throw error
    }
  }
  try {
    return open()
  } catch (error) {
    if (!(error instanceof SQLite.SqliteError || error instanceof AppError)) throw error
    // The log goes with the beginning that it was to be played into.
    for (const suffix of ['-wal', '-shm']) removeDatabase(copy + suffix)
    rebuildFront(copy, migrations)
    return open()
  }
}

async function copyRows(
  source: Database,
  db: Database,
  target: string,
  { migrations, mend, pause }: Required<Pick<SalvageOptions, 'migrations' | 'pause'>> & Pick<SalvageOptions, 'mend'>,
): Promise<SalvagedTable[]> {
  const version = versionOf(source)
  db.pragma(`application_id = ${projectApplicationId}`)
  const then = migrations.filter((migration) => migration.version <= version)
  migrate(db, target, then)
  // Until everything is there; then whatever refers to nothing goes.
  db.pragma('foreign_keys = OFF')
  const shapes = tablesOf(db)
    .filter((table) => table !== 'lock')
    .map((table) => shapeOf(db, table))
  const known = new Map<string, number | null>()
  for (const shape of shapes) known.set(shape.name, await copyTable(source, db, shape, pause))
  db.transaction(() => {
    removeDangling(db, tablesOf(db))
    mend?.(db)
  })()
  const report = shapes.map(({ name }) => {
    const rows =
      db
        .prepare<[], number>(`SELECT count(*) FROM ${quoted(name)}`)
        .pluck()
        .get() ?? 0
    const before = known.get(name) ?? null
    return { table: name, rows, lost: before === null ? null : Math.max(0, before - rows) }
  })
  migrate(db, target, migrations, { backup: false })
  giveIdentity(db, basename(target, '.tandem'))
  return report
}

/** A project must know its name, even when just that is lost. */
function giveIdentity(db: Database, name: string): void {
  if (db.prepare('SELECT 1 FROM project').get() !== undefined) return
  const createdAt = new Date().toISOString()
  db.prepare('INSERT INTO project (id, name, created_at) VALUES (?, ?, ?)').run(randomUUID(), name, createdAt)
}

/** Copies what can be read and belongs there. @returns how many rows there were; null where nothing tells */
async function copyTable(
  source: Database,
  db: Database,
  shape: TableShape,
  pause: () => Promise<void>,
): Promise<number | null> {
  const insert = createInsert(db, shape)
  const insertAll = db.transaction((rows: readonly Value[][]) => rows.forEach(insert))
  const rows = readableRows(source, shape)
  let seen = 0
  let whole: boolean | undefined
  while (whole === undefined) {
    const portion: Value[][] = []
    for (let bytes = 0; portion.length < portionRows && bytes < portionBytes;) {
      const next = rows.next()
      if (next.done === true) {
        whole = next.value
        break
      }
      portion.push(next.value)
      for (const value of next.value) if (Buffer.isBuffer(value)) bytes += value.length
    }
    insertAll(portion)
    seen += portion.length
    await pause()
  }
  return whole ? seen : countByIndex(source, shape.name, seen)
}

/** Rows that break a constraint of the schema are what damage makes of rows: left out. */
function createInsert(db: Database, { name, columns }: TableShape): (row: Value[]) => void {
  const places = columns.map(() => '?').join(', ')
  const insert = db.prepare(`INSERT INTO ${quoted(name)} (${columns.map(quoted).join(', ')}) VALUES (${places})`)
  const [hash, data] = name === 'content' ? [columns.indexOf('hash'), columns.indexOf('data')] : []
  return (row) => {
    if (hash !== undefined && data !== undefined && !contentIsTrue(row[hash], row[data])) return
    try {
      insert.run(...row)
    } catch (error) {
      if (!(error instanceof SQLite.SqliteError) || !error.code.startsWith('SQLITE_CONSTRAINT')) throw error
    }
  }
}

/** An index that is not damaged still knows how many rows the table had. */
function countByIndex(source: Database, table: string, seen: number): number | null {
  try {
    const count =
      source
        .prepare<[], number>(`SELECT count(*) FROM ${quoted(table)}`)
        .pluck()
        .get() ?? 0
    return count < seen ? null : count
  } catch (error) {
    if (error instanceof SQLite.SqliteError) return null
    throw error
  }
}

function shapeOf(db: Database, name: string): TableShape {
  const columns = db
    .prepare<[string], { name: string; pk: number }>('SELECT name, pk FROM pragma_table_info(?) ORDER BY cid')
    .all(name)
  const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk)
  const withoutRowid = db
    .prepare<[string], number>("SELECT wr FROM pragma_table_list(?) WHERE schema = 'main'")
    .pluck()
    .get(name)
  const names = (list: typeof columns) => list.map((column) => column.name)
  return { name, columns: names(columns), key: names(key), hasRowid: withoutRowid !== 1 }
}

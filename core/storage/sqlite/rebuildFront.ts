/**
 * A file whose beginning is damaged has lost the list of its tables, but not the tables: in files with incremental vacuum every
 * table begins on a page that follows from the order in which tables and indexes were made. So the list can be written anew.
 */
import { closeSync, ftruncateSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import SQLite from 'better-sqlite3'
import { pageBytes } from './connection.ts'
import type { Database } from './connection.ts'
import { headerBytes } from './fileHeader.ts'
import { latestVersion } from './migrate.ts'
import type { Migration } from './migrate.ts'
import { buildEmpty, listSchema } from './schemaCheck.ts'
import type { SchemaRow } from './schemaCheck.ts'

/** Writes a new first page and a new list of tables into a file that is a copy. */
export function rebuildFront(copy: string, migrations: readonly Migration[]): void {
  const file = openSync(copy, 'r+')
  let schema: SchemaRow[]
  try {
    const found = Buffer.alloc(headerBytes)
    readSync(file, found, 0, headerBytes, 0)
    const claimed = found.readUInt32BE(60)
    const version = migrations.some((migration) => migration.version === claimed) ? claimed : latestVersion(migrations)
    const empty = buildEmpty(migrations, version)
    schema = likelier(file, empty)
    // What is written anew must not come to lie where a table of a file that was cut off begins.
    const pages = Math.max(Math.floor(statSync(copy).size / pageBytes), ...schema.map(({ page }) => page))
    ftruncateSync(file, pages * pageBytes)
    writeSync(file, firstPage(empty.serialize(), pages), 0, pageBytes, 0)
    empty.close()
  } finally {
    closeSync(file)
  }
  const db = new SQLite(copy)
  try {
    db.unsafeMode()
    db.pragma('journal_mode = OFF')
    db.pragma('writable_schema = ON')
    const insert = db.prepare('INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)')
    db.transaction(() => {
      for (const { type, name, table, page, sql } of schema) insert.run(type, name, table, page, sql)
    })()
  } finally {
    db.close()
  }
}

/** Of the two orders there are (as migrations make them, as VACUUM makes them) the one whose pages look like what should be there. */
function likelier(file: number, empty: Database): SchemaRow[] {
  const made = listSchema(empty)
  empty.exec('VACUUM')
  const vacuumed = listSchema(empty)
  const fits = (schema: SchemaRow[]) => schema.filter((row) => looksLike(file, row)).length
  return fits(vacuumed) > fits(made) ? vacuumed : made
}

function looksLike(file: number, { page, sql }: SchemaRow): boolean {
  const kind = Buffer.alloc(1)
  readSync(file, kind, 0, 1, (page - 1) * pageBytes)
  const isTable = kind[0] === 0x0d || kind[0] === 0x05
  const isIndex = kind[0] === 0x0a || kind[0] === 0x02
  return /^\s*CREATE TABLE/i.test(sql ?? '') && !/WITHOUT ROWID/i.test(sql ?? '') ? isTable : isIndex
}

/** The header of an empty file, told the size of this one, before a list of tables with nothing in it. */
function firstPage(empty: Buffer, pages: number): Buffer {
  const page = Buffer.alloc(pageBytes)
  empty.copy(page, 0, 0, headerBytes)
  const changeCounter = page.readUInt32BE(24)
  page.writeUInt32BE(pages, 28)
  page.writeUInt32BE(0, 32) // no list of free pages: new ones are taken at the end
  page.writeUInt32BE(0, 36)
  page.writeUInt32BE(changeCounter, 92) // says that the number of pages is valid
  page[headerBytes] = 0x0d
  page.writeUInt16BE(pageBytes, headerBytes + 5)
  return page
}

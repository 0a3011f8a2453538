/**
 * A project's schema is what our migrations make and nothing else. What a stranger may plant in a file (triggers, views, virtual tables,
 * altered constraints) is found by comparing every line of sqlite_schema; it costs a fraction of a millisecond, so it is done at every opening.
 */
import { basename } from 'node:path'
import SQLite from 'better-sqlite3'
import { AppError } from '../../domain/errors.ts'
import { shapeFile } from './connection.ts'
import type { Database } from './connection.ts'
import { versionOf } from './migrate.ts'
import type { Migration } from './migrate.ts'

export interface SchemaRow {
  readonly type: string
  readonly name: string
  readonly table: string
  readonly page: number
  readonly sql: string | null
}

/** An empty database in memory as it is after all migrations up to a version. The caller closes it. */
export function buildEmpty(migrations: readonly Migration[], version: number): Database {
  const db = new SQLite(':memory:')
  shapeFile(db)
  for (const migration of migrations) if (migration.version <= version) migration.up(db)
  db.pragma(`user_version = ${version}`)
  return db
}

export function listSchema(db: Database): SchemaRow[] {
  return db
    .prepare<[], SchemaRow>(
      'SELECT type, name, tbl_name AS "table", rootpage AS page, sql FROM sqlite_schema ORDER BY rowid',
    )
    .all()
}

/** @throws AppError bad-input, naming the first thing that is not as our migrations make it */
export function assertSchema(db: Database, path: string, migrations: readonly Migration[]): void {
  const version = versionOf(db)
  const foreign = (what: string) =>
    new AppError('bad-input', `${basename(path)} was not made by Tandem Studio: ${what}; it was not touched.`, {
      hint: 'Ask whoever sent it for a copy that the program exported.',
    })
  if (!migrations.some((migration) => migration.version === version)) throw foreign(`its form is ${version}`)
  const expected = expectedSchema(migrations, version)
  const missing = new Set(expected)
  for (const { type, name, table, sql } of listSchema(db)) {
    const line = lineOf(type, name, table, sql)
    if (!missing.delete(line)) throw foreign(`it has the ${type} “${name.slice(0, 60)}”, which no project has`)
  }
  const [first] = missing
  if (first !== undefined) throw foreign(`it has no ${first.split('\n', 2).join(' “')}”`)
}

const known = new WeakMap<readonly Migration[], Map<number, readonly string[]>>()

function expectedSchema(migrations: readonly Migration[], version: number): readonly string[] {
  const versions = known.get(migrations) ?? new Map<number, readonly string[]>()
  known.set(migrations, versions)
  const found = versions.get(version)
  if (found !== undefined) return found
  const empty = buildEmpty(migrations, version)
  const lines = listSchema(empty).map(({ type, name, table, sql }) => lineOf(type, name, table, sql))
  empty.close()
  versions.set(version, lines)
  return lines
}

function lineOf(type: string, name: string, table: string, sql: string | null): string {
  return [type, name, table, sql ?? ''].join('\n')
}

/**
 * Bringing a file up to date: numbered steps, forward only, all that are missing in one transaction. A file that holds anything is first
 * copied beside itself (`Name.tandem-backup-v10`). The copy stays for at least a week: it goes when the file is opened for
 * writing after that, which proves that the new form is good.
 */
import { readdirSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Database } from './connection.ts'
import { flushFile, placeFile, removeDatabase, temporaryBeside } from './placeFile.ts'
import { StorageError, explainStorage } from './sqliteErrors.ts'

export interface Migration {
  /** 10, 20, 30 ...; becomes the file's user_version. */
  readonly version: number
  readonly up: (db: Database) => void
}

export interface Migrated {
  readonly from: number
  readonly to: number
  /** Where the copy from before is; null where nothing was to be done or the file was empty. */
  readonly backup: string | null
}

const backupKeptMs = 7 * 24 * 3600 * 1000

export function latestVersion(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0
}

export function versionOf(db: Database): number {
  return Number(db.pragma('user_version', { simple: true }))
}

/**
 * @param options.guard runs inside the transaction; what it throws leaves the file as it was
 * @param options.backup false for a file that is itself a copy
 * @throws StorageError `newer` where the file is ahead of this program, or when the disk refuses; the file is as it was then
 */
export function migrate(
  db: Database,
  path: string,
  migrations: readonly Migration[],
  { guard, backup: wanted = true }: { guard?: () => void; backup?: boolean } = {},
): Migrated {
  assertInOrder(migrations)
  const [from, to] = [versionOf(db), latestVersion(migrations)]
  assertNotNewer(from, path, migrations)
  if (from === to) return { from, to, backup: null }
  const name = basename(path)
  let backup: string | null = null
  try {
    if (wanted && from > 0 && !db.memory) backup = backUp(db, path, from)
    // Steps that build a table anew need them off, and they cannot be switched inside a transaction; all are checked before it ends.
    db.pragma('foreign_keys = OFF')
    db.transaction(() => {
      guard?.()
      // Another process may have been quicker.
      if (versionOf(db) === to) return
      for (const { version, up } of migrations) if (version > from) up(db)
      const broken = db.prepare('PRAGMA foreign_key_check').all().length
      if (broken > 0) throw new Error(`${broken} rows refer to nothing after migrating from ${from} to ${to}`)
      db.pragma(`user_version = ${to}`)
    }).immediate()
  } catch (error) {
    if (backup !== null) rmSync(backup, { force: true })
    const explained = explainStorage(error, path)
    if (explained instanceof StorageError) throw explained
    throw new StorageError('failing', `${name} could not be brought up to date; it is as it was.`, {
      cause: error,
      hint: 'Go on with the version of the program that made it, and report this.',
    })
  } finally {
    db.pragma('foreign_keys = ON')
  }
  return { from, to, backup }
}

/** @throws StorageError `newer` */
export function assertNotNewer(version: number, path: string, migrations: readonly Migration[]): void {
  const latest = latestVersion(migrations)
  if (version <= latest) return
  throw new StorageError(
    'newer',
    `${basename(path)} was made by a newer version of Tandem Studio (its form is ${version}, this version knows ${latest}); it was not touched.`,
    { hint: 'Open it with that version, or bring this one up to date.' },
  )
}

/** Removes copies from before a migration that are older than a week. */
export function removeOldBackups(path: string, nowMs: number): void {
  const begins = `${basename(path)}-backup-v`
  for (const name of readdirSync(dirname(path))) {
    // Only what was made here: a person may keep something of their own under such a name.
    if (!name.startsWith(begins) || !/^\d+$/.test(name.slice(begins.length))) continue
    const backup = join(dirname(path), name)
    const status = statSync(backup, { throwIfNoEntry: false })
    if (status !== undefined && nowMs - status.mtimeMs > backupKeptMs) rmSync(backup, { force: true })
  }
}

function backUp(db: Database, path: string, version: number): string {
  const backup = `${path}-backup-v${version}`
  const temporary = temporaryBeside(path)
  try {
    db.prepare('VACUUM INTO ?').run(temporary)
    flushFile(temporary)
    placeFile(temporary, backup, { overwrite: true })
  } catch (error) {
    removeDatabase(temporary)
    throw error
  }
  return backup
}

function assertInOrder(migrations: readonly Migration[]): void {
  let before = 0
  for (const { version } of migrations) {
    if (!Number.isInteger(version) || version % 10 !== 0 || version <= before)
      throw new RangeError(`migration ${version} after ${before}: they are numbered by tens, upwards`)
    before = version
  }
}

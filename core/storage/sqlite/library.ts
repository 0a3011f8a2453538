/**
 * Which projects this machine has seen, settings, and where the window was. Losing it loses nothing but the list, so a library that cannot be used is
 * set aside under another name and a fresh one begun.
 */
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { AppError } from '../../domain/errors.ts'
import type { ContentHash, Id, Timestamp } from '../../domain/records.ts'
import { assertSound } from './checkUndamaged.ts'
import { closeTidily, connect } from './connection.ts'
import type { Database } from './connection.ts'
import { readHeader, readVersion } from './fileHeader.ts'
import { libraryMigrations } from './librarySchema.ts'
import { assertNotNewer, migrate, removeOldBackups } from './migrate.ts'
import { assertSchema } from './schemaCheck.ts'
import { StorageError, explaining, storageError } from './sqliteErrors.ts'
import { createTransactions } from './transactions.ts'

export interface LibraryProject {
  readonly id: Id
  /** Absolute. */
  readonly path: string
  readonly name: string
  readonly openedAt: Timestamp
  readonly binnedAt: Timestamp | null
  /** Content of a small picture in the project. */
  readonly thumbnail: ContentHash | null
}

/** In pixels of the screen. */
export interface WindowState {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly maximized: boolean
}

export interface Library {
  readonly db: Database
  /** One sentence where an earlier library had to be set aside; null otherwise. */
  readonly note: string | null
  /** Newest first, with what is in the bin. */
  listProjects(): LibraryProject[]
  findProject(id: Id): LibraryProject | undefined
  /** Notes a project that was opened. Another that was at that path is forgotten: it is not there any more. */
  rememberProject(project: Omit<LibraryProject, 'binnedAt'>): void
  /** @param at null takes it out of the bin */
  binProject(id: Id, at: Timestamp | null): void
  /** Leaves the file alone. */
  forgetProject(id: Id): void
  /** As it was set, undefined where it never was; who asks validates. */
  setting(key: string): unknown
  /** @param value anything that JSON can say */
  setSetting(key: string, value: unknown): void
  listSettings(): Record<string, unknown>
  windowState(name: string): WindowState | undefined
  setWindowState(name: string, state: WindowState): void
  close(): void
}

/** `TLIB` */
const libraryApplicationId = 0x544c4942

/** @param folder made where it is not there @throws StorageError when the disk refuses */
export function openLibrary(folder: string, { clock = () => new Date().toISOString() } = {}): Library {
  const path = join(resolve(folder), 'library.sqlite')
  return explaining(path, () => {
    mkdirSync(folder, { recursive: true })
    try {
      return libraryOver(openDatabase(path, clock()), path, null)
    } catch (error) {
      const why = reasonToSetAside(error)
      if (why === null) throw error
      const aside = setAside(path, clock())
      const note = `The list of projects ${why} and was set aside as ${basename(aside)}; no project was touched, open them once to see them here again.`
      return libraryOver(openDatabase(path, clock()), path, note)
    }
  })
}

function openDatabase(path: string, now: Timestamp): Database {
  if (existsSync(path)) {
    const header = readHeader(path)
    if (header === undefined) throw storageError('damaged', path)
    assertNotNewer(readVersion(path, header), path, libraryMigrations)
  }
  const db = connect(path, 'create')
  try {
    assertSound(db, path, 'quick_check(1)')
    const { backup } = migrate(db, path, libraryMigrations)
    assertSchema(db, path, libraryMigrations)
    db.pragma(`application_id = ${libraryApplicationId}`)
    if (backup === null) removeOldBackups(path, Date.parse(now))
    return db
  } catch (error) {
    closeTidily(db)
    throw error
  }
}

function reasonToSetAside(error: unknown): string | null {
  if (error instanceof StorageError && error.problem === 'newer') return 'belongs to a newer version of Tandem Studio'
  if (error instanceof StorageError && error.problem === 'damaged') return 'was damaged'
  return error instanceof AppError && error.code === 'bad-input' ? 'was not what it should be' : null
}

function setAside(path: string, now: Timestamp): string {
  const aside = path.replace(/\.sqlite$/, `-set-aside-${now.replaceAll(/[:.]/g, '-')}.sqlite`)
  for (const suffix of ['', '-wal', '-shm', '-journal'])
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix)
  return aside
}

const projectColumns = 'id, path, name, opened_at AS openedAt, binned_at AS binnedAt, thumbnail'

function libraryOver(db: Database, path: string, note: string | null): Library {
  const { write, read } = createTransactions(db, path, () => undefined)
  const list = db.prepare<[], LibraryProject>(`SELECT ${projectColumns} FROM project ORDER BY opened_at DESC, id`)
  const find = db.prepare<[Id], LibraryProject>(`SELECT ${projectColumns} FROM project WHERE id = ?`)
  const forgetOthers = db.prepare('DELETE FROM project WHERE path = ? AND id <> ?')
  const remember = db.prepare(`
    INSERT INTO project (id, path, name, opened_at, thumbnail) VALUES (@id, @path, @name, @openedAt, @thumbnail)
    ON CONFLICT (id) DO UPDATE SET path = @path, name = @name, opened_at = @openedAt, thumbnail = @thumbnail, binned_at = NULL`)
  const bin = db.prepare('UPDATE project SET binned_at = ? WHERE id = ?')
  const forget = db.prepare('DELETE FROM project WHERE id = ?')
  const get = {
    setting: db.prepare<[string], string>('SELECT value FROM setting WHERE key = ?').pluck(),
    window: db.prepare<[string], string>('SELECT state FROM window WHERE name = ?').pluck(),
  }
  const set = {
    setting: db.prepare('INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)'),
    window: db.prepare('INSERT OR REPLACE INTO window (name, state) VALUES (?, ?)'),
  }
  const listSettings = db.prepare<[], { key: string; value: string }>('SELECT key, value FROM setting ORDER BY key')
  const parse = (text: string | undefined): unknown => (text === undefined ? undefined : JSON.parse(text))

  return {
    db,
    note,
    listProjects: () => read(() => list.all()),
    findProject: (id) => read(() => find.get(id)),
    rememberProject: (project) =>
      write(() => {
        forgetOthers.run(project.path, project.id)
        remember.run(project)
      }),
    binProject: (id, at) => write(() => void bin.run(at, id)),
    forgetProject: (id) => write(() => void forget.run(id)),
    setting: (key) => read(() => parse(get.setting.get(key))),
    setSetting: (key, value) => write(() => void set.setting.run(key, JSON.stringify(value))),
    listSettings: () => read(() => Object.fromEntries(listSettings.all().map(({ key, value }) => [key, parse(value)]))),
    windowState: (name) => read(() => parse(get.window.get(name)) as WindowState | undefined),
    setWindowState: (name, state) => write(() => void set.window.run(name, JSON.stringify(state))),
    close: () => closeTidily(db),
  }
}

import { existsSync, readFileSync, readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { lockTableSql } from './lock.ts'
import { migrate } from './migrate.ts'
import type { Migration } from './migrate.ts'
import { createProjectFile, openProjectFile } from './projectFile.ts'
import { makeFolder } from './testing.ts'

const first: Migration = {
  version: 10,
  up: (db) =>
    db.exec(`${lockTableSql}
      CREATE TABLE project (id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, created_at TEXT NOT NULL) STRICT;
      CREATE TABLE pet (id INTEGER PRIMARY KEY, name TEXT NOT NULL, project_id TEXT NOT NULL REFERENCES project (id)) STRICT;`),
}
const second: Migration = {
  version: 20,
  // Builds the parent anew, which foreign keys would forbid.
  up: (db) =>
    db.exec(`
      CREATE TABLE fresh (id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, created_at TEXT NOT NULL, colour TEXT NOT NULL DEFAULT 'red') STRICT;
      INSERT INTO fresh (id, name, created_at) SELECT id, name, created_at FROM project;
      DROP TABLE project;
      ALTER TABLE fresh RENAME TO project;`),
}
const third: Migration = { version: 30, up: (db) => db.exec('ALTER TABLE pet ADD COLUMN age INTEGER') }

function makeOld(): string {
  const path = join(makeFolder(), 'Shoes.tandem')
  const file = createProjectFile(path, { name: 'Shoes', id: 'p', migrations: [first] })
  file.write(() => file.db.exec("INSERT INTO pet VALUES (1, 'Ada', 'p')"))
  file.close()
  return path
}

function open(path: string, migrations: readonly Migration[], access: 'read' | 'write' = 'write', now?: string) {
  const clock = () => now ?? new Date().toISOString()
  const file = openProjectFile(path, { access, migrations, clock })
  onTestFinished(() => file.close())
  return file
}

describe('migrate', () => {
  it('runs all that is missing once, keeps the rows, and leaves a copy from before', () => {
    const path = makeOld()
    const file = open(path, [first, second, third])
    expect(file.db.pragma('user_version', { simple: true })).toBe(30)
    expect(
      file.db.prepare('SELECT pet.name, age, colour FROM pet JOIN project ON project.id = project_id').all(),
    ).toEqual([{ name: 'Ada', age: null, colour: 'red' }])
    expect(file.db.pragma('foreign_keys', { simple: true })).toBe(1)
    file.close()
    const backup = `${path}-backup-v10`
    expect(readdirSync(join(path, '..')).sort()).toEqual(['Shoes.tandem', 'Shoes.tandem-backup-v10'])
    const old = new SQLite(backup, { readonly: true })
    onTestFinished(() => void old.close())
    expect(old.pragma('user_version', { simple: true })).toBe(10)
    expect(old.prepare('SELECT name FROM pet').pluck().all()).toEqual(['Ada'])
    const again = open(path, [first, second, third])
    expect(migrate(again.db, path, [first, second, third])).toEqual({ from: 30, to: 30, backup: null })
  })

  it('keeps the copy for a week of openings, then lets it go', () => {
    const path = makeOld()
    const all = [first, second, third]
    const backup = `${path}-backup-v10`
    open(path, all).close()
    open(path, all).close()
    expect(existsSync(backup)).toBe(true)
    utimesSync(backup, new Date('2025-01-01'), new Date('2025-01-01'))
    open(path, all, 'write', '2025-01-07T00:00:00.000Z').close()
    expect(existsSync(backup)).toBe(true)
    open(path, all, 'read', '2025-01-09T00:00:00.000Z').close()
    expect(existsSync(backup)).toBe(true)
    open(path, all, 'write', '2025-01-09T00:00:00.000Z').close()
    expect(existsSync(backup)).toBe(false)
  })

  it.each<[string, Migration['up']]>([
    [
      'throws',
      () => {
        throw new Error('a defect')
      },
    ],
    ['breaks SQL', (db) => db.exec('CREATE TABLE half (a); CREATE TABLE half (a)')],
    ['leaves a row that refers to nothing', (db) => db.exec('DELETE FROM project')],
  ])('that %s leaves the file as it was, and the lock free', (_, up) => {
    const path = makeOld()
    const before = readFileSync(path)
    expect(() => open(path, [first, second, { version: 30, up }])).toThrow(
      'Shoes.tandem could not be brought up to date; it is as it was.',
    )
    expect(readdirSync(join(path, '..'))).toEqual(['Shoes.tandem'])
    const file = open(path, [first], 'read')
    expect(file.db.prepare('SELECT name FROM pet').pluck().all()).toEqual(['Ada'])
    expect(file.db.prepare('SELECT count(*) FROM lock').pluck().get()).toBe(0)
    expect(readFileSync(path).length).toBe(before.length)
  })

  it('says so when the disk is full, and leaves no half copy', () => {
    const path = makeOld()
    const db = new SQLite(path)
    onTestFinished(() => void db.close())
    const up: Migration['up'] = (inside) => {
      inside.pragma(`max_page_count = ${String(inside.pragma('page_count', { simple: true }))}`)
      for (let table = 0; table < 50; table++) inside.exec(`CREATE TABLE big${table} (a)`)
    }
    expect(() => migrate(db, path, [first, { version: 20, up }])).toThrow(expect.objectContaining({ problem: 'full' }))
    expect(db.pragma('user_version', { simple: true })).toBe(10)
    expect(readdirSync(join(path, '..'))).toEqual(['Shoes.tandem'])
  })

  it('does not happen to a file that is opened to look only', () => {
    const path = makeOld()
    const before = readFileSync(path)
    expect(() => open(path, [first, second], 'read')).toThrow(/was made by an older version .* it was not touched/)
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('refuses a list that is out of order or not by tens', () => {
    const db = new SQLite(':memory:')
    expect(() => migrate(db, ':memory:', [second, first])).toThrow(RangeError)
    expect(() => migrate(db, ':memory:', [{ version: 15, up: () => undefined }])).toThrow(RangeError)
  })

  it('refuses a schema that is not what the older version made', () => {
    const path = makeOld()
    new SQLite(path).exec('CREATE VIEW evil AS SELECT 1').close()
    expect(() => open(path, [first, second])).toThrow(/the view “evil”, which no project has/)
    expect(readdirSync(join(path, '..'))).toEqual(['Shoes.tandem'])
  })
})

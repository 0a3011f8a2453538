import { copyFileSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { migrations } from '../project/schema.ts'
import { connect } from './connection.ts'
import { beat } from './projectFile.ts'
import { create, makeFolder, makeProject, nameIn, open, rename } from './testing.ts'

describe('a project file', () => {
  it('is a single file with its mark, its version and its one row once it is closed', () => {
    const path = makeProject()
    expect(readdirSync(join(path, '..'))).toEqual(['Shoes.tandem'])
    const bytes = readFileSync(path)
    expect(bytes.toString('latin1', 68, 72)).toBe('TAND')
    expect(bytes.readUInt32BE(60)).toBe(migrations.at(-1)!.version)
    expect(nameIn(open(path, 'read'))).toBe('Shoes')
  })

  it('keeps every promise of durability on every connection that writes', () => {
    const path = makeProject()
    const host = open(path, 'write')
    const computing = open(path, { join: host.holder! })
    for (const { db } of [host, computing]) {
      const pragma = (name: string) => db.pragma(name, { simple: true })
      expect(pragma('journal_mode')).toBe('wal')
      expect(pragma('synchronous')).toBe(2)
      expect(pragma('foreign_keys')).toBe(1)
      expect(pragma('trusted_schema')).toBe(0)
      expect(pragma('cell_size_check')).toBe(1)
      expect(pragma('auto_vacuum')).toBe(2)
      expect(pragma('busy_timeout')).toBe(5000)
    }
  })

  it('writes with FULL where this build of SQLite would not: on a file that is in WAL mode already', () => {
    const path = makeProject()
    open(path, 'write')
    const plain = new SQLite(path)
    onTestFinished(() => void plain.close())
    plain.prepare('SELECT * FROM project').all()
    expect(plain.pragma('synchronous', { simple: true })).toBe(1)
    const ours = connect(path, 'write')
    onTestFinished(() => void ours.close())
    ours.prepare('SELECT * FROM project').all()
    expect(ours.pragma('synchronous', { simple: true })).toBe(2)
  })

  it('is never made over another file, nor beside the log of another', () => {
    const path = makeProject()
    const before = readFileSync(path)
    expect(() => create(path)).toThrow('There is already a Shoes.tandem in that folder; it was not touched.')
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(() => create(join(path, '../no/such/Shoes.tandem'))).toThrow(expect.objectContaining({ code: 'not-found' }))
    renameSync(path, `${path}-wal`)
    expect(() => create(path)).toThrow(/changes to it are still beside it/)
    expect(readdirSync(join(path, '..'))).toEqual(['Shoes.tandem-wal'])
  })

  it('is refused with a sentence where it is not a project, and stays as it was', () => {
    const folder = makeFolder()
    const notes = join(folder, 'notes.tandem')
    writeFileSync(
      notes,
      'a shopping list that is longer than the header of a database would be, which is a hundred bytes long.',
    )
    const other = join(folder, 'other.tandem')
    new SQLite(other).exec('CREATE TABLE t (a)').close()
    const empty = join(folder, 'empty.tandem')
    writeFileSync(empty, '')
    for (const path of [notes, other, empty, folder])
      for (const access of ['read', 'write'] as const)
        expect(() => open(path, access)).toThrow(expect.objectContaining({ code: 'bad-input' }))
    expect(() => open(join(folder, 'gone.tandem'), 'read')).toThrow(expect.objectContaining({ code: 'not-found' }))
    expect(() => open(join(folder, 'no/such/gone.tandem'), 'write')).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    )
    expect(readdirSync(folder).sort()).toEqual(['empty.tandem', 'notes.tandem', 'other.tandem'])
  })

  it('of a newer version is refused by name and not touched', () => {
    const path = makeProject()
    const db = new SQLite(path)
    db.pragma('user_version = 990')
    db.close()
    const before = readFileSync(path)
    for (const access of ['read', 'write'] as const)
      expect(() => open(path, access)).toThrow(/Shoes\.tandem was made by a newer version .* 990/)
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('of a newer version is refused even where the number is only in the log of a program that died', () => {
    const path = makeProject()
    const db = new SQLite(path)
    db.pragma('journal_mode = WAL')
    db.pragma('user_version = 990')
    const copy = join(makeFolder(), 'Copy.tandem')
    for (const suffix of ['', '-wal']) copyFileSync(path + suffix, copy + suffix)
    db.close()
    const before = readFileSync(copy)
    expect(() => open(copy, 'write')).toThrow(expect.objectContaining({ problem: 'newer' }))
    expect(readFileSync(copy).equals(before)).toBe(true)
  })

  it.each([
    ['trigger', 'evil', 'CREATE TRIGGER evil AFTER UPDATE ON project BEGIN DELETE FROM content; END'],
    ['view', 'evil', 'CREATE VIEW evil AS SELECT * FROM project'],
    ['table', 'evil', 'CREATE TABLE evil (a)'],
    ['table', 'evil', 'CREATE VIRTUAL TABLE evil USING fts5(a)'],
    ['index', 'evil', 'CREATE INDEX evil ON project (name)'],
    ['table', 'project', 'ALTER TABLE project ADD COLUMN evil TEXT'],
  ])('with a %s planted in it is refused: %s, %s', (type, name, sql) => {
    const path = makeProject()
    new SQLite(path).exec(sql).close()
    const before = readFileSync(path)
    for (const access of ['read', 'write'] as const)
      expect(() => open(path, access)).toThrow(`it has the ${type} “${name}”, which no project has`)
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('without a table that it should have is refused', () => {
    const path = makeProject()
    new SQLite(path).exec('DROP INDEX project_is_one').close()
    expect(() => open(path, 'write')).toThrow('it has no index “project_is_one”')
  })

  it('lets one look while another writes, and shows what is committed', () => {
    const path = makeProject()
    const writer = open(path, 'write')
    const reader = open(path, 'read')
    rename(writer, 'Boots')
    expect(nameIn(reader)).toBe('Boots')
    expect(reader.read(() => [nameIn(reader), rename(writer, 'Hats') && nameIn(reader)])).toEqual(['Boots', 'Boots'])
    expect(nameIn(reader)).toBe('Hats')
    expect([reader.readOnly, reader.holder]).toEqual([true, null])
    expect(() => rename(reader, 'Gloves')).toThrow('Shoes.tandem is open to look only')
    expect(() => reader.db.exec("UPDATE project SET name = 'Gloves'")).toThrow(/readonly/)
  })

  it('takes :memory: for tests', () => {
    const file = create(':memory:')
    rename(file, 'Boots')
    beat(file)
    expect(nameIn(file)).toBe('Boots')
  })
})

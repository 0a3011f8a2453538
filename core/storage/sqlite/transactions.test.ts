import { existsSync } from 'node:fs'
import SQLite from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connect } from './connection.ts'
import { create, makeProject, nameIn, open, rename } from './testing.ts'

describe('write', () => {
  it('saves all or nothing, and nested calls join', () => {
    const file = create(':memory:')
    expect(() =>
      file.write(() => {
        rename(file, 'Boots')
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(nameIn(file)).toBe('Shoes')
    expect(file.write(() => rename(file, 'Hats'))).toBe(1)
    expect(nameIn(file)).toBe('Hats')
    expect(file.db.inTransaction).toBe(false)
  })

  it('refuses work that would go on after the commit', () => {
    const file = create(':memory:')
    expect(() => file.write(async () => rename(file, 'Boots'))).toThrow(TypeError)
    expect(nameIn(file)).toBe('Shoes')
    expect(() => file.read(() => rename(file, 'Boots'))).toThrow(TypeError)
  })

  it('lets mistakes of the program through as they are', () => {
    const file = create(':memory:')
    expect(() => file.write(() => file.db.exec('UPDATE nothing SET a = 1'))).toThrow(SQLite.SqliteError)
    expect(() =>
      file.write(() => file.db.exec('DELETE FROM project; INSERT INTO project VALUES (1, NULL, 1)')),
    ).toThrow(/NOT NULL/)
    expect(nameIn(file)).toBe('Shoes')
  })

  it('says who is busy after waiting', () => {
    const path = makeProject()
    const file = open(path, 'write')
    file.db.pragma('busy_timeout = 1')
    const other = connect(path, 'write')
    onTestFinished(() => void other.close())
    other.exec('BEGIN IMMEDIATE')
    expect(() => rename(file, 'Boots')).toThrow(expect.objectContaining({ problem: 'busy' }))
    other.exec('ROLLBACK')
    rename(file, 'Boots')
    expect(existsSync(path)).toBe(true)
  })
})

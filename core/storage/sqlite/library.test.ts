import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openLibrary } from './library.ts'
import type { Library } from './library.ts'
import { makeFolder, overwriteBytes } from './testing.ts'

function open(folder: string): Library {
  const library = openLibrary(folder, { clock: () => '2025-06-01T12:00:00.000Z' })
  onTestFinished(() => library.close())
  return library
}

const shoes = { id: 'a', path: '/p/Shoes.tandem', name: 'Shoes', openedAt: '2025-01-01T00:00:00.000Z', thumbnail: null }
const hats = { id: 'b', path: '/p/Hats.tandem', name: 'Hats', openedAt: '2025-01-02T00:00:00.000Z', thumbnail: 'ab' }
const named = (library: Library) => library.listProjects().map(({ name }) => name)

describe('the library', () => {
  it('remembers projects, newest first, in a folder that it makes', () => {
    const folder = join(makeFolder(), 'deep/down')
    const library = open(folder)
    expect(library.note).toBeNull()
    library.rememberProject(shoes)
    library.rememberProject(hats)
    library.close()
    const again = open(folder)
    expect(again.listProjects()).toEqual([
      { ...hats, binnedAt: null },
      { ...shoes, binnedAt: null },
    ])
    again.rememberProject({ ...shoes, path: '/q/Shoes.tandem', openedAt: '2025-01-03T00:00:00.000Z' })
    expect(named(again)).toEqual(['Shoes', 'Hats'])
    expect(again.findProject('a')?.path).toBe('/q/Shoes.tandem')
    expect(again.findProject('nobody')).toBeUndefined()
  })

  it('forgets what was at a path where now something else is', () => {
    const library = open(makeFolder())
    library.rememberProject(shoes)
    library.rememberProject({ ...hats, path: shoes.path })
    expect(named(library)).toEqual(['Hats'])
  })

  it('bins, brings back and forgets', () => {
    const library = open(makeFolder())
    library.rememberProject(shoes)
    library.binProject('a', '2025-02-01T00:00:00.000Z')
    expect(library.findProject('a')?.binnedAt).toBe('2025-02-01T00:00:00.000Z')
    library.binProject('a', null)
    expect(library.findProject('a')?.binnedAt).toBeNull()
    library.forgetProject('a')
    expect(library.listProjects()).toEqual([])
  })

  it('keeps settings and windows, and takes names as names', () => {
    const library = open(makeFolder())
    expect(library.setting('theme')).toBeUndefined()
    library.setSetting('theme', { dark: true })
    library.setSetting("'; DROP TABLE setting; --", [1, null])
    library.setSetting('theme', { dark: false })
    expect(library.setting('theme')).toEqual({ dark: false })
    expect(library.listSettings()).toEqual({ "'; DROP TABLE setting; --": [1, null], theme: { dark: false } })
    const state = { x: -5, y: 10, width: 800, height: 600, maximized: false }
    library.setWindowState('main', state)
    expect(library.windowState('main')).toEqual(state)
    expect(library.windowState('other')).toBeUndefined()
    expect(() => library.setSetting('theme', undefined)).toThrow(/NOT NULL/)
  })

  it('can be open twice', () => {
    const folder = makeFolder()
    const [one, two] = [open(folder), open(folder)]
    one.rememberProject(shoes)
    two.rememberProject(hats)
    expect(named(one)).toEqual(['Hats', 'Shoes'])
  })

  it.each<[string, (path: string) => void, RegExp]>([
    ['no database', (path) => writeFileSync(path, 'something else'), /was damaged/],
    ['empty', (path) => writeFileSync(path, ''), /was damaged/],
    ['damaged', (path) => overwriteBytes(path, 8192, Buffer.alloc(20_000, 0x77)), /was damaged/],
    ['of a newer version', (path) => new SQLite(path).exec('PRAGMA user_version = 990').close(), /newer version/],
    ['of another program', (path) => new SQLite(path).exec('DROP TABLE setting').close(), /not what it should be/],
  ])('sets a file aside that is %s, and begins anew', (_, spoil, why) => {
    const folder = makeFolder()
    const path = join(folder, 'library.sqlite')
    const before = open(folder)
    before.rememberProject(shoes)
    before.close()
    spoil(path)
    const library = open(folder)
    expect(library.note).toMatch(why)
    expect(library.note).toContain('library-set-aside-2025-06-01T12-00-00-000Z.sqlite')
    expect(library.listProjects()).toEqual([])
    library.rememberProject(hats)
    library.close()
    expect(readdirSync(folder).sort()).toEqual(['library-set-aside-2025-06-01T12-00-00-000Z.sqlite', 'library.sqlite'])
    const again = open(folder)
    expect([again.note, named(again)]).toEqual([null, ['Hats']])
  })

  it('keeps what its program had saved when it died', () => {
    const folder = makeFolder()
    open(folder).rememberProject(shoes)
    const copy = makeFolder()
    for (const name of ['library.sqlite', 'library.sqlite-wal']) copyFileSync(join(folder, name), join(copy, name))
    expect(named(open(copy))).toEqual(['Shoes'])
  })

  it('says so where its place is taken by a folder or a file', () => {
    const folder = makeFolder()
    mkdirSync(join(folder, 'library.sqlite'))
    const library = open(folder)
    expect(library.note).toMatch(/was damaged/)
    const file = join(makeFolder(), 'file')
    writeFileSync(file, '')
    expect(() => open(file)).toThrow(expect.objectContaining({ code: 'storage-failed' }))
  })
})

import {
  chmodSync,
  copyFileSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkUndamaged } from './checkUndamaged.ts'
import { connect, pageBytes } from './connection.ts'
import { beat, openProjectFile } from './projectFile.ts'
import {
  asOrdinaryUser,
  create,
  fillProject,
  flipByte,
  makeFolder,
  makeProject,
  nameIn,
  open,
  overwriteBytes,
  rename,
} from './testing.ts'

describe('a project file on a bad disk', () => {
  it('can be read, not written, where the file and its folder may not be written', () => {
    const path = makeProject()
    const folder = join(path, '..')
    chmodSync(path, 0o444)
    chmodSync(folder, 0o555)
    onTestFinished(() => chmodSync(folder, 0o777))
    asOrdinaryUser(() => {
      expect(nameIn(open(path, 'read'))).toBe('Shoes')
      expect(() => open(path, 'write')).toThrow(
        expect.objectContaining({
          problem: 'read-only',
          message: 'Shoes.tandem may not be written to; nothing in it was changed.',
        }),
      )
      expect(() => create(join(folder, 'New.tandem'))).toThrow(expect.objectContaining({ problem: 'read-only' }))
    })
    expect(readdirSync(folder)).toEqual(['Shoes.tandem'])
  })

  it('that may not be written is refused for writing in a folder that may', () => {
    const path = makeProject()
    chmodSync(path, 0o444)
    asOrdinaryUser(() => {
      expect(() => open(path, 'write')).toThrow(expect.objectContaining({ problem: 'read-only' }))
      expect(nameIn(open(path, 'read'))).toBe('Shoes')
    })
  })

  it('says so when the disk is full, keeps what was saved, and goes on when there is space', () => {
    const file = create(join(makeFolder(), 'Shoes.tandem'))
    const pages = file.db.pragma('page_count', { simple: true })
    file.db.pragma(`max_page_count = ${String(pages)}`)
    expect(() => fillProject(file, 50)).toThrow(
      expect.objectContaining({ problem: 'full', message: expect.stringContaining('everything before it is safe') }),
    )
    expect(file.db.inTransaction).toBe(false)
    expect(file.db.prepare('SELECT count(*) FROM run').pluck().get()).toBe(0)
    file.db.pragma('max_page_count = 100000')
    fillProject(file, 50)
    expect(file.db.pragma('integrity_check', { simple: true })).toBe('ok')
  })

  it('says so when the file was moved or deleted, instead of writing into nowhere', () => {
    const path = join(makeFolder(), 'Shoes.tandem')
    const file = create(path)
    renameSync(path, `${path}.elsewhere`)
    expect(() => rename(file, 'Boots')).toThrow(
      expect.objectContaining({
        problem: 'vanished',
        message: expect.stringContaining('Shoes.tandem is not where it was'),
      }),
    )
    expect(() => beat(file)).toThrow(expect.objectContaining({ problem: 'vanished' }))
    renameSync(`${path}.elsewhere`, path)
    rename(file, 'Boots')
    copyFileSync(path, `${path}.copy`)
    rmSync(path)
    renameSync(`${path}.copy`, path)
    expect(() => rename(file, 'Hats')).toThrow(expect.objectContaining({ problem: 'vanished' }))
    expect(nameIn(file)).toBe('Boots')
  })

  it('keeps what was committed when its program dies with a log, even one that is cut off', () => {
    const path = join(makeFolder(), 'Shoes.tandem')
    const file = create(path)
    rename(file, 'Boots')
    rename(file, 'Hats')
    const copy = join(makeFolder(), 'Copy.tandem')
    for (const suffix of ['', '-wal']) copyFileSync(path + suffix, copy + suffix)
    const log = readFileSync(`${copy}-wal`).length
    truncateSync(`${copy}-wal`, log - 100)
    // The copy names this process, which lives, as its holder: a minute later nobody believes that.
    const later = () => new Date(Date.now() + 60_000).toISOString()
    const reopened = open(copy, 'write', { clock: later })
    expect(nameIn(reopened)).toBe('Boots')
    expect(reopened.db.pragma('integrity_check', { simple: true })).toBe('ok')
  })

  it('that is damaged is refused with a sentence, and not changed', () => {
    const path = makeProject()
    const file = openProjectFile(path, { access: 'write' })
    fillProject(file, 300)
    const page = file.db.prepare<[], number>("SELECT rootpage FROM sqlite_schema WHERE name = 'result'").pluck().get()!
    file.close()
    overwriteBytes(path, (page - 1) * pageBytes, Buffer.alloc(pageBytes, 0x55))
    const before = readFileSync(path)
    for (const access of ['read', 'write'] as const)
      expect(() => open(path, access)).toThrow(
        expect.objectContaining({ problem: 'damaged', message: 'Shoes.tandem is damaged; nothing in it was changed.' }),
      )
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('with one flipped byte, wherever it is, opens or is refused with a sentence', () => {
    const path = makeProject()
    const file = openProjectFile(path, { access: 'write' })
    fillProject(file, 40)
    file.close()
    const original = readFileSync(path)
    for (let position = 0; position < original.length; position += position < 200 ? 3 : 5003) {
      writeFileSync(path, original)
      flipByte(path, position)
      try {
        openProjectFile(path, { access: position % 8 === 0 ? 'write' : 'read' }).close()
      } catch (error) {
        expect(['storage-failed', 'bad-input'], `byte ${position}`).toContain((error as { code?: unknown }).code)
      }
      rmSync(`${path}-wal`, { force: true })
      rmSync(`${path}-shm`, { force: true })
    }
  })

  it('is read whole when it is small, and without the contents, which prove themselves, when it is large', () => {
    const path = makeProject()
    const file = openProjectFile(path, { access: 'write' })
    fillProject(file, 300)
    const pageOf = (name: string) =>
      file.db.prepare<[string], number>('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(name)!
    const [content, run] = [pageOf('content'), pageOf('run')]
    file.close()
    const check = (sizeBytes: number) => {
      const db = connect(path, 'read')
      try {
        checkUndamaged(db, path, sizeBytes)
      } finally {
        db.close()
      }
    }
    const [small, large] = [1e6, 1e12]
    check(large)
    overwriteBytes(path, (content - 1) * pageBytes, Buffer.alloc(pageBytes, 0x55))
    check(large)
    expect(() => check(small)).toThrow(expect.objectContaining({ problem: 'damaged' }))
    overwriteBytes(path, (run - 1) * pageBytes, Buffer.alloc(pageBytes, 0x55))
    expect(() => check(large)).toThrow(expect.objectContaining({ problem: 'damaged' }))
  })
})

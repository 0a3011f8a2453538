import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { migrations } from '../project/schema.ts'
import { pageBytes } from './connection.ts'
import { openProjectFile } from './projectFile.ts'
import type { ProjectFile } from './projectFile.ts'
import { salvageProjectFile } from './salvage.ts'
import { flipByte, makeFolder } from './testing.ts'

import { count, makeCopy, pagesOf, pristine, ruin, salvage } from './salvageTesting.ts'

const ids = (file: ProjectFile, table: string) =>
  file.db.prepare<[], number>(`SELECT number FROM ${table} ORDER BY number`).pluck().all()

describe('salvage', () => {
  it('saves everything of a file that is not damaged', async () => {
    const { file, report } = await salvage(makeCopy())
    expect(report.filter(({ lost }) => lost !== 0)).toEqual([])
    expect(report.filter(({ rows }) => rows > 0)).toEqual(
      expect.arrayContaining([
        { table: 'project', rows: 1, lost: 0 },
        { table: 'content', rows: count + 1, lost: 0 },
        { table: 'metric', rows: count, lost: 0 },
        { table: 'run_note', rows: count, lost: 0 },
        { table: 'result', rows: count, lost: 0 },
      ]),
    )
    expect(file.db.prepare('SELECT id, name FROM project').all()).toEqual([{ id: 'its-id', name: 'Shoes' }])
  })

  it.each(['the first', 'the middle', 'the last'])(
    'loses the rows of one page and no others: %s of a table',
    async (where) => {
      const path = makeCopy()
      const leaves = pagesOf(path, 'run_note').filter(({ kind }) => kind === 'leaf')
      expect(leaves.length).toBeGreaterThan(20)
      const at = { 'the first': 0, 'the middle': 11, 'the last': leaves.length - 1 }[where]!
      ruin(path, leaves[at]!.number)
      const { file, of, lost } = await salvage(path)
      expect(lost).toEqual([{ table: 'run_note', rows: count - leaves[at]!.cells, lost: leaves[at]!.cells }])
      const before = leaves.slice(0, at).reduce((sum, { cells }) => sum + cells, 0)
      const expected = Array.from({ length: count }, (_, index) => index + 1)
      expected.splice(before, leaves[at]!.cells)
      expect(ids(file, 'run_note')).toEqual(expected)
      expect(of('result').rows).toBe(count)
    },
  )

  it('loses the rows of several pages and no others, the last among them', async () => {
    const path = makeCopy()
    const leaves = pagesOf(path, 'run_note').filter(({ kind }) => kind === 'leaf')
    const bad = [0, 1, 5, 7, 12, leaves.length - 3, leaves.length - 1].map((at) => leaves[at]!)
    for (const { number } of bad) ruin(path, number)
    const { of } = await salvage(path)
    const cells = bad.reduce((sum, page) => sum + page.cells, 0)
    expect(of('run_note')).toEqual({ table: 'run_note', rows: count - cells, lost: cells })
  })

  it('reads tables without rowid from both ends', async () => {
    const path = makeCopy()
    const leaves = pagesOf(path, 'metric').filter(({ kind }) => kind === 'leaf')
    ruin(path, leaves[1]!.number)
    const { file, of } = await salvage(path)
    // One more: the entry above the page cannot be passed from either side.
    expect(of('metric').rows).toBeGreaterThanOrEqual(count - leaves[1]!.cells - 1)
    expect(of('metric').lost).toBeNull()
    expect(file.db.prepare('SELECT min(step), max(step) FROM metric').raw().get()).toEqual([0, count - 1])
  })

  it('leaves out content that is not what it was, and the result that showed it', async () => {
    const path = makeCopy()
    const db = new SQLite(path, { readonly: true })
    const picture = db
      .prepare<[], Buffer>("SELECT data FROM content JOIN result ON picture = hash WHERE id = 'result-77'")
      .pluck()
    const position = readFileSync(path).indexOf(picture.get()!.subarray(0, 64))
    db.close()
    flipByte(path, position + 10)
    const { file, lost } = await salvage(path)
    expect(lost).toEqual([
      { table: 'content', rows: count, lost: 1 },
      { table: 'result', rows: count - 1, lost: 1 },
    ])
    expect(file.db.prepare("SELECT 1 FROM result WHERE id = 'result-77'").get()).toBeUndefined()
  })

  it('loses one content by a page on which it goes on', async () => {
    const path = makeCopy()
    const overflow = pagesOf(path, 'content').filter(({ kind }) => kind === 'overflow')
    expect(overflow.length).toBeGreaterThan(4)
    ruin(path, overflow[2]!.number)
    const { lost } = await salvage(path)
    expect(lost).toEqual([{ table: 'content', rows: count, lost: 1 }])
  })

  it('empties a reference that may be empty', async () => {
    const path = makeCopy()
    const db = new SQLite(path)
    db.pragma('foreign_keys = OFF')
    db.exec("UPDATE result SET initial = (SELECT hash FROM content WHERE size = 100000) WHERE id = 'result-5'")
    db.exec('DELETE FROM content WHERE size = 100000')
    db.close()
    const { file, lost } = await salvage(path)
    expect(lost).toEqual([])
    expect(file.db.prepare("SELECT initial FROM result WHERE id = 'result-5'").pluck().get()).toBeNull()
  })

  it('plays in a log that is there, up to where it is cut off, and does without one that is gone', async () => {
    const folder = makeFolder()
    const path = makeCopy()
    const file = openProjectFile(path, { access: 'write' })
    for (const name of ['Boots', 'Hats', 'Gloves'])
      file.write(() => file.db.prepare('UPDATE project SET name = ?').run(name))
    const copyAs = (name: string, cut: number) => {
      const copy = join(folder, name, 'Copy.tandem')
      mkdirSync(join(folder, name))
      copyFileSync(path, copy)
      copyFileSync(`${path}-wal`, `${copy}-wal`)
      truncateSync(`${copy}-wal`, readFileSync(`${copy}-wal`).length - cut)
      return copy
    }
    const [whole, cut, gone] = [copyAs('whole', 0), copyAs('cut', 100), copyAs('gone', 0)]
    rmSync(`${gone}-wal`)
    file.close()
    const nameIn = async (copy: string) =>
      (await salvage(copy)).file.db.prepare('SELECT name FROM project').pluck().get()
    expect([await nameIn(whole), await nameIn(cut), await nameIn(gone)]).toEqual(['Gloves', 'Hats', 'Shoes'])
  })

  it('names the project after the new file when its name is lost', async () => {
    const path = makeCopy()
    const [page] = pagesOf(path, 'project')
    ruin(path, page!.number)
    const { file, lost } = await salvage(path)
    expect(lost).toEqual([{ table: 'project', rows: 0, lost: 1 }])
    expect(file.db.prepare('SELECT name FROM project').pluck().all()).toEqual(['Saved'])
  })

  it('makes a sound project of any file with a ruined page', async () => {
    const pages = readFileSync(pristine).length / pageBytes
    for (let page = 2; page <= pages; page += 61) {
      const path = makeCopy()
      ruin(path, page)
      await salvage(path)
    }
  })

  it('brings an older file up to date and lets what is not whole be taken out', async () => {
    const later = [
      ...migrations,
      { version: 990, up: (db: SQLite.Database) => db.exec('CREATE TABLE more (a TEXT) STRICT') },
    ]
    const target = join(makeFolder(), 'Saved.tandem')
    const report = await salvageProjectFile(makeCopy(), target, {
      migrations: later,
      mend: (db) => db.exec('DELETE FROM run_note WHERE step < 100'),
    })
    expect(report.find(({ table }) => table === 'run_note')).toEqual({
      table: 'run_note',
      rows: count - 100,
      lost: 100,
    })
    openProjectFile(target, { access: 'write', migrations: later }).close()
  })

  it('refuses what has nothing of a project, and leaves nothing behind', async () => {
    const folder = makeFolder()
    const target = join(folder, 'Saved.tandem')
    const notes = join(makeFolder(), 'notes.tandem')
    for (const text of ['', 'notes', 'x'.repeat(100_000)]) {
      writeFileSync(notes, text)
      await expect(salvageProjectFile(notes, target)).rejects.toThrow(
        'Nothing of a project could be read from notes.tandem',
      )
    }
    await expect(salvageProjectFile(join(folder, 'gone.tandem'), target)).rejects.toMatchObject({ code: 'not-found' })
    await expect(salvageProjectFile(folder, target)).rejects.toMatchObject({ code: 'bad-input' })
    expect(readdirSync(folder)).toEqual([])
    writeFileSync(target, 'precious')
    await expect(salvageProjectFile(makeCopy(), target)).rejects.toMatchObject({ problem: 'taken' })
    expect(readFileSync(target, 'utf8')).toBe('precious')
  })

  it('ends where the caller wants it to end, and leaves nothing behind', async () => {
    const folder = makeFolder()
    const pause = () => Promise.reject(new Error('enough'))
    await expect(salvageProjectFile(makeCopy(), join(folder, 'Saved.tandem'), { pause })).rejects.toThrow('enough')
    expect(readdirSync(folder)).toEqual([])
  })
})

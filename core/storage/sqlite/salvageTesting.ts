/** A project to damage, and what must hold after every salvage. */
import { randomBytes } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { pageBytes } from './connection.ts'
import { contentIsTrue } from './contentTable.ts'
import { createProjectFile, openProjectFile } from './projectFile.ts'
import { salvageProjectFile } from './salvage.ts'
import type { SalvageOptions } from './salvage.ts'
import { fillProject, makeFolder, overwriteBytes, putContent } from './testing.ts'

export const count = 1600
export const pristine = join(makeSharedFolder(), 'Shoes.tandem')

function makeSharedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-salvage-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

beforeAll(() => {
  const file = createProjectFile(pristine, { name: 'Shoes', id: 'its-id' })
  // Some contents go on over several pages, most have a part of one.
  fillProject(file, count, 900)
  file.write(() => putContent(file, randomBytes(100_000)))
  file.close()
})

/** A project with as many rows in each of its long tables, and one content that goes on over several pages. */
export function makeCopy(): string {
  const path = join(makeFolder(), 'Shoes.tandem')
  copyFileSync(pristine, path)
  return path
}

export interface Page {
  readonly number: number
  readonly kind: 'leaf' | 'internal' | 'overflow'
  readonly cells: number
}

/** Pages of a table or index, in the order of their keys. */
export function pagesOf(path: string, name: string): Page[] {
  const db = new SQLite(path, { readonly: true })
  const pages = db
    .prepare<[string], Page>(
      'SELECT pageno AS number, pagetype AS kind, ncell AS cells FROM dbstat WHERE name = ? ORDER BY path',
    )
    .all(name)
  db.close()
  return pages
}

export function ruin(path: string, page: number): void {
  overwriteBytes(path, (page - 1) * pageBytes, Buffer.alloc(pageBytes, 0x5a))
}

/** Salvages, proves that the outcome is sound and the damaged file untouched, and tells what was lost. */
export async function salvage(path: string, options: SalvageOptions = {}) {
  const target = join(makeFolder(), 'Saved.tandem')
  const names = readdirSync(join(path, '..'))
  const before = names.map((name) => readFileSync(join(path, '..', name)))
  const report = await salvageProjectFile(path, target, options)
  expect(readdirSync(join(path, '..'))).toEqual(names)
  expect(names.every((name, at) => readFileSync(join(path, '..', name)).equals(before[at]!))).toBe(true)
  expect(readdirSync(join(target, '..'))).toEqual(['Saved.tandem'])
  const file = openProjectFile(target, { access: 'write', ...options })
  onTestFinished(() => file.close())
  expect(file.db.pragma('integrity_check', { simple: true })).toBe('ok')
  expect(file.db.pragma('foreign_key_check')).toEqual([])
  for (const { hash, data } of file.db
    .prepare<[], { hash: string; data: Buffer }>('SELECT hash, data FROM content')
    .all())
    expect(contentIsTrue(hash, data)).toBe(true)
  const of = (table: string) => report.find((line) => line.table === table)!
  return { file, report, of, lost: report.filter(({ lost }) => lost !== 0) }
}

import { readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { migrations } from '../project/schema.ts'
import type { Database } from './connection.ts'
import { exportProjectFile } from './exportFile.ts'
import { createProjectFile, openProjectFile } from './projectFile.ts'
import { fillProject, flipByte, makeFolder, overwriteBytes } from './testing.ts'

import { count, makeCopy, pagesOf, ruin, salvage } from './salvageTesting.ts'

describe('salvage of a damaged beginning', () => {
  it.each([
    ['the header', (path: string) => overwriteBytes(path, 0, Buffer.alloc(100))],
    ['the whole first page', (path: string) => ruin(path, 1)],
    ['one byte of the header', (path: string) => flipByte(path, 17)],
  ])('saves everything when %s is damaged', async (_, damage) => {
    const path = makeCopy()
    damage(path)
    const { of, lost } = await salvage(path)
    expect(lost).toEqual([])
    expect(of('result').rows).toBe(count)
  })

  it('saves everything when the list of tables is damaged behind the first page', async () => {
    const tables = Array.from({ length: 40 }, (_, i) => `CREATE TABLE long${i} (a /* ${'x'.repeat(500)} */);`)
    const long = { version: 990, up: (db: Database) => void db.exec(tables.join('')) }
    const options = { migrations: [...migrations, long] }
    const path = join(makeFolder(), 'Long.tandem')
    const file = createProjectFile(path, { name: 'Long', ...options })
    fillProject(file, 50)
    file.close()
    const pages = pagesOf(path, 'sqlite_schema')
    expect(pages.length).toBeGreaterThan(1)
    for (const { number } of pages) ruin(path, number)
    const { of, lost } = await salvage(path, options)
    expect(lost).toEqual([])
    expect(of('result').rows).toBe(50)
  })

  it('saves everything of an export whose first page is damaged, where tables lie elsewhere', async () => {
    const path = makeCopy()
    const file = openProjectFile(path, { access: 'write' })
    const exported = join(makeFolder(), 'Export.tandem')
    exportProjectFile(file, exported, { strip: [(db) => db.exec('DELETE FROM metric WHERE step = 3')] })
    file.close()
    ruin(exported, 1)
    const { of, lost } = await salvage(exported)
    expect(lost).toEqual([])
    expect(of('metric').rows).toBe(count - 1)
  })

  it('saves what is in the part that is left of a file that was cut off', async () => {
    const path = makeCopy()
    const size = readFileSync(path).length
    truncateSync(path, Math.floor(size * 0.6))
    const { report } = await salvage(path)
    expect(report.find(({ table }) => table === 'project')).toEqual({ table: 'project', rows: 1, lost: 0 })
    const rows = report.reduce((sum, line) => sum + line.rows, 0)
    expect(rows).toBeGreaterThan(count)
  })
})

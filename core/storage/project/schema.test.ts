import { describe, expect, it } from 'vitest'
import { contentReferences } from './references.ts'
import { hardNames, openTestStore, textBytes } from './testing.ts'

interface ForeignKey {
  child: string
  parent: string
  column: string
}

describe('the form of a project', () => {
  const { file, contents } = openTestStore()
  const { db } = file
  const all = <T>(sql: string) => db.prepare<[], T>(sql).all()
  const foreignKeys = all<ForeignKey>(
    `SELECT m.name AS child, f."table" AS parent, f."from" AS column
     FROM sqlite_schema AS m, pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table' AND f.seq = 0`,
  )

  it('names every column that refers to content, so that no sweep takes what is in use', () => {
    const referring = foreignKeys.filter(({ parent }) => parent === 'content')
    const named = contentReferences.map(([table, column]) => `${table}.${column}`)
    expect(referring.map(({ child, column }) => `${child}.${column}`).sort()).toEqual([...named].sort())
  })

  it.each(foreignKeys.map(({ child, column, parent }) => [child, column, parent]))(
    'finds the rows of %s by %s without reading all of them',
    (child, column) => {
      const [{ detail }] = all<{ detail: string }>(`EXPLAIN QUERY PLAN SELECT 1 FROM ${child} WHERE ${column} = 'x'`)
      expect(detail).toMatch(/^SEARCH/)
    },
  )

  it('has strict tables and indexes, and nothing else', () => {
    const tables = all<{ name: string; strict: number }>(
      "SELECT name, strict FROM pragma_table_list WHERE schema = 'main'",
    )
    const loose = tables.filter(({ name, strict }) => !strict && !name.startsWith('sqlite_'))
    expect(loose).toEqual([])
    expect(all("SELECT name FROM sqlite_schema WHERE type NOT IN ('table', 'index')")).toEqual([])
  })

  it('refuses words, ranges and JSON that no program of ours writes', () => {
    const hash = contents.put(textBytes('x'), 'picture')
    const refused = [
      "INSERT INTO project VALUES ('second', 'Second', '')",
      `INSERT INTO content VALUES ('${'A'.repeat(64)}', 'picture', 0, x'')`,
      `INSERT INTO content VALUES ('../../etc/passwd', 'picture', 0, x'')`,
      `UPDATE content SET kind = 'program' WHERE hash = '${hash}'`,
      `UPDATE content SET size = 1000000 WHERE hash = '${hash}'`,
      `UPDATE content SET data = 'text' WHERE hash = '${hash}'`,
      "INSERT INTO document VALUES (1, 'd', 'sketch', '', 0, 64, 0, NULL, '', '', NULL)",
      "INSERT INTO job VALUES (1, 'j', 'train', '', NULL, 'ended', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{}', '')",
      "INSERT INTO job VALUES (1, 'j', 'train', '', NULL, 'queued', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'no', '')",
    ]
    for (const sql of refused) expect(() => db.exec(sql), sql).toThrow(/constraint|malformed|cannot store/i)
  })

  it.each(hardNames)('keeps a hard name as it is (%#)', (name) => {
    const store = openTestStore()
    store.project.rename(name)
    expect(store.project.get().name).toBe(name)
  })
})

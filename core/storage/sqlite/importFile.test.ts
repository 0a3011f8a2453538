import { readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { migrations } from '../project/schema.ts'
import { CancelledError } from '../../domain/errors.ts'
import { contentIsTrue } from './contentTable.ts'
import { importProjectFile } from './importFile.ts'
import { createProjectFile, openProjectFile } from './projectFile.ts'
import { fillProject, flipByte, makeFolder } from './testing.ts'

/** A project that somebody sent, after the SQL was done to it. */
function makeSent(sql = ''): string {
  const path = join(makeFolder(), 'Sent.tandem')
  const file = createProjectFile(path, { name: 'Sent', id: 'their-id' })
  fillProject(file, 20)
  file.close()
  if (sql !== '') {
    const db = new SQLite(path)
    db.unsafeMode()
    db.pragma('foreign_keys = OFF')
    db.exec(sql)
    db.close()
  }
  return path
}

const limits = { fileBytes: 10_000_000, contentBytes: 5000, textBytes: 1000 }

async function refusalOf(
  source: string,
  options: { limits?: typeof limits; signal?: AbortSignal } = {},
): Promise<unknown> {
  const folder = makeFolder()
  const before = readFileSync(source)
  const error = await importProjectFile(source, join(folder, 'Mine.tandem'), { name: 'Mine', ...options }).then(
    () => 'it was taken',
    (refusal: unknown) => refusal,
  )
  expect(readdirSync(folder)).toEqual([])
  expect(readdirSync(join(source, '..'))).toEqual(['Sent.tandem'])
  expect(readFileSync(source).equals(before)).toBe(true)
  return error
}

describe('import', () => {
  it('takes a sound project under a new name with a new id', async () => {
    const source = makeSent(
      "INSERT INTO lock VALUES (1, 'theirs', 'their program', 1, 'attic', '', '2999-01-01T00:00:00.000Z')",
    )
    const target = join(makeFolder(), 'Mine.tandem')
    const { id } = await importProjectFile(source, target, { name: "Robert'); DROP TABLE project; --" })
    expect(readdirSync(join(target, '..'))).toEqual(['Mine.tandem'])
    const file = openProjectFile(target, { access: 'write' })
    onTestFinished(() => file.close())
    expect(file.db.prepare('SELECT id, name FROM project').all()).toEqual([
      { id, name: "Robert'); DROP TABLE project; --" },
    ])
    expect(id).not.toBe('their-id')
    expect(file.db.prepare('SELECT count(*) FROM content').pluck().get()).toBe(20)
    await expect(importProjectFile(source, target, { name: 'Again' })).rejects.toThrow(/already a Mine\.tandem/)
  })

  it('takes out the folders that the sender’s pictures came from', async () => {
    const folder = String.raw`\\evil\share`
    const sent = makeSent(`
      INSERT INTO data_set (id, name, kind, layout, description, labels, channels, natural_width, natural_height, keeping, source, created_at)
      VALUES ('d', 'Theirs', 'photo', 'photos', '', '[]', 3, 8, 8, 'referenced', '${folder}', '');
      INSERT INTO checkpoint (id, run_id, step, content, best, size_bytes, manifest, created_at)
      VALUES ('c', 'r', 1, 'weights', 0, 0, json_object('data', json_object('folder', '${folder}', 'pictures', 3)), '')`)
    const target = join(makeFolder(), 'Mine.tandem')
    await importProjectFile(sent, target, { name: 'Mine' })
    const file = openProjectFile(target, { access: 'write' })
    onTestFinished(() => file.close())
    expect(file.db.prepare('SELECT name, keeping, source FROM data_set').all()).toEqual([
      { name: 'Theirs', keeping: 'referenced', source: null },
    ])
    const manifest = file.db.prepare<[], string>('SELECT manifest FROM checkpoint').pluck().get()
    expect(JSON.parse(manifest ?? '')).toEqual({ data: { folder: null, pictures: 3 } })
  })

  it.each([4096, 8192])('takes a project of an earlier version, with pages of %i bytes', async (bytes) => {
    const target = join(makeFolder(), 'Mine.tandem')
    await importProjectFile(makeSent(`PRAGMA page_size = ${bytes}; VACUUM`), target, { name: 'Mine' })
    const file = openProjectFile(target, { access: 'write' })
    onTestFinished(() => file.close())
    expect(file.db.pragma('page_size', { simple: true })).toBe(bytes)
  })

  it.each([
    ['a trigger', 'CREATE TRIGGER evil AFTER UPDATE ON project BEGIN DELETE FROM content; END', /the trigger “evil”/],
    ['a view', 'CREATE VIEW evil AS SELECT * FROM content', /the view “evil”/],
    ['a virtual table', 'CREATE VIRTUAL TABLE evil USING rtree(a, b, c)', /the table “evil”/],
    ['a table', 'CREATE TABLE evil (a)', /the table “evil”/],
    ['an index on an expression', 'CREATE INDEX evil ON project (upper(name))', /the index “evil”/],
    ['a column', 'ALTER TABLE run ADD COLUMN evil TEXT', /the table “run”/],
    [
      'a check taken away',
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (json_type(recipe) = ''object'')', '') WHERE name = 'run'",
      /the table “run”/,
    ],
    ['an index missing', 'DROP INDEX project_is_one', /no index “project_is_one”/],
    ['a version that never was', 'PRAGMA user_version = 7', /its form is 7/],
    ['a newer version', 'PRAGMA user_version = 990', /newer version/],
    ['another mark', 'PRAGMA application_id = 1', /not a Tandem project/],
    ['JSON that is none', "PRAGMA ignore_check_constraints = ON; UPDATE run SET recipe = '{'", /damaged|malformed/],
    [
      'a word that is not in its set',
      "PRAGMA ignore_check_constraints = ON; UPDATE run_note SET kind = 'evil'",
      /damaged/,
    ],
    [
      'content that is not what its hash says',
      'UPDATE content SET data = zeroblob(size) WHERE rowid = 7',
      /not what its hash says/,
    ],
    ['a reference to nothing', 'DELETE FROM content WHERE rowid = 7', /refers to something that is not there/],
    ['no project', 'DELETE FROM project', /holds 0 projects/],
    ['large pages', 'PRAGMA page_size = 65536; VACUUM', /its form is unusual/],
    ['tiny pages', 'PRAGMA page_size = 512; VACUUM', /its form is unusual/],
    [
      'content that is too large',
      'UPDATE content SET data = zeroblob(5001), size = 5001 WHERE rowid = 3',
      /larger than 5000 bytes/,
    ],
    [
      'text that is too large',
      "UPDATE run_note SET message = printf('%.*c', 1001, 'x') WHERE number = 3",
      /larger than 1000 bytes/,
    ],
  ])('refuses %s', async (_, sql, sentence) => {
    const error = await refusalOf(makeSent(sql), { limits })
    expect(error).toMatchObject({
      code: expect.stringMatching(/bad-input|storage-failed/),
      message: expect.stringMatching(sentence),
    })
    expect((error as Error).message).toMatch(/^Sent\.tandem [^\n]*(not touched|nothing in it was changed)\.$/)
  })

  it('refuses what is too large before it copies it', async () => {
    expect(await refusalOf(makeSent(), { limits: { ...limits, fileBytes: 10_000 } })).toMatchObject({
      message: 'Sent.tandem cannot be used: it is larger than 10000 bytes; it was not touched.',
    })
  })

  it('refuses what is no database at all, and what is cut off', async () => {
    const notes = join(makeFolder(), 'Sent.tandem')
    writeFileSync(notes, 'PK\u0003\u0004 a zip that somebody renamed'.padEnd(500))
    expect(await refusalOf(notes)).toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/not a Tandem project/),
    })
    const cut = makeSent()
    truncateSync(cut, 50_000)
    expect(await refusalOf(cut)).toMatchObject({ problem: 'damaged' })
    truncateSync(cut, 60)
    expect(await refusalOf(cut)).toMatchObject({ code: 'bad-input' })
  })

  it('refuses or takes a file with any one byte flipped, never with content that is not true', async () => {
    const source = makeSent()
    const original = readFileSync(source)
    const folder = makeFolder()
    for (let position = 101; position < original.length; position += 15013) {
      writeFileSync(source, original)
      flipByte(source, position)
      const target = join(folder, `${position}.tandem`)
      await importProjectFile(source, target, { name: 'Mine' }).catch((error: unknown) => {
        expect(['storage-failed', 'bad-input'], `byte ${position}: ${String(error)}`).toContain(
          (error as { code?: unknown }).code,
        )
      })
    }
    const taken = readdirSync(folder)
    for (const name of taken) {
      const file = openProjectFile(join(folder, name), { access: 'read' })
      const rows = file.db.prepare<[], { hash: string; data: Buffer }>('SELECT hash, data FROM content').all()
      for (const { hash, data } of rows) expect(contentIsTrue(hash, data), name).toBe(true)
      file.close()
    }
  })

  it('refuses one that is open elsewhere', async () => {
    const source = makeSent()
    const file = openProjectFile(source, { access: 'write' })
    onTestFinished(() => file.close())
    await expect(importProjectFile(source, join(makeFolder(), 'Mine.tandem'), { name: 'Mine' })).rejects.toThrow(
      /is open in another program/,
    )
  })

  it('ends when it is cancelled and leaves nothing', async () => {
    expect(await refusalOf(makeSent(), { signal: AbortSignal.abort() })).toBeInstanceOf(CancelledError)
  })

  it('brings an older project up to date in the copy', async () => {
    const source = makeSent()
    const up = (db: SQLite.Database) => db.exec('CREATE TABLE more (a TEXT) STRICT')
    const later = [...migrations, { version: 990, up }]
    const target = join(makeFolder(), 'Mine.tandem')
    await importProjectFile(source, target, { name: 'Mine', migrations: later })
    expect(readdirSync(join(target, '..'))).toEqual(['Mine.tandem'])
    expect(readFileSync(target).readUInt32BE(60)).toBe(990)
    expect(readFileSync(source).readUInt32BE(60)).toBe(migrations.at(-1)!.version)
  })
})

/** Files that are no projects of this version: refused by name, and not changed by a single byte. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { makeZip } from '../../../data/testZip.ts'
import { connect } from '../../../storage/sqlite/connection.ts'
import { ObedientProcess } from '../testing.ts'
import { makeFolder, makeTraining, photograph, watchStudio } from './testing.ts'

/** What is done to a good project, with the connection that a stranger may have. */
function alter(path: string, sql: string): void {
  const db = connect(path, 'write')
  db.exec(sql)
  db.pragma('journal_mode = DELETE')
  db.close()
}

const strangers: readonly (readonly [string, (path: string) => void | Promise<void>, string, RegExp])[] = [
  [
    'a project of a newer version',
    (path) => alter(path, 'PRAGMA user_version = 990'),
    'storage-failed',
    /^Pots\.tandem was made by a newer version of Tandem Studio .* it was not touched\.$/,
  ],
  [
    'a planted trigger',
    (path) => alter(path, 'CREATE TRIGGER spy AFTER UPDATE ON lock BEGIN DELETE FROM document; END'),
    'bad-input',
    /^Pots\.tandem was not made by Tandem Studio: .* trigger “spy”/,
  ],
  [
    'a planted view',
    (path) => alter(path, 'CREATE VIEW everything AS SELECT * FROM content'),
    'bad-input',
    /view “everything”/,
  ],
  ['an extra column', (path) => alter(path, 'ALTER TABLE run ADD COLUMN more TEXT'), 'bad-input', /table “run”/],
  ['an extra table', (path) => alter(path, 'CREATE TABLE stowaway (x)'), 'bad-input', /table “stowaway”/],
  ['a missing index', (path) => alter(path, 'DROP INDEX result_in_gallery'), 'bad-input', /“result_in_gallery”/],
  [
    'a database of another program',
    (path) => alter(path, 'PRAGMA application_id = 7'),
    'bad-input',
    /^Pots\.tandem is not a Tandem project; it was not touched\.$/,
  ],
  [
    'a zip file',
    (path) => writeFileSync(path, makeZip([{ name: 'bowl/1.png', bytes: Buffer.from('something') }])),
    'bad-input',
    /^Pots\.tandem is not a Tandem project; it was not touched\.$/,
  ],
  ['an empty file', (path) => writeFileSync(path, ''), 'bad-input', /^Pots\.tandem is not a Tandem project/],
]

it.each(strangers)('%s', async (_, make, code, message) => {
  const { path } = await makeTraining(makeFolder())
  await make(path)
  const before = photograph(dirname(path))
  const { studio, heard } = await watchStudio(() => new ObedientProcess())
  const { id } = await studio.ask('project:create', { name: 'Mine' })
  const refusal = { code, message: expect.stringMatching(message) as string, hint: expect.any(String) as string }
  for (const readOnly of [false, true])
    await expect(studio.openProjectAt(path, { readOnly })).rejects.toMatchObject(refusal)
  const uploadId = await studio.takeLocalFiles(path, 'project')
  expect(await studio.request('project:import', { uploadId })).toEqual({ ok: false, error: refusal })
  expect(photograph(dirname(path))).toEqual(before)
  expect(await studio.ask('studio:state', {})).toMatchObject({ project: { id } })
  expect(await studio.ask('projects:list', {})).toMatchObject([{ projectId: id }])
  expect(heard('project:closed')).toEqual([])
})

it('a directory', async () => {
  const folder = makeFolder()
  const path = join(folder, 'Pots.tandem')
  mkdirSync(path)
  writeFileSync(join(path, 'inside'), 'something')
  const before = photograph(folder)
  const { studio } = await watchStudio(() => new ObedientProcess())
  for (const readOnly of [false, true])
    await expect(studio.openProjectAt(path, { readOnly })).rejects.toMatchObject({
      code: 'bad-input',
      message: 'Pots.tandem is not a Tandem project; it was not touched.',
    })
  const uploadId = await studio.takeLocalFiles(path, 'project')
  expect(await studio.request('project:import', { uploadId })).toMatchObject({
    ok: false,
    error: { code: 'bad-input' },
  })
  expect(photograph(folder)).toEqual(before)
})

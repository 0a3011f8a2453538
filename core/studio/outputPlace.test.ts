import { link, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assertFree, assertPlaceFor, isSameFile } from './outputPlace.ts'
import { flat, png, temporaryFolder } from './testing.ts'

const folder = temporaryFolder()
const path = (...parts: string[]) => join(folder, ...parts)
afterAll(() => rmSync(folder, { recursive: true }))

beforeAll(async () => {
  await mkdir(path('photos'))
  await mkdir(path('photos-of-mine'))
  const picture = await png(flat(8, 8, [0]))
  for (const name of ['sheet.png', 'photos/a.png', 'photos-of-mine/b.png']) await writeFile(path(name), picture)
  await writeFile(path('model'), 'weights')
  await writeFile(path('report.json'), '{\n "version": 1,\n "task": "class"\n}\n')
  await writeFile(path('package.json'), '{\n  "name": "mine"\n}\n')
  await writeFile(path('empty'), '')
  await writeFile(path('short'), 'a')
  await symlink(path('photos/a.png'), path('symbolic.png'))
  await link(path('sheet.png'), path('hard.png'))
})

describe('a place for a sheet or a report', () => {
  it.each([
    ['nothing yet', 'new.png', 'picture'],
    ['an earlier sheet', 'sheet.png', 'picture'],
    ['an earlier report', 'report.json', 'report'],
    ['an empty file', 'empty', 'report'],
    ['beside a folder of a similar name', 'photos-of-mine/b.png', 'picture'],
  ] as const)('is %s', async (_, name, kind) => {
    await assertPlaceFor(path(name), kind, [path('model'), path('photos'), path('gone')])
  })

  it.each([
    ['a model', 'model', 'picture', 'it is not a PNG picture'],
    ['a file shorter than a beginning', 'short', 'picture', 'it is not a PNG picture'],
    ['a picture where a report goes', 'sheet.png', 'report', 'it is not a report'],
    ['some other JSON', 'package.json', 'report', 'it is not a report'],
    ['a picture of an input folder', 'photos/a.png', 'picture', 'is what the command reads'],
    ['a link to one', 'symbolic.png', 'picture', 'is what the command reads'],
  ] as const)('is not %s', async (_, name, kind, sentence) => {
    const before = await readFile(path(name))
    const refusal = assertPlaceFor(path(name), kind, [path('photos')])
    await expect(refusal).rejects.toMatchObject({ code: 'misuse', message: expect.stringContaining(sentence) })
    expect(await readFile(path(name))).toEqual(before)
  })

  it('is not an input, however it is spelt', async () => {
    for (const name of ['sheet.png', 'photos/../sheet.png', 'hard.png'])
      await expect(assertPlaceFor(path(name), 'picture', [path('sheet.png')])).rejects.toThrow('what the command reads')
  })

  it('needs its folder', async () => {
    const refusal = assertPlaceFor(path('nowhere/sheet.png'), 'picture', [])
    await expect(refusal).rejects.toMatchObject({ code: 'storage-failed' })
  })
})

describe('a place for a model', () => {
  it('is free, or named for overwriting', async () => {
    await assertFree(path('new'), { inputs: [path('model')] })
    await assertFree(path('model'), { overwrite: true })
    await expect(assertFree(path('model'))).rejects.toMatchObject({ code: 'misuse' })
  })

  it('is never an input, not even to overwrite', async () => {
    const refusal = assertFree(path('model'), { overwrite: true, inputs: [path('model')] })
    await expect(refusal).rejects.toThrow('what the command reads')
  })
})

it('knows one file by two names', async () => {
  expect(await isSameFile(path('photos/a.png'), path('symbolic.png'))).toBe(true)
  expect(await isSameFile(path('photos/a.png'), path('sheet.png'))).toBe(false)
  expect(await isSameFile(path('gone'), path('gone'))).toBe(false)
})

/** What a crash left beside the file is cut off, overwritten or gone: what was acknowledged and played back is there, in order and sound. */
import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ObedientProcess } from '../testing.ts'
import { copyAsCrashed, lookInto, makeFolder, makeTraining, silenceHolder, watchStudio } from './testing.ts'

// No heart beats meanwhile.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

const BEFORE = 20
const AFTER = 20
/** Longer than a page, so that a stroke cannot be half in a frame. */
const stroke = (serial: number) => ({ kind: 'stroke', serial, ink: randomBytes(12_000).toString('hex') })

const frames = (log: string) => readFileSync(log).length

/** What happens to the log and its index, and the least number of strokes that must be there. */
const ways: readonly (readonly [string, (path: string) => void, number])[] = [
  ['whole, without the index', (path) => rmSync(`${path}-shm`, { force: true }), BEFORE + AFTER],
  ['whole, with an index of nonsense', (path) => writeFileSync(`${path}-shm`, randomBytes(32_768)), BEFORE + AFTER],
  ['cut off in its last frame', (path) => truncateSync(`${path}-wal`, frames(`${path}-wal`) - 100), BEFORE + AFTER - 1],
  ['cut off in the middle', (path) => truncateSync(`${path}-wal`, frames(`${path}-wal`) / 2), BEFORE + 1],
  ['cut off in its header', (path) => truncateSync(`${path}-wal`, 20), BEFORE],
  ['empty', (path) => truncateSync(`${path}-wal`, 0), BEFORE],
  ['gone', (path) => rmSync(`${path}-wal`), BEFORE],
  ['nonsense', (path) => writeFileSync(`${path}-wal`, randomBytes(frames(`${path}-wal`))), BEFORE],
  [
    'nonsense behind its header',
    (path) => {
      const bytes = readFileSync(`${path}-wal`)
      writeFileSync(`${path}-wal`, Buffer.concat([bytes.subarray(0, 32), randomBytes(bytes.length - 32)]))
    },
    BEFORE,
  ],
  [
    'nonsense in the middle',
    (path) => {
      const bytes = readFileSync(`${path}-wal`)
      randomBytes(5000).copy(bytes, bytes.length / 2)
      writeFileSync(`${path}-wal`, bytes)
    },
    BEFORE + 1,
  ],
]

it.each(ways)('a log that is %s', async (how, harm, least) => {
  const { path } = await makeTraining(makeFolder())
  const { studio, heard } = await watchStudio(() => new ObedientProcess())
  await studio.openProjectAt(path)
  const { id: documentId } = await studio.ask('document:create', { kind: 'sketch', name: 'A', width: 9, height: 9 })
  const draw = async (from: number, count: number) => {
    for (let serial = from; serial < from + count; serial++)
      await studio.ask('document:append', { documentId, position: serial, entries: [stroke(serial)] })
  }
  await draw(0, BEFORE)
  // Closing plays the log back into the file.
  await studio.ask('project:close', {})
  await studio.openProjectAt(path)
  silenceHolder(path)
  await draw(BEFORE, AFTER)
  const crashed = copyAsCrashed(path, how.includes('index') ? ['', '-wal', '-shm'] : ['', '-wal'])
  expect(frames(`${crashed}-wal`)).toBeGreaterThan(AFTER * 24_000)
  harm(crashed)

  await studio.openProjectAt(crashed)
  const { entries } = await studio.ask('document:get', { documentId })
  expect(entries.length).toBeGreaterThanOrEqual(least)
  expect(entries.length).toBeLessThanOrEqual(BEFORE + AFTER)
  expect(entries.map(({ serial }) => serial)).toEqual(Array.from(entries, (_, serial) => serial))
  await draw(entries.length, 1)
  await studio.ask('project:close', {})
  for (const check of ['quick_check', 'integrity_check'])
    expect(lookInto(crashed, ({ file }) => file.db.pragma(check, { simple: true }))).toBe('ok')
  expect(heard('studio:noted')).toEqual([])
})

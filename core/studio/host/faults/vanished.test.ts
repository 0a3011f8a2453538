/** A project file that is moved, deleted or replaced, or whose disk is pulled out, while it is open. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Id } from '../../../domain/records.ts'
import { ObedientProcess } from '../testing.ts'
import { computeHere } from './computeHere.ts'
import { lookInto, makeFolder, makeTraining, mountSmallDisk, photograph, watchStudio } from './testing.ts'
import type { WatchedStudio } from './testing.ts'

// Hearts beat when a test says so.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())
const beat = (times = 3) => {
  for (let time = 0; time < times; time++) vi.advanceTimersByTime(5000)
}

const gone = {
  code: 'storage-failed',
  message: 'Pots.tandem is not where it was; what was saved is in it, wherever it was moved to.',
  hint: 'Put it back in its place, or save a copy of what is open here.',
}
const strokes = [{ kind: 'stroke', ink: 'x'.repeat(5000) }, { kind: 'stroke', ink: 'y' }, { kind: 'fill' }]

/** An open project with a sketch whose strokes were acknowledged a moment ago. */
async function drawIn(world: WatchedStudio, path: string): Promise<Id> {
  await world.studio.openProjectAt(path)
  const { id } = await world.studio.ask('document:create', { kind: 'sketch', name: 'A', width: 9, height: 9 })
  for (const [position, entry] of strokes.entries())
    await world.studio.ask('document:append', { documentId: id, position, entries: [entry] })
  return id
}

const strokesIn = (path: string, documentId: Id) => lookInto(path, ({ documents }) => documents.entries(documentId))

/** What is saved from the open handle, as a file. */
async function saveCopy({ studio }: WatchedStudio): Promise<string> {
  const { downloadId } = await studio.ask('project:export', {})
  const copy = join(makeFolder(), 'Copy.tandem')
  writeFileSync(copy, await buffer(studio.findDownload(downloadId).open()))
  return copy
}

async function expectRefusals({ studio }: WatchedStudio, documentId: Id): Promise<void> {
  const append = { documentId, position: strokes.length, entries: [{ kind: 'late' }] }
  expect(await studio.request('document:append', append)).toEqual({ ok: false, error: gone })
  expect(await studio.request('project:rename', { name: 'B' })).toEqual({ ok: false, error: gone })
  expect(await studio.ask('document:get', { documentId })).toMatchObject({ entries: strokes })
}

const ways: readonly (readonly [string, (path: string) => void])[] = [
  ['deleted', (path) => rmSync(path)],
  ['deleted with its folder', (path) => rmSync(dirname(path), { recursive: true })],
  ['renamed', (path) => renameSync(path, join(dirname(path), 'Jugs.tandem'))],
  ['moved with its folder', (path) => renameSync(dirname(path), `${dirname(path)}-moved`)],
]

describe.each(ways)('a project that is %s', (_, lose) => {
  it('is missed once in a sentence, refuses changes, can be read, and can be saved from what is open', async () => {
    const home = join(makeFolder(), 'home')
    mkdirSync(home)
    const { path } = await makeTraining(home)
    const world = await watchStudio(() => new ObedientProcess())
    const documentId = await drawIn(world, path)
    lose(path)
    beat()
    expect(world.heard('studio:noted')).toEqual([{ tone: 'problem', message: gone.message, hint: gone.hint }])
    await expectRefusals(world, documentId)
    expect(strokesIn(await saveCopy(world), documentId)).toEqual(strokes)
    await world.studio.ask('project:close', {})
    expect(world.heard('project:closed')).toHaveLength(1)
    expect(existsSync(path)).toBe(false)
    if (existsSync(dirname(path)))
      expect(readdirSync(dirname(path)).filter((name) => name !== 'Jugs.tandem')).toEqual([])
  })
})

describe('a project that is moved', () => {
  it('takes along everything acknowledged, even if the program is killed before it closes', async () => {
    const folder = makeFolder()
    const { path } = await makeTraining(folder)
    const world = await watchStudio(() => new ObedientProcess())
    const documentId = await drawIn(world, path)
    const moved = join(folder, 'Moved.tandem')
    renameSync(path, moved)
    beat(1)
    const alone = join(makeFolder(), 'Alone.tandem')
    copyFileSync(moved, alone)
    expect(strokesIn(alone, documentId)).toEqual(strokes)
  })

  it('can be opened at once where it is now', async () => {
    const folder = makeFolder()
    const { path } = await makeTraining(folder)
    const world = await watchStudio(() => new ObedientProcess())
    const documentId = await drawIn(world, path)
    const moved = join(folder, 'Moved.tandem')
    renameSync(path, moved)
    await world.studio.openProjectAt(moved)
    await world.studio.ask('document:append', { documentId, position: strokes.length, entries: [{ kind: 'more' }] })
    expect(strokesIn(moved, documentId)).toEqual([...strokes, { kind: 'more' }])
    expect(readdirSync(folder).filter((name) => name.startsWith('Pots'))).toEqual([])
  })
})

describe('a project in whose place another one is put', () => {
  it('does no harm to that one, and is the one that is saved', async () => {
    const { path } = await makeTraining(makeFolder())
    const other = await makeTraining(makeFolder())
    const world = await watchStudio(() => new ObedientProcess())
    const documentId = await drawIn(world, path)
    renameSync(other.path, path)
    const before = photograph(dirname(path)).get('Pots.tandem')
    beat()
    expect(world.heard('studio:noted')).toMatchObject([{ message: gone.message }])
    await expectRefusals(world, documentId)
    expect(strokesIn(await saveCopy(world), documentId)).toEqual(strokes)
    await world.studio.ask('project:close', {})
    expect([...photograph(dirname(path))]).toEqual([['Pots.tandem', before]])
    const { id } = await world.studio.openProjectAt(path)
    expect(await world.studio.ask('documents:list', {})).toEqual([])
    expect(world.heard('project:opened')[0].project.id).not.toBe(id)
  })

  it('gives way to it when that one is opened', async () => {
    const { path } = await makeTraining(makeFolder())
    const other = await makeTraining(makeFolder())
    const world = await watchStudio(() => new ObedientProcess())
    await drawIn(world, path)
    renameSync(other.path, path)
    await world.studio.openProjectAt(path)
    expect(await world.studio.ask('documents:list', {})).toEqual([])
    await world.studio.ask('document:create', { kind: 'sketch', name: 'B', width: 9, height: 9 })
    await world.studio.ask('project:close', {})
    expect(lookInto(path, ({ documents }) => documents.list().map(({ name }) => name))).toEqual(['B'])
    expect(lookInto(path, ({ file }) => file.db.pragma('integrity_check', { simple: true }))).toBe('ok')
  })
})

describe('a disk that is pulled out', () => {
  it('ends a training in a sentence; what is open can be read, drawn with and saved', async () => {
    const disk = mountSmallDisk(12)
    if (!disk) return
    const { path, runId } = await makeTraining(disk.folder)
    const world = await watchStudio(computeHere)
    const { studio, heard, until, ending, endings } = world
    const documentId = await drawIn(world, path)
    const { jobId } = await studio.ask('training:resume', { runId })
    await until(() => heard('run:measured').length > 1)
    disk.pull()
    expect(await ending(jobId)).toEqual({ kind: 'failed', ...gone })
    beat()
    expect(heard('studio:noted')).toEqual([{ tone: 'problem', message: gone.message, hint: gone.hint }])
    await expectRefusals(world, documentId)
    const source = { kind: 'run', runId } as const
    const preview = { source, condition: { kind: 'labels', weights: [1, 0, 0] }, seed: 1 } as const
    expect(await studio.ask('draw:preview', preview)).toMatchObject({ kind: 'drawn' })
    expect(await studio.request('training:resume', { runId })).toEqual({ ok: false, error: gone })
    expect(strokesIn(await saveCopy(world), documentId)).toEqual(strokes)
    expect(await studio.ask('run:checkpoints', { runId })).not.toHaveLength(0)
    expect(endings(jobId)).toHaveLength(1)
    await studio.ask('project:close', {})
    expect(heard('project:closed')).toHaveLength(1)
  })
})

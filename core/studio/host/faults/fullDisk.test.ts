/** A disk that is full, truly (a small file system in memory) and by SQLite's own limit of pages where nothing can be mounted. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Database } from '../../../storage/sqlite/connection.ts'
import type * as Connection from '../../../storage/sqlite/connection.ts'
import { importDataSet } from '../../dataSets/importDataSet.ts'
import { makeClasses } from '../../testing.ts'
import { grey } from '../testing.ts'
import { computeHere } from './computeHere.ts'
import {
  makeFolder,
  makeTraining,
  mountSmallDisk,
  saveUntilItEnds,
  watchStudio,
  type WatchedStudio,
} from './testing.ts'

const opened = vi.hoisted(() => new Set<Database>())
vi.mock(import('../../../storage/sqlite/connection.ts'), async (importOriginal) => {
  const real: typeof Connection = await importOriginal()
  return {
    ...real,
    connect(...[path, access, named]: Parameters<typeof real.connect>) {
      const db = real.connect(path, access, named)
      if (access === 'write' && path.endsWith('.tandem')) opened.add(db)
      return db
    },
  }
})

// A thread's own connection could not be limited from here.
vi.mock(import('../../dataSets/dataThread.ts'), async (importOriginal) => ({
  ...(await importOriginal()),
  importInThread: importDataSet,
}))

interface Disk {
  readonly folder: string
  fill(): void
  free(): void
}

/** No page more than there are now. */
function limitPages(): Disk {
  const limit = (pages?: number) => {
    for (const db of opened)
      if (db.open) db.pragma(`max_page_count = ${pages ?? Number(db.pragma('page_count', { simple: true }))}`)
  }
  onTestFinished(() => opened.clear())
  return { folder: makeFolder(), fill: () => limit(), free: () => limit(2 ** 30) }
}

const disks: readonly (readonly [string, () => Disk | undefined])[] = [
  ['a file system without space', () => mountSmallDisk(12)],
  ['SQLite without pages', limitPages],
]
const full = {
  code: 'storage-failed',
  message: expect.stringMatching(/^The disk of Pots\.tandem is full: .* everything before it is safe\.$/) as string,
  hint: expect.stringContaining('Free some space') as string,
}

/** Asks again and again until it is refused. @returns how often it was answered, and the refusal */
async function untilRefused({ studio }: WatchedStudio, name: string, inputOf: (count: number) => unknown) {
  for (let count = 0; ; count++) {
    const reply = await studio.request(name, inputOf(count))
    if (!reply.ok) return { count, error: reply.error }
    if (count > 300) throw new Error(`${name} was never refused`)
  }
}

describe.each(disks)('on %s', (_, makeDisk) => {
  it('strokes that were acknowledged stay, the next one is refused, and drawing goes on when there is space', async () => {
    const disk = makeDisk()
    if (!disk) return
    const { path } = await makeTraining(disk.folder)
    const world = await watchStudio(computeHere)
    const { studio, heard } = world
    await studio.openProjectAt(path)
    const { id: documentId } = await studio.ask('document:create', { kind: 'sketch', name: 'A', width: 9, height: 9 })
    const stroke = (serial: number) => ({ kind: 'stroke', serial, ink: randomBytes(30_000).toString('hex') })
    const append = (serial: number) => ({ documentId, position: serial, entries: [stroke(serial)] })
    disk.fill()
    const { count, error } = await untilRefused(world, 'document:append', append)
    expect(error).toEqual(full)
    expect(await studio.request('document:append', append(count))).toEqual({ ok: false, error: full })
    expect(await studio.ask('document:get', { documentId })).toMatchObject({ document: { length: count } })
    disk.free()
    await studio.ask('document:append', append(count))
    await studio.ask('project:close', {})
    await studio.openProjectAt(path)
    const { entries } = await studio.ask('document:get', { documentId })
    expect(entries.map(({ serial }) => serial)).toEqual(Array.from({ length: count + 1 }, (__, serial) => serial))
    expect(heard('studio:noted')).toEqual([])
  })

  it('a picture is kept whole or not at all', async () => {
    const disk = makeDisk()
    if (!disk) return
    const { path, runId } = await makeTraining(disk.folder, 1)
    const world = await watchStudio(computeHere)
    const { studio } = world
    await studio.openProjectAt(path)
    await world.ending((await studio.ask('training:resume', { runId })).jobId)
    const noise = () => ({ ...grey(256, 256), data: new Uint8Array(randomBytes(256 * 256)) })
    const keep = (seed: number) => ({
      ...{ title: `Picture ${seed}`, picture: noise(), source: { kind: 'run', runId }, seed, steps: 0 },
      condition: { kind: 'labels', weights: [1, 0, 0] },
    })
    disk.fill()
    const { count, error } = await untilRefused(world, 'result:keep', keep)
    expect(error).toEqual(full)
    disk.free()
    await studio.ask('result:keep', keep(count))
    const { results, total } = await studio.ask('results:list', {})
    expect(total).toBe(count + 1)
    for (const { picture } of results) expect(studio.findContent(picture).type).toBe('image/png')
  })

  it('a training ends visibly with its newest checkpoint safe, and goes on from it when there is space', async () => {
    const disk = makeDisk()
    if (!disk) return
    const { path, runId } = await makeTraining(disk.folder)
    const world = await watchStudio(computeHere)
    const { studio, until, ending, endings, heard, told } = world
    await studio.openProjectAt(path)
    const { jobId } = await studio.ask('training:resume', { runId })
    await until(() => heard('run:measured').length > 1)
    disk.fill()
    const before = told.length
    await saveUntilItEnds(world, jobId)
    expect(await ending(jobId)).toEqual({ kind: 'failed', ...full })
    const loud = told.slice(before).filter(({ name }) => name === 'studio:noted' || name === 'run:noted')
    expect(loud.length).toBeLessThan(3)
    const [newest] = (await studio.ask('run:checkpoints', { runId })).filter(({ content }) => content === 'training')
    expect(newest.id).toBe(
      heard('checkpoint:saved').findLast(({ checkpoint }) => checkpoint.content === 'training')?.checkpoint.id,
    )
    disk.free()
    const steps = newest.step + 20
    const again = await studio.ask('training:resume', { runId, length: { steps } })
    expect(await ending(again.jobId)).toMatchObject({ kind: 'finished', outcome: { step: steps } })
    expect((await studio.ask('run:metrics', { runId, points: 20_000 })).map(({ step }) => step)).toEqual(
      Array.from({ length: steps }, (__, at) => at + 1),
    )
    await studio.ask('project:close', {})
    await studio.openProjectAt(path)
    expect(heard('studio:noted')).toEqual([])
    expect(await studio.ask('job:get', { jobId })).toMatchObject({
      state: { ending: { kind: 'failed', code: 'storage-failed' } },
    })
    expect([endings(jobId), endings(again.jobId)].map(({ length }) => length)).toEqual([1, 1])
  })

  it('an import leaves nothing, and works when there is space', async () => {
    const disk = makeDisk()
    if (!disk) return
    const { path } = await makeTraining(disk.folder)
    const source = join(makeFolder(), 'pictures')
    await makeClasses(source, ['bowl', 'jug'], 200)
    const { studio, ending, endings, heard } = await watchStudio(computeHere)
    await studio.openProjectAt(path)
    const before = await studio.ask('project:space', {})
    const importAll = async () => {
      const uploadId = await studio.takeLocalFiles(source, 'data')
      return (await studio.ask('data:import', { uploadId, name: 'Vessels' })).jobId
    }
    const first = await importAll()
    disk.fill()
    expect(await ending(first)).toEqual({ kind: 'failed', ...full })
    expect(await studio.ask('data:list', {})).toHaveLength(1)
    disk.free()
    const second = await importAll()
    expect(await ending(second)).toMatchObject({ kind: 'finished', outcome: { kind: 'imported', pictures: 400 } })
    expect([endings(first), endings(second)].map(({ length }) => length)).toEqual([1, 1])
    await studio.ask('project:tidy', {})
    const { pictures } = await studio.ask('project:space', {})
    expect(pictures).toBeGreaterThan(before.pictures)
    expect(heard('studio:noted')).toEqual([])
  })

  it('a project can be closed, looked at while there is no space, and opened at once when there is', async () => {
    const disk = makeDisk()
    if (!disk) return
    const { path } = await makeTraining(disk.folder)
    const world = await watchStudio(computeHere)
    const { studio, heard } = world
    await studio.openProjectAt(path)
    const { id: documentId } = await studio.ask('document:create', { kind: 'sketch', name: 'A', width: 9, height: 9 })
    disk.fill()
    const append = (serial: number) => ({
      documentId,
      position: serial,
      entries: [{ kind: randomBytes(25).toString('hex') }],
    })
    const { count } = await untilRefused(world, 'document:append', append)
    await studio.ask('project:close', {})
    await studio.openProjectAt(path, { readOnly: true })
    expect(await studio.ask('document:get', { documentId })).toMatchObject({ document: { length: count } })
    disk.free()
    await studio.openProjectAt(path)
    await studio.ask('document:append', append(count))
    expect(heard('studio:noted')).toEqual([])
  })
})

/** What a disk has changed by itself: inside a checkpoint, and in the tables themselves. */
import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Id } from '../../../domain/records.ts'
import { computeHere } from './computeHere.ts'
import { flipByte, lookInto, makeFolder, makeTraining, pageOf, photograph, watchStudio } from './testing.ts'
import type { WatchedStudio } from './testing.ts'

const damaged = {
  code: 'storage-failed',
  message: 'Pots.tandem is damaged; nothing in it was changed.',
  hint: expect.stringContaining('Save what can still be read of it into a new project') as string,
}
const condition = { kind: 'labels', weights: [1, 0, 0] } as const

/** Trains for a while. @returns the checkpoints to go on from, the newest first */
async function makeCheckpoints({ studio, heard, until, ending }: WatchedStudio, runId: Id, count: number) {
  const { jobId } = await studio.ask('training:resume', { runId })
  const steps = () => new Set(heard('checkpoint:saved').map(({ checkpoint }) => checkpoint.step)).size
  const measured = () => heard('run:measured').length
  for (let saved = 1; saved < count; saved++) {
    const before = measured()
    await until(() => steps() >= saved && measured() > before)
    await studio.ask('training:checkpoint', { jobId })
  }
  await until(() => steps() >= count)
  await studio.ask('job:cancel', { jobId })
  expect(await ending(jobId)).toEqual({ kind: 'cancelled' })
  return (await studio.ask('run:checkpoints', { runId })).filter(({ content }) => content === 'training')
}

/** Flips a byte in a chunk that draws and that no other checkpoint shares. */
function damageCheckpoint(path: string, checkpointId: Id): void {
  const part = lookInto(path, ({ file: { db } }) =>
    db
      .prepare<[Id, Id], Buffer>(
        `SELECT data FROM content JOIN checkpoint_chunk USING (hash) JOIN checkpoint_tensor USING (checkpoint_id, place)
         WHERE checkpoint_id = ? AND name LIKE '%.average/%' AND hash NOT IN
           (SELECT hash FROM checkpoint_chunk WHERE checkpoint_id <> ?) ORDER BY size DESC LIMIT 1`,
      )
      .pluck()
      .get(checkpointId, checkpointId),
  )
  const at = readFileSync(path).indexOf(part!.subarray(0, 64))
  expect(at).toBeGreaterThan(0)
  flipByte(path, at + 40)
}

describe('a flipped byte in a checkpoint', () => {
  it('is found when it is drawn with or gone on from, and the next older one is offered', async () => {
    const { path, runId } = await makeTraining(makeFolder())
    const world = await watchStudio(computeHere)
    const { studio, ending, heard } = world
    await studio.openProjectAt(path)
    const [newest, older] = await makeCheckpoints(world, runId, 3)
    await studio.ask('project:close', {})
    damageCheckpoint(path, newest.id)
    await studio.openProjectAt(path)

    const refused = {
      code: 'storage-failed',
      message: `The checkpoint of step ${newest.step} was damaged on the disk; everything else in the project can still be used.`,
      hint: `Use the one of step ${older.step} instead, the next older one of this run.`,
    }
    for (const source of [
      { kind: 'run', runId },
      { kind: 'checkpoint', checkpointId: newest.id },
    ] as const) {
      expect(await studio.request('draw:preview', { source, condition, seed: 1 })).toEqual({
        ok: false,
        error: refused,
      })
      const { jobId } = await studio.ask('draw:refine', { source, condition, seed: 1, steps: 1 })
      expect(await ending(jobId)).toEqual({ kind: 'failed', ...refused })
    }
    expect(await studio.request('model:export', { checkpointId: newest.id })).toEqual({ ok: false, error: refused })
    const resumed = await studio.ask('training:resume', { runId })
    expect(await ending(resumed.jobId)).toEqual({ kind: 'failed', ...refused })

    const source = { kind: 'checkpoint', checkpointId: older.id } as const
    expect(await studio.ask('draw:preview', { source, condition, seed: 1 })).toMatchObject({ kind: 'drawn' })
    const again = { runId, checkpointId: older.id, length: { steps: older.step + 2 } }
    const { jobId } = await studio.ask('training:resume', again)
    expect(await ending(jobId)).toMatchObject({ kind: 'finished', outcome: { step: older.step + 2 } })
    expect(await studio.ask('draw:preview', { source: { kind: 'run', runId }, condition, seed: 1 })).toMatchObject({
      kind: 'drawn',
    })
    await studio.ask('document:create', { kind: 'sketch', name: 'A', width: 9, height: 9 })
    expect(heard('studio:noted')).toEqual([])
  })
})

describe('a flipped byte in a table', () => {
  it('is found at opening; what can be read is saved into a new project, and the damaged file stays as it is', async () => {
    const { path, runId } = await makeTraining(makeFolder(), 30)
    const world = await watchStudio(computeHere)
    const { studio, ending } = world
    const { id: projectId } = await studio.openProjectAt(path)
    const { id: documentId } = await studio.ask('document:create', { kind: 'sketch', name: 'A', width: 9, height: 9 })
    await studio.ask('document:append', { documentId, position: 0, entries: [{ kind: 'stroke' }, { kind: 'fill' }] })
    expect(await ending((await studio.ask('training:resume', { runId })).jobId)).toMatchObject({ kind: 'finished' })
    await studio.ask('project:close', {})
    flipByte(path, pageOf(path, 'metric') + 3)
    const before = photograph(dirname(path))

    expect(await studio.request('project:open', { projectId })).toEqual({ ok: false, error: damaged })
    expect(await studio.request('project:open', { projectId, readOnly: true })).toEqual({ ok: false, error: damaged })
    const { project, tables } = await studio.ask('project:salvage', { projectId })
    expect(photograph(dirname(path))).toEqual(before)
    expect(project).toMatchObject({ readOnly: false })
    // The damaged file stays in the list, so what was saved of it is a project of its own.
    expect(project.id).not.toBe(projectId)
    expect(tables.find(({ table }) => table === 'document_entry')).toEqual({
      table: 'document_entry',
      rows: 2,
      lost: 0,
    })
    expect(tables.find(({ table }) => table === 'metric')?.lost).not.toBe(0)
    expect(await studio.ask('document:get', { documentId })).toMatchObject({ document: { length: 2 } })
    const preview = { source: { kind: 'run', runId }, condition, seed: 1 } as const
    expect(await studio.ask('draw:preview', preview)).toMatchObject({ kind: 'drawn' })
  })

  it('can be salvaged, too, where this machine has never seen the project', async () => {
    const { path } = await makeTraining(makeFolder())
    flipByte(path, pageOf(path, 'run') + 3)
    const before = photograph(dirname(path))
    const { studio } = await watchStudio(computeHere)
    await expect(studio.openProjectAt(path)).rejects.toMatchObject(damaged)
    await expect(studio.openProjectAt(path)).rejects.toMatchObject(damaged)
    const list = await studio.ask('projects:list', {})
    expect(list).toMatchObject([{ name: basename(path, '.tandem'), present: true }])
    const { tables } = await studio.ask('project:salvage', { projectId: list[0].projectId })
    expect(tables.find(({ table }) => table === 'data_set')).toMatchObject({ rows: 1, lost: 0 })
    expect(await studio.ask('projects:list', {})).toHaveLength(2)
    expect(photograph(dirname(path))).toEqual(before)
  })

  it('is said in a sentence when it is found in use, and everything else goes on', async () => {
    const { path, runId } = await makeTraining(makeFolder(), 30)
    const { studio, ending } = await watchStudio(computeHere)
    await studio.openProjectAt(path)
    expect(await ending((await studio.ask('training:resume', { runId })).jobId)).toMatchObject({ kind: 'finished' })
    await studio.ask('project:close', {})
    const pages = [pageOf(path, 'metric'), pageOf(path, 'checkpoint_tensor')]
    await studio.openProjectAt(path)
    for (const page of pages) flipByte(path, page + 3)
    expect(await studio.request('run:metrics', { runId })).toEqual({ ok: false, error: damaged })
    const source = { kind: 'run', runId } as const
    const { jobId } = await studio.ask('draw:refine', { source, condition, seed: 1, steps: 1 })
    expect(await ending(jobId)).toEqual({ kind: 'failed', ...damaged })
    await studio.ask('document:create', { kind: 'sketch', name: 'A', width: 9, height: 9 })
  })
})

import { copyFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openStore } from '../../storage/project/store.ts'
import { openProjectFile } from '../../storage/sqlite/projectFile.ts'
import { importClasses, importTestModel, openTestStudio, type TestStudio } from './testing.ts'

let open: TestStudio[] = []
async function start(...options: Parameters<typeof openTestStudio>): Promise<TestStudio> {
  const opened = await openTestStudio(...options)
  open.push(opened)
  return opened
}
afterEach(async () => {
  vi.useRealTimers()
  for (const { end } of open.reverse()) await end()
  open = []
})

const projectPath = ({ folder }: TestStudio, name: string) => join(folder, 'projects', `${name}.tandem`)

/** As another program does it that finds the holder silent for long. */
function takeOver(path: string): void {
  openProjectFile(path, { access: 'write', clock: () => '2099-01-01T00:00:00.000Z' }).close()
}

describe('the open project', () => {
  it('is refused to a second program, which may look only', async () => {
    const first = await start()
    const second = await start()
    await first.studio.ask('project:create', { name: 'A' })
    await first.studio.ask('document:create', { kind: 'sketch', name: 'One', width: 9, height: 9 })
    const path = projectPath(first, 'A')
    await expect(second.studio.openProjectAt(path)).rejects.toMatchObject({
      problem: 'locked',
      message: expect.stringContaining('A.tandem is open in Tandem Studio on this computer'),
    })
    expect(await second.studio.openProjectAt(path, { readOnly: true })).toMatchObject({ name: 'A', readOnly: true })
    expect(await second.studio.ask('documents:list', {})).toMatchObject([{ name: 'One' }])
    const refused = await second.studio.request('document:create', { kind: 'mask', name: 'Two', width: 9, height: 9 })
    expect(refused).toMatchObject({ ok: false, error: { code: 'storage-failed' } })
    await first.studio.ask('project:close', {})
    expect(await second.studio.openProjectAt(path)).toMatchObject({ readOnly: false })
  })

  it('stays open to look when it cannot be had for writing yet, and its writer can turn to looking', async () => {
    const first = await start()
    const second = await start()
    await first.studio.ask('project:create', { name: 'A' })
    const path = projectPath(first, 'A')
    await second.studio.openProjectAt(path, { readOnly: true })
    await expect(second.studio.openProjectAt(path)).rejects.toMatchObject({ problem: 'locked' })
    expect(await second.studio.ask('studio:state', {})).toMatchObject({ project: { name: 'A', readOnly: true } })
    await first.studio.openProjectAt(path, { readOnly: true })
    expect(await second.studio.openProjectAt(path)).toMatchObject({ readOnly: false })
    await second.studio.ask('document:create', { kind: 'mask', name: 'Two', width: 9, height: 9 })
    expect(await first.studio.ask('documents:list', {})).toMatchObject([{ name: 'Two' }])
  })

  it('stays open when another one cannot be opened', async () => {
    const { studio, folder } = await start()
    const { id } = await studio.ask('project:create', { name: 'A' })
    copyFileSync(import.meta.filename, join(folder, 'no project.tandem'))
    await expect(studio.openProjectAt(join(folder, 'no project.tandem'))).rejects.toThrow('is not a Tandem project')
    await expect(studio.openProjectAt(join(folder, 'missing.tandem'))).rejects.toThrow('is not there any more')
    expect(await studio.ask('studio:state', {})).toMatchObject({ project: { id } })
  })

  it('says after a crash what was interrupted, what is safe, and ends its job', async () => {
    const crashed = await start()
    await crashed.studio.ask('project:create', { name: 'A' })
    const { runId } = await importTestModel(crashed)
    const dataSetId = await importClasses(crashed)
    const resumed = await crashed.studio.ask('training:resume', { runId })
    crashed.say({ kind: 'begun', jobId: resumed.jobId })
    const fresh = await crashed.studio.ask('training:start', { dataSetId, recipe: 'quick', seed: 1, name: 'Fresh' })
    const path = projectPath(crashed, 'A')
    takeOver(path)

    const { studio, heard } = await start()
    await studio.openProjectAt(path)
    expect(heard('studio:noted')).toEqual([
      {
        tone: 'warning',
        message: '“bowls” was interrupted at step 40; its newest checkpoint (step 40) is safe.',
        hint: 'Continue it among the trainings.',
      },
      {
        tone: 'warning',
        message: '“Fresh” was interrupted before its first checkpoint; everything else is safe.',
        hint: 'Start it again among the trainings.',
      },
    ])
    for (const { jobId } of [resumed, fresh])
      expect(await studio.ask('job:get', { jobId })).toMatchObject({
        state: { kind: 'ended', ending: { kind: 'failed', code: 'interrupted' } },
      })
    expect(await studio.ask('run:notes', { runId })).toMatchObject([{ step: 40, kind: 'interrupted' }])
    // Told once: a second opening finds nothing going on.
    await studio.ask('project:close', {})
    await studio.openProjectAt(path)
    expect(heard('studio:noted')).toHaveLength(2)
  })

  it('is let go of with a sentence when another program has taken it over', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { studio, heard, folder } = await start()
    const { id } = await studio.ask('project:create', { name: 'A' })
    const closed = new Promise((resolve) => studio.listen((name) => name === 'project:closed' && resolve(name)))
    takeOver(join(folder, 'projects', 'A.tandem'))
    const write = await studio.request('document:create', { kind: 'sketch', name: 'One', width: 9, height: 9 })
    expect(write).toMatchObject({ ok: false, error: { message: expect.stringContaining('has taken over A.tandem') } })
    vi.advanceTimersByTime(5000)
    await closed
    expect(heard('project:closed')).toEqual([{ projectId: id }])
    expect(heard('studio:noted')).toMatchObject([{ tone: 'problem', message: expect.stringContaining('taken over') }])
    expect(await studio.ask('studio:state', {})).toMatchObject({ project: null })
  })

  it('whose file vanished is said once, and can still be saved', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { studio, heard, folder } = await start()
    await studio.ask('project:create', { name: 'A' })
    await studio.ask('document:create', { kind: 'sketch', name: 'One', width: 9, height: 9 })
    const path = join(folder, 'projects', 'A.tandem')
    renameSync(path, `${path}.away`)
    for (let beat = 0; beat < 3; beat++) vi.advanceTimersByTime(5000)
    expect(heard('studio:noted')).toMatchObject([
      { tone: 'problem', message: expect.stringContaining('is not where it was') },
    ])
    const { sizeBytes } = await studio.ask('project:export', {})
    expect(sizeBytes).toBeGreaterThan(10_000)
    renameSync(`${path}.away`, path)
    await studio.ask('document:create', { kind: 'sketch', name: 'Two', width: 9, height: 9 })
    rmSync(`${path}.away`, { force: true })
  })

  it('keeps its lock alive while nothing is done', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { studio, folder } = await start()
    await studio.ask('project:create', { name: 'A' })
    const beats = () => {
      const file = openProjectFile(join(folder, 'projects', 'A.tandem'), { access: 'read' })
      try {
        return file.db.prepare<[], string>('SELECT heartbeat_at FROM lock').pluck().get() ?? ''
      } finally {
        file.close()
      }
    }
    const first = beats()
    await vi.waitFor(() => {
      vi.advanceTimersByTime(5000)
      expect(beats() > first).toBe(true)
    })
  })

  it('has what was answered on the disk at once, whoever looks', async () => {
    const { studio, folder } = await start()
    await studio.ask('project:create', { name: 'A' })
    const { id } = await studio.ask('document:create', { kind: 'sketch', name: 'One', width: 9, height: 9 })
    const strokes = [{ kind: 'stroke', points: [[1, 2, 0.5]] }, { kind: 'fill' }]
    await studio.ask('document:append', { documentId: id, position: 0, entries: strokes })
    const file = openProjectFile(join(folder, 'projects', 'A.tandem'), { access: 'read' })
    expect(openStore(file).documents.entries(id)).toEqual(strokes)
    file.close()
  })

  it('is swept of what nothing refers to', async () => {
    const world = await start()
    const { studio } = world
    await studio.ask('project:create', { name: 'A' })
    const { checkpointId } = await importTestModel(world)
    const before = await studio.ask('project:space', {})
    expect(before.checkpoints).toBeGreaterThan(1000)
    await studio.ask('checkpoint:remove', { checkpointId })
    await studio.ask('project:tidy', {})
    expect(await studio.ask('project:space', {})).toMatchObject({ checkpoints: 0, free: 0 })
  })

  it('is where the person put it', async () => {
    const { studio, folder } = await start()
    await studio.createProjectAt(join(folder, 'Pots and jugs'))
    expect(await studio.ask('projects:list', {})).toMatchObject([
      { name: 'Pots and jugs', present: true, binnedAt: null },
    ])
    await expect(studio.createProjectAt(join(folder, 'Pots and jugs.tandem'))).rejects.toMatchObject({
      problem: 'taken',
    })
  })
})

import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import type { Id } from '../../domain/records.ts'
import { grey, importClasses, importTestModel, openTestStudio, type TestStudio } from './testing.ts'

let open: TestStudio[] = []
async function start(...options: Parameters<typeof openTestStudio>): Promise<TestStudio> {
  const opened = await openTestStudio(...options)
  open.push(opened)
  return opened
}
afterEach(async () => {
  for (const { end } of open.reverse()) await end()
  open = []
})

const projectsFolder = ({ folder }: TestStudio) => join(folder, 'projects')
const names = async ({ studio }: TestStudio) => (await studio.ask('projects:list', {})).map(({ name }) => name)

async function sendBack({ studio }: TestStudio, downloadId: Id, name = 'Sent.tandem'): Promise<Id> {
  const { uploadId } = await studio.ask('upload:begin', { purpose: 'project' })
  await studio.receiveFile(uploadId, name, studio.findDownload(downloadId).open())
  return uploadId
}

describe('projects', () => {
  it('get files with plain names, never over another one', async () => {
    const world = await start()
    for (const name of ['Vases', 'Vases', '../Vases', 'con', '…/“x”'])
      expect(await world.studio.ask('project:create', { name })).toMatchObject({ name, readOnly: false })
    await world.studio.ask('project:close', {})
    expect(readdirSync(projectsFolder(world)).toSorted()).toEqual(
      ['Tandem con.tandem', 'Vases 2.tandem', 'Vases 3.tandem', 'Vases.tandem', '… “x”.tandem'].toSorted(),
    )
    expect(readdirSync(world.folder).toSorted()).toEqual(['data', 'projects'])
  })

  it('are renamed, listed newest first, and remembered by the next session', async () => {
    const world = await start()
    await world.studio.ask('project:create', { name: 'First' })
    const { id } = await world.studio.ask('project:create', { name: 'Second' })
    expect(await world.studio.ask('project:rename', { name: 'Renamed' })).toMatchObject({ id, name: 'Renamed' })
    expect(await names(world)).toEqual(['Renamed', 'First'])
    await world.studio.close()
    const next = await start({ folder: world.folder })
    expect(await names(next)).toEqual(['Renamed', 'First'])
    expect(await next.studio.ask('project:open', { projectId: id })).toMatchObject({ id, name: 'Renamed' })
  })

  it('are copied like any document: the copy is a project of its own once it is opened', async () => {
    const world = await start()
    const { studio } = world
    const { id: projectId } = await studio.ask('project:create', { name: 'Vases' })
    await studio.ask('project:close', {})
    const [path, copied] = ['Vases.tandem', 'Copied.tandem'].map((name) => join(projectsFolder(world), name))
    copyFileSync(path, copied)
    const copy = await studio.openProjectAt(copied)
    expect(copy.id).not.toBe(projectId)
    expect((await studio.ask('projects:list', {})).map(({ projectId: id }) => id)).toEqual([copy.id, projectId])
    expect(await studio.ask('project:open', { projectId })).toMatchObject({ id: projectId })
    await studio.ask('project:close', {})
    renameSync(path, `${path}.moved.tandem`)
    expect(await studio.openProjectAt(`${path}.moved.tandem`)).toMatchObject({ id: projectId })
  })

  it('are duplicated whole, the open one as well as a closed one, and live apart from then on', async () => {
    const world = await start()
    const { studio } = world
    const { id: projectId } = await studio.ask('project:create', { name: 'Vases' })
    await importTestModel(world)
    const copy = await studio.ask('project:duplicate', { projectId, name: 'A copy' })
    await studio.ask('project:close', {})
    const second = await studio.ask('project:duplicate', { projectId, name: 'Another' })
    expect(new Set([projectId, copy.projectId, second.projectId]).size).toBe(3)
    for (const { projectId: id, name } of [copy, second]) {
      expect(await studio.ask('project:open', { projectId: id })).toMatchObject({ id, name })
      expect(await studio.ask('runs:list', {})).toMatchObject([{ name: 'bowls' }])
      await studio.ask('run:rename', { runId: (await studio.ask('runs:list', {}))[0].id, name: `of ${name}` })
    }
    await studio.ask('project:open', { projectId })
    expect(await studio.ask('runs:list', {})).toMatchObject([{ name: 'bowls' }])
    expect(readdirSync(join(world.folder, 'data')).filter((name) => name.startsWith('copy-'))).toEqual([])
  })

  it('travel as one file, without what the other need not have', async () => {
    const world = await start()
    const { studio, folder } = world
    await studio.ask('project:create', { name: 'Vases' })
    const { checkpointId } = await importTestModel(world)
    await importClasses(world)
    const whole = await studio.ask('project:export', { personal: true })
    const light = await studio.ask('project:export', { optimizer: false, pictures: false })
    expect(whole.name).toBe('Vases.tandem')
    expect(light.sizeBytes).toBeLessThan(whole.sizeBytes)
    const bytes = await Readable.from(studio.findDownload(light.downloadId).open()).toArray()
    expect(Buffer.concat(bytes as Buffer[]).includes(folder)).toBe(false)
    const entry = await studio.ask('project:import', {
      uploadId: await sendBack(world, light.downloadId, 'in/From Ada.tandem'),
    })
    expect(entry).toMatchObject({ name: 'From Ada', present: true, binnedAt: null })
    await studio.ask('project:open', { projectId: entry.projectId })
    expect(await studio.ask('data:list', {})).toEqual([])
    const [run] = await studio.ask('runs:list', {})
    expect(await studio.ask('run:checkpoints', { runId: run.id })).toMatchObject([
      { id: checkpointId, content: 'weights' },
    ])
  })

  it.each([
    ['no project', () => readFileSync(import.meta.filename), 'is not a Tandem project'],
    ['nothing', () => Buffer.alloc(0), 'is not a Tandem project'],
  ])('do not come in from %s', async (_, bytes, words) => {
    const world = await start()
    const { uploadId } = await world.studio.ask('upload:begin', { purpose: 'project' })
    await world.studio.receiveFile(uploadId, 'x.tandem', Readable.from([bytes()], { objectMode: false }))
    const reply = await world.studio.request('project:import', { uploadId })
    expect(reply).toMatchObject({ ok: false, error: { code: 'bad-input', message: expect.stringContaining(words) } })
    expect(await names(world)).toEqual([])
  })

  it('that are damaged are refused whole, and saved as far as they can be read', async () => {
    const world = await start()
    const { studio } = world
    const { id: projectId } = await studio.ask('project:create', { name: 'Vases' })
    const { id: documentId } = await studio.ask('document:create', {
      kind: 'sketch',
      name: 'A jug',
      width: 9,
      height: 9,
    })
    await importTestModel(world)
    await studio.ask('project:close', {})
    const path = join(projectsFolder(world), 'Vases.tandem')
    const size = statSync(path).size
    const file = openSync(path, 'r+')
    for (let at = size - 8192 * 2; at < size; at += 512) writeSync(file, Buffer.alloc(256, 0xa5), 0, 256, at)
    closeSync(file)
    copyFileSync(path, join(world.folder, 'before'))
    const refused = await studio.request('project:open', { projectId })
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'storage-failed', message: 'Vases.tandem is damaged; nothing in it was changed.' },
    })
    const { project, tables } = await studio.ask('project:salvage', { projectId })
    expect(project).toMatchObject({ name: 'Vases', readOnly: false })
    expect(tables.find(({ table }) => table === 'document')).toEqual({ table: 'document', rows: 1, lost: 0 })
    expect(await studio.ask('document:get', { documentId })).toMatchObject({ document: { name: 'A jug' } })
    expect(readFileSync(path).equals(readFileSync(join(world.folder, 'before')))).toBe(true)
  })

  it('go to the bin, come back, and are deleted from there alone', async () => {
    const world = await start()
    const { studio } = world
    const { id: projectId } = await studio.ask('project:create', { name: 'Vases' })
    expect(await studio.request('project:delete', { projectId })).toMatchObject({
      ok: false,
      error: { code: 'misuse' },
    })
    await studio.ask('project:bin', { projectId })
    expect(await studio.ask('studio:state', {})).toMatchObject({ project: null })
    expect(await studio.ask('projects:list', {})).toMatchObject([{ binnedAt: expect.any(String), present: true }])
    await studio.ask('project:restore', { projectId })
    expect(await studio.ask('projects:list', {})).toMatchObject([{ binnedAt: null }])
    await studio.ask('project:bin', { projectId })
    await studio.ask('project:delete', { projectId })
    expect(await names(world)).toEqual([])
    expect(readdirSync(projectsFolder(world))).toEqual([])
    expect(await studio.request('project:open', { projectId })).toMatchObject({
      ok: false,
      error: { code: 'not-found' },
    })
  })

  it('are not deleted while another program has them open', async () => {
    const world = await start()
    const other = await start()
    const { id: projectId } = await world.studio.ask('project:create', { name: 'Vases' })
    await world.studio.ask('project:bin', { projectId })
    const path = join(projectsFolder(world), 'Vases.tandem')
    await other.studio.openProjectAt(path)
    expect(await world.studio.request('project:delete', { projectId })).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('Vases.tandem is open in') },
    })
    expect(existsSync(path)).toBe(true)
  })
})

describe('the bin of a project', () => {
  it('holds what was thrown away until it is emptied, and gives it back', async () => {
    const world = await start()
    const { studio, heard } = world
    await studio.ask('project:create', { name: 'Vases' })
    const { runId } = await importTestModel(world)
    const labels = { kind: 'labels' as const, weights: [1, 0] }
    const kept = {
      title: 'A jug',
      picture: grey(8, 8),
      source: { kind: 'run' as const, runId },
      condition: labels,
      seed: 1,
      steps: 1,
    }
    const { id } = await studio.ask('result:keep', kept)
    await studio.ask('bin:add', { kind: 'result', id })
    await studio.ask('bin:add', { kind: 'run', id: runId })
    expect(heard('project:changed').slice(-2)).toEqual([{ what: 'runs' }, { what: 'bin' }])
    const binned = await studio.ask('bin:list', {})
    expect(binned.map(({ kind, name }) => `${kind} ${name}`).toSorted()).toEqual(['result A jug', 'run bowls'])
    expect(binned.find(({ kind }) => kind === 'run')?.sizeBytes).toBeGreaterThan(1000)
    await studio.ask('bin:restore', { kind: 'result', id })
    expect(await studio.request('bin:empty', { only: { kind: 'result', id } })).toMatchObject({
      error: { code: 'not-found' },
    })
    expect(await studio.ask('bin:empty', {})).toEqual({ deleted: 1 })
    expect(await studio.ask('results:list', {})).toMatchObject({ total: 1 })
    expect(await studio.request('run:get', { runId })).toMatchObject({ ok: false, error: { code: 'not-found' } })
  })

  it('does not take a run that learns', async () => {
    const world = await start()
    const { studio } = world
    await studio.ask('project:create', { name: 'Vases' })
    const dataSetId = await importClasses(world)
    const { runId, jobId } = await studio.ask('training:start', { dataSetId, recipe: 'quick', seed: 1 })
    expect(await studio.request('bin:add', { kind: 'run', id: runId })).toMatchObject({
      error: { code: 'misuse', hint: 'Pause it first.' },
    })
    await studio.ask('training:pause', { jobId })
    expect(await studio.ask('bin:add', { kind: 'run', id: runId })).toBeNull()
  })
})

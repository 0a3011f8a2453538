/** The disk of the program's own folders (list of projects, uploads, downloads, new projects) is full; the project's is not. */
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { grey } from '../testing.ts'
import { computeHere } from './computeHere.ts'
import { makeFolder, makeTraining, mountSmallDisk, photograph, watchStudio } from './testing.ts'

it('refuses what goes there in a sentence, leaves nothing half made, and lets the open project be drawn in', async () => {
  const disk = mountSmallDisk(8)
  if (!disk) return
  const { path, runId } = await makeTraining(makeFolder(), 1)
  const world = await watchStudio(computeHere, join(disk.folder, 'data'))
  const { studio, heard } = world
  const { id: projectId } = await studio.openProjectAt(path)
  await world.ending((await studio.ask('training:resume', { runId })).jobId)
  const source = { kind: 'run', runId } as const
  const condition = { kind: 'labels', weights: [1, 0, 0] } as const
  const kept = { title: 'A “jug”', picture: grey(300, 300), source, condition, seed: 1, steps: 0 }
  const { id: resultId } = await studio.ask('result:keep', kept)
  const [{ id: checkpointId }] = await studio.ask('run:checkpoints', { runId })
  const uploadId = await studio.takeLocalFiles(path, 'project')
  const { uploadId: sent } = await studio.ask('upload:begin', { purpose: 'picture' })
  const document = { kind: 'sketch', name: 'A', width: 9, height: 9 } as const

  disk.fill()
  const before = [...photograph(disk.folder).keys()]
  const goesThere: readonly (readonly [string, object])[] = [
    ['project:export', {}],
    ['result:export', { resultId, metadata: true }],
    ['model:export', { checkpointId }],
    ['project:duplicate', { projectId, name: 'Twin' }],
    ['project:create', { name: 'New' }],
    ['project:import', { uploadId }],
    ['settings:change', { pages: { draw: 'x'.repeat(100_000) } }],
  ]
  for (const [name, input] of goesThere) {
    const reply = await studio.request(name, input)
    if (name === 'project:import') expect(reply, name).toMatchObject({ ok: false, error: { code: 'bad-input' } })
    else
      expect(reply, name).toEqual({
        ok: false,
        error: {
          code: 'storage-failed',
          message: expect.stringMatching(/\bdisk\b.*\bfull\b/) as string,
          hint: expect.stringContaining('Free some space') as string,
        },
      })
    expect(JSON.stringify(reply), name).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}/)
  }
  await expect(studio.receiveFile(sent, 'photo.png', Readable.from([new Uint8Array(500_000)]))).rejects.toMatchObject({
    code: 'storage-failed',
    message: expect.stringContaining('the disk is full') as string,
  })
  expect([...photograph(disk.folder).keys()]).toEqual(before)

  const { id: documentId } = await studio.ask('document:create', document)
  await studio.ask('document:append', { documentId, position: 0, entries: [{ kind: 'stroke' }] })
  expect(await studio.ask('draw:preview', { source, condition, seed: 1 })).toMatchObject({ kind: 'drawn' })
  await studio.ask('project:close', {})
  await studio.openProjectAt(path)
  expect(await studio.ask('document:get', { documentId })).toMatchObject({ document: { length: 1 } })

  disk.free()
  for (const [name, input] of goesThere.filter(([name]) => /export|duplicate|settings/.test(name)))
    expect(await studio.request(name, input), name).toMatchObject({ ok: true })
  expect(heard('studio:noted')).toEqual([])
})

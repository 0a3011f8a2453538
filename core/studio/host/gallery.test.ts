import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodePicture } from '../../data/pictureFile.ts'
import { readPngText } from '../../data/pngText.ts'
import type { Id } from '../../domain/records.ts'
import { grey, importTestModel, openTestStudio, type TestStudio } from './testing.ts'

let world: TestStudio
let runId: Id
let checkpointId: Id
beforeAll(async () => {
  world = await openTestStudio()
  await world.studio.ask('project:create', { name: 'A' })
  ;({ runId, checkpointId } = await importTestModel(world))
})
afterAll(() => world.end())

const labels = { kind: 'labels' as const, weights: [0.25, 0.75], latent: Array.from({ length: 100 }, () => 0.5) }
const picture = { ...grey(28, 28), data: Uint8Array.from({ length: 784 }, (_, at) => (at * 7) % 256) }
const keep = (title: string) =>
  world.studio.ask('result:keep', {
    ...{ title, picture, initial: grey(28, 28, 9), source: { kind: 'run', runId }, condition: labels },
    ...{ strokes: [{ kind: 'stroke', points: [1] }], seed: 4_294_967_295, steps: 16, noise: true, guidance: 1.5 },
  })
const bytesOf = async (hash: string) => buffer(world.studio.findContent(hash).open())

describe('the gallery', () => {
  it('keeps a picture byte for byte, with all that draws it again, and the checkpoint pinned', async () => {
    const { studio } = world
    const kept = await keep('A jug')
    expect(await studio.ask('result:get', { resultId: kept.id })).toEqual(kept)
    expect(kept).toMatchObject({ width: 28, height: 28, starred: false, initial: expect.stringMatching(/^\w{64}$/) })
    expect(kept.provenance).toMatchObject({
      ...{ task: 'class', runId, checkpointId, step: 40, seed: 4_294_967_295, langevinSteps: 16, noise: true },
      ...{ guidance: 1.5, labels: labels.weights, latent: labels.latent, condition: null, mask: null },
      strokes: [{ kind: 'stroke', points: [1] }],
      weights: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(await decodePicture(await bytesOf(kept.picture), { channels: 1 })).toEqual(picture)
    expect(await studio.ask('run:checkpoints', { runId })).toMatchObject([{ id: checkpointId, pinned: true }])
    expect(await studio.request('checkpoint:remove', { checkpointId })).toMatchObject({ ok: false })
  })

  it('refuses what cannot have been drawn that way', async () => {
    const { studio } = world
    const { total } = await studio.ask('results:list', {})
    const wrong = { title: 'No', picture, source: { kind: 'run', runId }, seed: 1, steps: 1 }
    for (const condition of [
      { kind: 'picture', picture },
      { kind: 'labels', weights: [1] },
    ])
      expect(await studio.request('result:keep', { ...wrong, condition })).toMatchObject({
        ok: false,
        error: { code: 'misuse', message: expect.stringContaining('nothing was kept') },
      })
    const gone = { kind: 'run', runId: '00000000-0000-4000-8000-000000000000' }
    expect(await studio.request('result:keep', { ...wrong, source: gone, condition: labels })).toMatchObject({
      error: { code: 'not-found' },
    })
    expect((await studio.ask('results:list', {})).total).toBe(total)
  })

  it('lists pages, finds by title in any case, and stars', async () => {
    const { studio } = world
    const { id: resultId } = await keep('Ünder the Table')
    await keep('Another')
    const changed = await studio.ask('result:change', { resultId, starred: true })
    expect(changed).toMatchObject({ title: 'Ünder the Table', starred: true })
    expect(await studio.ask('results:list', { query: 'üNDER' })).toMatchObject({
      total: 1,
      results: [{ id: resultId }],
    })
    expect(await studio.ask('results:list', { starred: true })).toMatchObject({ total: 1 })
    const all = await studio.ask('results:list', {})
    const second = await studio.ask('results:list', { offset: 1, limit: 1 })
    expect(second).toMatchObject({
      total: all.total,
      results: [{ id: all.results[1].id, provenance: { strokes: null } }],
    })
  })

  it('exports the PNG as it is, or with what reproduces it inside', async () => {
    const { studio } = world
    const kept = await keep('A “jug” / 1')
    const exported = async (metadata: boolean) => {
      const { downloadId, name, sizeBytes } = await studio.ask('result:export', { resultId: kept.id, metadata })
      const file = studio.findDownload(downloadId)
      expect(file).toMatchObject({ name, sizeBytes, type: 'image/png' })
      expect(name).toBe('A “jug” 1.png')
      return buffer(file.open())
    }
    const plain = await exported(false)
    expect(plain).toEqual(await bytesOf(kept.picture))
    expect(readPngText(plain)).toEqual({})
    const told = await exported(true)
    expect(await decodePicture(told, { channels: 1 })).toEqual(picture)
    expect(readPngText(told)).toMatchObject({
      'tandem:title': 'A “jug” / 1',
      'tandem:model': 'bowls',
      'tandem:seed': '4294967295',
      'tandem:steps': '16',
      'tandem:noise': 'on',
      'tandem:guidance': '1.5',
      'tandem:labels': '[0.25,0.75]',
      'tandem:weights': kept.provenance.weights,
    })
  })

  it('asks the computing process to draw it again, and hears how it went', async () => {
    const { studio, ending, processes } = world
    const { id: resultId } = await keep('Once more')
    const { jobId } = await studio.ask('result:reproduce', { resultId })
    const given = processes
      .at(-1)
      ?.sentOf('start')
      .find((each) => each.jobId === jobId)
    expect(given?.work).toEqual({ kind: 'reproduce', resultId })
    const outcome = { kind: 'reproduced', equal: true, differentBytes: 0, picture }
    world.say({ kind: 'begun', jobId })
    processes.at(-1)?.end(jobId, { kind: 'finished', outcome })
    expect(await ending(jobId)).toEqual({ kind: 'finished', outcome })
    expect(await studio.ask('job:get', { jobId })).toMatchObject({ state: { ending: { outcome } } })
    // It was for this session alone.
    const { id: projectId } = (await studio.ask('studio:state', {})).project ?? { id: '' }
    await studio.ask('project:close', {})
    await studio.ask('project:open', { projectId })
    await expect(studio.ask('job:get', { jobId })).rejects.toThrow('This job is not known (any more).')
  })

  it('lends its newest picture to the card of the project, also when it is closed', async () => {
    const { studio } = world
    const { id: projectId } = (await studio.ask('studio:state', {})).project ?? { id: '' }
    await studio.ask('project:close', {})
    const [{ thumbnail }] = await studio.ask('projects:list', {})
    expect(thumbnail).toMatch(/^\w{64}$/)
    const { sizeBytes, type } = studio.findContent(thumbnail ?? '')
    expect(type).toBe('image/png')
    expect(sizeBytes).toBeGreaterThan(100)
    await studio.ask('project:open', { projectId })
  })
})

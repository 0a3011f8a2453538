import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodePicture } from '../../data/pictureFile.ts'
import { idx, makeClasses, writeFiles } from '../testing.ts'
import { importClasses, importPairs, openTestStudio, type TestStudio } from './testing.ts'

let world: TestStudio
beforeAll(async () => {
  world = await openTestStudio()
  await world.studio.ask('project:create', { name: 'A' })
})
afterAll(() => world.end())

describe('data sets', () => {
  it('are looked at, imported from what was sent, and told of', async () => {
    const { studio, folder, ending, heard } = world
    await makeClasses(join(folder, 'sent'), ['cup', 'vase'], 8)
    const { uploadId } = await studio.ask('upload:begin', { purpose: 'data' })
    for (const label of ['cup', 'vase'])
      for (const name of readdirSync(join(folder, 'sent', label)))
        await studio.receiveFile(
          uploadId,
          `${label}/${name}`,
          Readable.from([readFileSync(join(folder, 'sent', label, name))]),
        )
    await studio.receiveFile(uploadId, 'cup/broken.png', Readable.from([Buffer.from('no picture')]))
    await expect(studio.receiveFile(uploadId, '../x.png', Readable.from(['x']))).rejects.toMatchObject({
      code: 'bad-input',
    })
    const found = await studio.ask('data:inspect', { uploadId })
    expect(found).toMatchObject({ kind: 'class', labels: ['cup', 'vase'], problemCount: 1, canReference: false })
    const { jobId } = await studio.ask('data:import', { uploadId, name: 'Sent' })
    expect(await ending(jobId)).toMatchObject({
      kind: 'finished',
      outcome: { kind: 'imported', pictures: 16, problems: 1 },
    })
    expect(heard('project:changed')).toContainEqual({ what: 'dataSets' })
    expect(await studio.ask('data:list', {})).toMatchObject([{ name: 'Sent', keeping: 'inside' }])
    expect(await studio.request('data:inspect', { uploadId })).toMatchObject({ error: { code: 'not-found' } })
  })

  it('whose import is cancelled or fails leave nothing behind', async () => {
    const { studio, folder, ending } = world
    const before = await studio.ask('data:list', {})
    await makeClasses(join(folder, 'many'), ['a', 'b'], 40)
    const local = await studio.takeLocalFiles(join(folder, 'many'), 'data')
    const { jobId } = await studio.ask('data:import', { uploadId: local, name: 'Many' })
    await studio.ask('job:cancel', { jobId })
    expect(await ending(jobId)).toEqual({ kind: 'cancelled' })
    rmSync(join(folder, 'many'), { recursive: true })
    const failing = await studio.ask('data:import', { uploadId: local, name: 'Gone' })
    const end = await ending(failing.jobId)
    expect(end).toMatchObject({ kind: 'failed', code: 'bad-input' })
    expect(JSON.stringify(end)).not.toContain(folder)
    expect(await studio.ask('data:list', {})).toEqual(before)
  })

  it('are put right row by row', async () => {
    const { studio } = world
    const dataSetId = await importClasses(world)
    expect(await studio.ask('picture:change', { dataSetId, number: 0, skipped: true })).toMatchObject({ skipped: true })
    const { pictures, total } = await studio.ask('data:pictures', { dataSetId, only: 'skipped' })
    expect({ total, number: pictures[0].number }).toEqual({ total: 1, number: 0 })
    expect(await studio.ask('data:relabel', { dataSetId, labels: ['x', 'y'] })).toMatchObject({ labels: ['x', 'y'] })
    expect(await studio.request('data:relabel', { dataSetId, labels: ['x', 'y', 'z'] })).toMatchObject({ ok: false })
    expect(await studio.request('picture:change', { dataSetId, number: 999, skipped: true })).toMatchObject({
      error: { code: 'not-found' },
    })
    const examples = await studio.ask('data:examples', { dataSetId, count: 3, seed: 1, size: 16 })
    expect(examples).toHaveLength(3)
    expect(examples[0].observed).toMatchObject({ width: 16, height: 16 })
  })

  it('of pairs are swapped, and paired by hand', async () => {
    const { studio } = world
    const dataSetId = await importPairs(world)
    const { conditionSide } = await studio.ask('data:get', { dataSetId })
    const { conditionSide: swapped } = await studio.ask('data:swap', { dataSetId })
    expect([conditionSide, swapped].toSorted()).toEqual(['left', 'right'])
    const { pictures } = await studio.ask('data:pictures', { dataSetId, only: 'problems' })
    const observed = pictures.find(({ content }) => content !== null)
    const condition = pictures.find(({ content }) => content === null)
    if (!observed || !condition) throw new Error('no orphans')
    const pair = { dataSetId, observed: observed.number, condition: condition.number }
    expect(await studio.ask('picture:pair', pair)).toMatchObject({
      ...{ content: observed.content, condition: condition.condition, problem: null, skipped: false },
    })
    expect(await studio.request('picture:pair', pair)).toMatchObject({ ok: false })
  })
})

describe('the pictures of data sets', () => {
  it('can be fetched where they are kept outside, as long as they are what they were', async () => {
    const alone = await openTestStudio()
    const { studio, folder } = alone
    await studio.ask('project:create', { name: 'A' })
    const dataSetId = await importClasses(alone, 'referenced')
    const { pictures } = await studio.ask('data:pictures', { dataSetId, limit: 2 })
    const [first, second] = pictures.map(({ content }) => content ?? '')
    const file = studio.findContent(first)
    expect(file.type).toBe('image/png')
    expect(await decodePicture(await buffer(file.open()))).toMatchObject({ width: 28, height: 28 })
    expect(studio.findContent(second).sizeBytes).toBeGreaterThan(100)
    const [source] = readdirSync(folder).filter((name) => name.startsWith('pictures-'))
    writeFiles(join(folder, source), { [pictures[1].name]: 'another picture' })
    expect(() => studio.findContent(second)).toThrow('not in the project')
    await alone.end()
  })

  it('can be fetched where they were rows of a binary file', async () => {
    const { studio, folder, ending } = world
    const values = Uint8Array.from({ length: 40 * 64 }, (_, at) => (at * 31 + Math.floor(at / 64) * 7) % 256)
    const labels = Uint8Array.from({ length: 40 }, (_, at) => at % 2)
    writeFiles(join(folder, 'idx'), {
      'train-images-idx3-ubyte': idx([40, 8, 8], values),
      'train-labels-idx1-ubyte': idx([40], labels),
    })
    const uploadId = await studio.takeLocalFiles(join(folder, 'idx'), 'data')
    const { jobId } = await studio.ask('data:import', { uploadId, name: 'Digits' })
    const end = await ending(jobId)
    if (end.kind !== 'finished' || end.outcome?.kind !== 'imported') throw new Error(JSON.stringify(end))
    const { pictures } = await studio.ask('data:pictures', { dataSetId: end.outcome.dataSetId, limit: 1 })
    const shown = await decodePicture(await buffer(studio.findContent(pictures[0].content ?? '').open()), {
      channels: 1,
    })
    expect(shown).toMatchObject({ width: 8, height: 8 })
    expect(Buffer.from(values).includes(Buffer.from(shown.data))).toBe(true)
  })
})

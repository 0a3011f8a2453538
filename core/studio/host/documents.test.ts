import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { text } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { openTestStudio, type TestStudio, uploadPicture } from './testing.ts'

let world: TestStudio
beforeAll(async () => {
  world = await openTestStudio()
  await world.studio.ask('project:create', { name: 'A' })
})
afterAll(() => world.end())

const create = () => world.studio.ask('document:create', { kind: 'sketch', name: 'A jug', width: 64, height: 48 })
const stroke = (at: number) => ({ kind: 'stroke', points: [[at, at, 0.5]] })

describe('documents', () => {
  it('draw, undo, redo, and drop what was undone when drawn upon', async () => {
    const { studio } = world
    const { id: documentId } = await create()
    await studio.ask('document:append', { documentId, position: 0, entries: [stroke(1), stroke(2), stroke(3)] })
    expect(await studio.ask('document:move', { documentId, position: 1 })).toMatchObject({ position: 1, length: 3 })
    const drawn = await studio.ask('document:append', { documentId, position: 1, entries: [stroke(4)] })
    expect(drawn).toMatchObject({ position: 2, length: 2 })
    expect((await studio.ask('document:get', { documentId })).entries).toEqual([stroke(1), stroke(4)])
    expect(await studio.request('document:move', { documentId, position: 3 })).toMatchObject({
      ok: false,
      error: { code: 'misuse', message: expect.stringContaining('no place 3') },
    })
  })

  it('are listed by kind, renamed, and told of', async () => {
    const { studio, heard } = world
    const { id: documentId } = await create()
    await studio.ask('document:rename', { documentId, name: 'An urn' })
    const masks = await studio.ask('documents:list', { kind: 'mask' })
    expect(masks.filter(({ id }) => id === documentId)).toEqual([])
    expect((await studio.ask('documents:list', {})).find(({ id }) => id === documentId)).toMatchObject({
      name: 'An urn',
    })
    expect(heard('project:changed').at(-1)).toEqual({ what: 'documents' })
  })

  it('refuse changes that would not come back as they were, and keep what they had', async () => {
    const { studio } = world
    const { id: documentId } = await create()
    const cyclic: Record<string, unknown> = { kind: 'stroke' }
    cyclic['self'] = cyclic
    const polluted: unknown = JSON.parse('{"__proto__": {"admin": true}}')
    for (const x of [Number.NaN, 1n, new Uint8Array(2), cyclic, polluted, new Date(0)]) {
      const entries = [stroke(1), { kind: 'stroke', x }]
      expect(await studio.request('document:append', { documentId, position: 0, entries })).toMatchObject({
        ok: false,
        error: { code: 'misuse', message: expect.stringContaining('Change 1 (“stroke”)') },
      })
    }
    expect((await studio.ask('document:get', { documentId })).entries).toEqual([])
  })

  it('lie over a picture that was uploaded, which pages can fetch in ranges', async () => {
    const { studio } = world
    const uploadId = await uploadPicture(world)
    const photo = { kind: 'mask', name: 'A hole', width: 20, height: 10, background: { uploadId } } as const
    const { background } = await studio.ask('document:create', photo)
    if (background === null) throw new Error('the photo is gone')
    const file = studio.findContent(background)
    expect(file).toMatchObject({ type: 'image/png', name: expect.stringMatching(/\.png$/) })
    const whole = Buffer.from(await file.open().toArray().then(Buffer.concat))
    expect(whole.length).toBe(file.sizeBytes)
    expect(await text(file.open({ first: 1, last: 3 }))).toBe('PNG')
    expect(() => file.open({ first: 0, last: file.sizeBytes })).toThrow(RangeError)
    // It was taken out of the upload.
    expect(await studio.request('document:create', photo)).toMatchObject({ ok: false, error: { code: 'not-found' } })
  })

  it.each([
    ['no picture', Buffer.from('%PDF-1.7 no picture'), 'not a PNG, JPEG or WebP'],
    ['a picture that is cut off', undefined, 'damaged or cut off'],
  ])('refuse %s', async (_, bytes, words) => {
    const { studio } = world
    const { uploadId } = await studio.ask('upload:begin', { purpose: 'picture' })
    const half = async () => {
      const whole = await studio
        .findContent((await studio.ask('documents:list', { kind: 'mask' }))[0].background ?? '')
        .open()
        .toArray()
      return Buffer.concat(whole as Buffer[]).subarray(0, 400)
    }
    await studio.receiveFile(uploadId, 'x.png', Readable.from([bytes ?? (await half())]))
    const reply = await studio.request('document:create', {
      kind: 'mask',
      name: 'x',
      width: 9,
      height: 9,
      background: { uploadId },
    })
    expect(reply).toMatchObject({ ok: false, error: { code: 'bad-input', message: expect.stringContaining(words) } })
  })
})

describe('contents', () => {
  it.each(['0'.repeat(64), '../../etc/passwd', '', 'x'])('that are not there: %s', (hash) => {
    expect(() => world.studio.findContent(hash)).toThrow('not in the project')
  })
})

import { describe, expect, it } from 'vitest'
import { hashOf } from './contents.ts'
import { loadCheckpoint } from './loadCheckpoint.ts'
import { saveCheckpoint, type CheckpointDraft, type StoredTensor } from './saveCheckpoint.ts'
import {
  countRows,
  createCheckpointDraft,
  createRunDraft,
  createTensor,
  createTensors,
  hardNames,
  keepAll,
  openTestStore,
  pause,
} from './testing.ts'
import { isTrainingTensor } from './trainingTensors.ts'

/** Of one chunk: 4 MB. */
const chunkLength = 1024 ** 2

function openRun() {
  const store = openTestStore()
  const runId = store.runs.insert(createRunDraft()).id
  const save = (changes: Partial<CheckpointDraft> = {}, retention = keepAll) =>
    saveCheckpoint(store, createCheckpointDraft(runId, changes), { pause, retention })
  return { store, runId, save }
}

/** To the bit; element by element would take seconds. */
function expectSame({ data: found }: StoredTensor, { data: wanted }: StoredTensor): void {
  const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) => Buffer.from(buffer, byteOffset, byteLength)
  expect(Buffer.compare(bytesOf(found), bytesOf(wanted))).toBe(0)
}

describe('a checkpoint', () => {
  it('comes back as it was, to the bit', async () => {
    const { store, runId, save } = openRun()
    const tensors = createTensors()
    tensors['statistics/bits'] = { shape: [4], data: new Float32Array([-0, 2 ** -149, 3.4e38, 0.1]) }
    const manifest = { position: { step: 12 }, name: hardNames[3], none: null }
    const saved = await save({ tensors, manifest, step: 12, score: 0.5, best: true })
    const loaded = await loadCheckpoint(store, saved.id)
    expect(loaded.manifest).toEqual(manifest)
    expect(Object.keys(loaded.tensors)).toEqual(Object.keys(tensors))
    for (const [name, tensor] of Object.entries(tensors)) {
      expect(loaded.tensors[name].shape, name).toEqual(tensor.shape)
      expectSame(loaded.tensors[name], tensor)
    }
    const size = Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0)
    expect(saved).toMatchObject({ runId, step: 12, content: 'training', score: 0.5, best: true, pinned: false })
    expect([saved.sizeBytes, saved.ownBytes]).toEqual([size, size])
    expect(store.checkpoints.list(runId)).toEqual([saved])
  })

  it('is stored as little-endian float32', async () => {
    const { store, save } = openRun()
    const { id } = await save({ tensors: { one: { shape: [2], data: new Float32Array([1, -2]) } } })
    const [{ chunks }] = store.checkpoints.tensors(id)
    expect([...store.contents.get(chunks[0], 'It')]).toEqual([0, 0, 128, 63, 0, 0, 0, 192])
  })

  it('reads views of larger arrays as what they show', async () => {
    const { store, save } = openRun()
    const heap = new Float32Array(new SharedArrayBuffer(40)).map((_, i) => i)
    const { id } = await save({ tensors: { view: { shape: [3], data: heap.subarray(4, 7) } } })
    expect([...(await loadCheckpoint(store, id)).tensors.view.data]).toEqual([4, 5, 6])
  })

  it('cuts a large tensor into chunks, and shares those that did not change', async () => {
    const { store, save } = openRun()
    const large = createTensor(1, [2 * chunkLength + 1])
    const first = await save({ tensors: { large, small: createTensor(2, [10]) } })
    expect(countRows(store, 'content')).toBe(4)
    large.data[chunkLength] += 1
    const second = await save({ tensors: { large, small: createTensor(2, [10]) }, step: 11 })
    expect(countRows(store, 'content')).toBe(5)
    const own = 4 * chunkLength
    expect([store.checkpoints.get(first.id).ownBytes, second.ownBytes]).toEqual([own, own])
    expect((await loadCheckpoint(store, first.id)).tensors.large.data[chunkLength]).not.toBe(large.data[chunkLength])
    expectSame((await loadCheckpoint(store, second.id)).tensors.large, large)
  })

  it('moves its run along, but best weights do not move it back', async () => {
    const { store, runId, save } = openRun()
    await save({ step: 50, progress: 1.2, elapsedMs: 777.5, engine: 'tensorflow' })
    expect(store.runs.get(runId)).toMatchObject({ step: 50, progress: 1, elapsedMs: 777.5, engine: 'tensorflow' })
    await save({ step: 40, content: 'weights', progress: 0.4 })
    expect(store.runs.get(runId)).toMatchObject({ step: 50, progress: 1 })
    await save({ step: 30, progress: 0.3 })
    expect(store.runs.get(runId)).toMatchObject({ step: 30, progress: 0.3 })
  })

  it('is the only best one of its run', async () => {
    const { store, runId, save } = openRun()
    const first = await save({ content: 'weights', score: 2, best: true })
    expect(store.checkpoints.best(runId)?.id).toBe(first.id)
    const second = await save({ content: 'weights', score: 1, best: true })
    expect(store.checkpoints.best(runId)?.id).toBe(second.id)
    expect(store.checkpoints.get(first.id).best).toBe(false)
    expect(store.checkpoints.newest(runId)).toBeUndefined()
  })

  it('goes by the retention, in the write of the new one', async () => {
    const { store, runId, save } = openRun()
    const retention = { last: 2, best: 0, everySteps: 0 }
    const pinned = await save({ step: 1 }, retention)
    store.checkpoints.pin(pinned.id)
    for (const step of [2, 3, 4]) await save({ step }, retention)
    expect(store.checkpoints.list(runId).map(({ step }) => step)).toEqual([4, 3, 1])
    store.checkpoints.unpin(pinned.id)
    await save({ step: 5 }, retention)
    expect(store.checkpoints.list(runId).map(({ step }) => step)).toEqual([5, 4])
  })

  it('is removed for good, unless it is pinned', async () => {
    const { store, save } = openRun()
    const { id } = await save({ tensors: createTensors() })
    store.checkpoints.pin(id)
    expect(() => store.checkpoints.remove(id)).toThrow('pinned')
    store.checkpoints.unpin(id)
    store.checkpoints.remove(id)
    await expect(loadCheckpoint(store, id)).rejects.toThrow('not in the project')
    await store.contents.sweep({ pause })
    for (const table of ['checkpoint', 'checkpoint_tensor', 'checkpoint_chunk', 'content'])
      expect(countRows(store, table)).toBe(0)
  })

  it.each(hardNames)('takes a hard name for a tensor (%#)', async (name) => {
    const { store, save } = openRun()
    const { id } = await save({ tensors: { [name]: createTensor(1, [3]) } })
    expect(Object.keys((await loadCheckpoint(store, id)).tensors)).toEqual([name])
  })

  it('knows its weights by one hash, whatever training keeps beside them', async () => {
    const { store, save } = openRun()
    const tensors = createTensors()
    const whole = await save({ tensors })
    const weights = Object.entries(tensors).filter(([name]) => !isTrainingTensor(name))
    const alone = await save({ tensors: Object.fromEntries(weights.toReversed()), content: 'weights' })
    const other = await save({ tensors: createTensors(100) })
    expect(store.checkpoints.weightsHash(alone.id)).toBe(store.checkpoints.weightsHash(whole.id))
    expect(store.checkpoints.weightsHash(other.id)).not.toBe(store.checkpoints.weightsHash(whole.id))
  })

  it('loads in part', async () => {
    const { store, save } = openRun()
    const { id } = await save({ tensors: createTensors() })
    const { tensors } = await loadCheckpoint(store, id, { only: (name) => !isTrainingTensor(name) })
    expect(Object.keys(tensors)).toEqual(['solver.average/kernel', 'statistics/one', 'statistics/none'])
  })
})

describe('loading a checkpoint', () => {
  const tensors = { ...createTensors(), large: createTensor(9, [3 * 1024 ** 2]) }

  it('lets others work between two chunks, and ends where they say so', async () => {
    const { store, save } = openRun()
    const { id } = await save({ tensors })
    const chunks = store.checkpoints.tensors(id).flatMap((tensor) => tensor.chunks).length
    let pauses = 0
    const whole = await loadCheckpoint(store, id, { pause: () => Promise.resolve(void pauses++) })
    expect(pauses).toBe(chunks)
    expectSame(whole.tensors.large, tensors.large)
    const stop = () => (--pauses === chunks - 2 ? Promise.reject(new Error('stop')) : Promise.resolve())
    await expect(loadCheckpoint(store, id, { pause: stop })).rejects.toThrow('stop')
    let others = 0
    setImmediate(() => others++)
    await loadCheckpoint(store, id)
    expect(others).toBe(1)
  })

  it('says that it is gone where it is deleted meanwhile', async () => {
    const { store, save } = openRun()
    const { id } = await save({ tensors })
    const remove = async () => {
      if (store.checkpoints.find(id)) store.checkpoints.remove(id)
      await store.contents.sweep({ pause })
    }
    await expect(loadCheckpoint(store, id, { pause: remove })).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('a checkpoint that cannot be', () => {
  it.each([
    ['a shape its numbers do not fill', { tensors: { a: { shape: [2, 2], data: new Float32Array(3) } } }],
    ['a number that is not finite', { tensors: { a: { shape: [2], data: new Float32Array([1, NaN]) } } }],
    ['no manifest', { manifest: undefined }],
  ])('is refused for %s, and leaves nothing', async (_, changes) => {
    const { store, save } = openRun()
    await expect(save(changes)).rejects.toThrow(RangeError)
    for (const table of ['checkpoint', 'claim']) expect(countRows(store, table)).toBe(0)
  })

  it('is refused for a run that is not there', async () => {
    const { store, save } = openRun()
    await expect(save({ runId: 'nobody', tensors: createTensors() })).rejects.toThrow('not in the project')
    expect(countRows(store, 'content')).toBe(0)
  })

  it('is told where something of it is damaged or lost', async () => {
    const { store, save } = openRun()
    const { db, write } = store.file
    const { id } = await save({ tensors: createTensors() })
    const [{ chunks }] = store.checkpoints.tensors(id)
    const flip = db.prepare("UPDATE content SET data = CAST(x'ff' || substr(data, 2) AS BLOB) WHERE hash = ?")
    write(() => flip.run(chunks[0]))
    await expect(loadCheckpoint(store, id)).rejects.toThrow('The checkpoint of step 10 was damaged on the disk')
    expect((await loadCheckpoint(store, id, { only: (name) => name.startsWith('solver.first') })).tensors).toBeDefined()
    const wrongShape = db.prepare('UPDATE checkpoint_tensor SET shape = ? WHERE place = 1')
    for (const shape of ['[3,3,1,65]', '[1e9,1e9]', '[-1]', '["x"]', '[576.5]', '[]']) {
      write(() => wrongShape.run(shape))
      const only = (name: string) => name === 'solver.average/kernel'
      await expect(loadCheckpoint(store, id, { only }), shape).rejects.toThrow('is not whole')
    }
    write(() => db.prepare('DELETE FROM checkpoint_chunk WHERE place = 2 AND number = 1').run())
    await expect(loadCheckpoint(store, id, { only: (name) => name.startsWith('solver.first') })).rejects.toThrow(
      'is not whole',
    )
  })
})

describe('the same numbers', () => {
  it('have the same chunks in every project', async () => {
    const [one, two] = [openRun(), openRun()]
    const [first, second] = [await one.save({ tensors: createTensors() }), await two.save({ tensors: createTensors() })]
    const chunks = one.store.checkpoints.tensors(first.id)
    expect(two.store.checkpoints.tensors(second.id)).toEqual(chunks)
    const { data } = createTensors()['statistics/one']
    expect(chunks[3].chunks).toEqual([hashOf(new Uint8Array(data.buffer))])
  })
})

import { describe, expect, it } from 'vitest'
import { loadCheckpoint } from './loadCheckpoint.ts'
import { saveCheckpoint } from './saveCheckpoint.ts'
import {
  countRows,
  createCheckpointDraft,
  createRunDraft,
  createTensor,
  createTensors,
  keepAll,
  openTestStore,
  pause,
} from './testing.ts'

function openRun() {
  const store = openTestStore()
  return { store, runId: store.runs.insert(createRunDraft()).id }
}

describe('saving that ends half-way', () => {
  const tensors = { ...createTensors(), more: createTensor(50, [1024 ** 2]), last: createTensor(51, [1024 ** 2]) }

  it('leaves the whole checkpoint or none, wherever it ends', async () => {
    let pauses = 0
    {
      const { store, runId } = openRun()
      const count = () => Promise.resolve(void pauses++)
      await saveCheckpoint(store, createCheckpointDraft(runId, { tensors }), { pause: count, retention: keepAll })
    }
    expect(pauses).toBeGreaterThan(3)
    for (let end = 1; end <= pauses; end++) {
      const { store, runId } = openRun()
      const earlier = createCheckpointDraft(runId, { tensors: createTensors(200), step: 5 })
      const before = await saveCheckpoint(store, earlier, { pause, retention: keepAll })
      let left = end
      const stop = () => (--left === 0 ? Promise.reject(new Error('stop')) : Promise.resolve())
      const saving = saveCheckpoint(store, createCheckpointDraft(runId, { tensors }), {
        pause: stop,
        retention: { last: 1, best: 0, everySteps: 0 },
      })
      await expect(saving).rejects.toThrow('stop')
      expect(store.checkpoints.list(runId)).toEqual([before])
      expect(store.runs.get(runId).step).toBe(5)
      await store.contents.sweep({ pause })
      expect(countRows(store, 'content')).toBe(
        new Set(store.checkpoints.tensors(before.id).flatMap(({ chunks }) => chunks)).size,
      )
      expect(Object.keys((await loadCheckpoint(store, before.id)).tensors)).toEqual(Object.keys(createTensors()))
    }
  })

  it('keeps its chunks from a sweep that comes between', async () => {
    const { store, runId } = openRun()
    const sweep = async () => void (await store.contents.sweep({ pause }))
    const draft = createCheckpointDraft(runId, { tensors })
    const { id } = await saveCheckpoint(store, draft, { pause: sweep, retention: keepAll })
    await sweep()
    const { data } = (await loadCheckpoint(store, id)).tensors.last
    expect(Buffer.compare(Buffer.from(data.buffer), Buffer.from(tensors.last.data.buffer))).toBe(0)
    expect(countRows(store, 'claim')).toBe(0)
  })

  it('ends with its run, where that goes meanwhile', async () => {
    const { store, runId } = openRun()
    const removeRun = () => store.bin.remove('run', runId, { pause })
    let first = true
    const pauseOnce = () => {
      const work = first ? removeRun() : Promise.resolve()
      first = false
      return work
    }
    const saving = saveCheckpoint(store, createCheckpointDraft(runId, { tensors }), {
      pause: pauseOnce,
      retention: keepAll,
    })
    await expect(saving).rejects.toThrow()
    await store.contents.sweep({ pause })
    expect(countRows(store, 'content')).toBe(0)
  })

  it('tells the disk’s own error, not the one of clearing up', async () => {
    const { store, runId } = openRun()
    const broken = {
      ...store.file,
      write: () => {
        throw new Error('the disk is full')
      },
    }
    const draft = createCheckpointDraft(runId, { tensors })
    await expect(saveCheckpoint({ ...store, file: broken }, draft, { pause, retention: keepAll })).rejects.toThrow(
      'full',
    )
  })
})

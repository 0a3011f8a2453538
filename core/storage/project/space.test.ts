import { describe, expect, it } from 'vitest'
import { saveCheckpoint } from './saveCheckpoint.ts'
import { reportSpace } from './space.ts'
import {
  createCheckpointDraft,
  createDataSetDraft,
  createDocumentDraft,
  createPicture,
  createProvenance,
  createRunDraft,
  createTensor,
  keepAll,
  openTestStore,
  pause,
} from './testing.ts'

const bytes = (count: number, seed: number) => new Uint8Array(count).fill(seed)

async function fillProject() {
  const store = openTestStore()
  const { dataSets, pictures, runs, probes, documents, results, contents } = store
  const dataSet = dataSets.begin(createDataSetDraft())
  pictures.insert(dataSet, [
    createPicture('a', { observed: bytes(1000, 1), condition: bytes(500, 2) }),
    createPicture('a again', { observed: bytes(1000, 1) }),
  ])
  dataSets.finish(dataSet)
  const run = runs.insert(createRunDraft()).id
  probes.insert(run, { step: 1, initial: bytes(30, 3), refined: bytes(40, 4) })
  probes.setTargets(run, { observed: bytes(1000, 1), condition: null })
  await saveCheckpoint(store, createCheckpointDraft(run, { tensors: { a: createTensor(1, [1000]) } }), {
    pause,
    retention: keepAll,
  })
  const document = documents.insert(createDocumentDraft({ background: contents.put(bytes(7000, 5), 'picture') })).id
  const provenance = createProvenance({ condition: contents.put(bytes(200, 6), 'picture') })
  const picture = contents.put(bytes(900, 7), 'picture')
  const result = results.insert({ title: '', picture, initial: null, width: 1, height: 1, provenance }).id
  return { store, dataSet, run, document, result }
}

describe('the space report', () => {
  it('counts each content once, for what it is for', async () => {
    const { store } = await fillProject()
    const space = reportSpace(store.file)
    expect(space).toMatchObject({ pictures: 1500, checkpoints: 4000, results: 1100, bin: 0 })
    expect(space.metrics).toBeGreaterThanOrEqual(70)
    expect(space.documents).toBeGreaterThanOrEqual(7000)
  })

  it('counts for the bin what only the bin needs', async () => {
    const { store, dataSet, run, document, result } = await fillProject()
    const before = reportSpace(store.file)
    store.bin.put('result', result)
    store.bin.put('document', document)
    expect(reportSpace(store.file)).toMatchObject({ results: 0, bin: 1100 + 7000, pictures: 1500 })
    store.bin.put('dataSet', dataSet)
    // The run still compares its probes with one of the pictures.
    const space = reportSpace(store.file)
    expect(space).toMatchObject({ pictures: 0, bin: 1100 + 7000 + 500 })
    expect(space.metrics - before.metrics).toBe(1000)
    store.bin.put('run', run)
    expect(reportSpace(store.file)).toMatchObject({ checkpoints: 0, bin: 1100 + 7000 + 1500 + 4000 + 70 })
  })

  it('counts as free what a sweep would give back', async () => {
    const { store, run } = await fillProject()
    await store.bin.remove('run', run, { pause })
    const { free } = reportSpace(store.file)
    expect(free).toBeGreaterThanOrEqual(4070)
    await store.contents.sweep({ pause })
    expect(reportSpace(store.file)).toMatchObject({ free: 0, checkpoints: 0 })
  })

  it('has nothing to report of an empty project', () => {
    const { pictures, checkpoints, results, bin } = reportSpace(openTestStore().file)
    expect([pictures, checkpoints, results, bin]).toEqual([0, 0, 0, 0])
  })
})

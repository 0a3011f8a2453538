import { describe, expect, it } from 'vitest'
import type { MetricPoint } from '../../domain/records.ts'
import type { BinnedKind } from './bin.ts'
import { recover } from './recover.ts'
import { saveCheckpoint } from './saveCheckpoint.ts'
import {
  countRows,
  createCheckpointDraft,
  createDataSetDraft,
  createDocumentDraft,
  createPicture,
  createProvenance,
  createRunDraft,
  createTensor,
  hardNames,
  keepAll,
  openTestStore,
  pause,
  textBytes,
} from './testing.ts'

const emptyPoint = { gap: null, move: null, gradientSize: null, mappingError: null, observedError: null }
const createPoint = (step: number): MetricPoint => ({
  ...{ step, elapsedMs: step, meanPictureError: null, solverGradient: null, saturation: null },
  ...emptyPoint,
})

/** One of each kind, with everything that belongs to it. */
async function fillProject() {
  const store = openTestStore()
  const { dataSets, pictures, runs, metrics, probes, documents, results, contents } = store
  const dataSet = dataSets.begin(createDataSetDraft())
  pictures.insert(
    dataSet,
    Array.from({ length: 2500 }, (_, i) => createPicture(`${i}`)),
  )
  dataSets.finish(dataSet)
  const run = runs.insert(createRunDraft({ dataSetId: dataSet })).id
  metrics.append(
    run,
    Array.from({ length: 6000 }, (_, i) => createPoint(i)),
  )
  probes.insert(run, { step: 1, initial: textBytes('initial'), refined: textBytes('refined') })
  probes.setTargets(run, { observed: textBytes('observed'), condition: null })
  runs.addNote(run, { step: 1, kind: 'scored', message: 'good' })
  const tensors = { a: createTensor(1, [100]) }
  for (const step of [1, 2, 3])
    await saveCheckpoint(store, createCheckpointDraft(run, { step, tensors }), { pause, retention: keepAll })
  const document = documents.insert(createDocumentDraft()).id
  documents.append(
    document,
    0,
    Array.from({ length: 1200 }, () => ({ kind: 'stroke' })),
  )
  const picture = contents.put(textBytes('result'), 'picture')
  const provenance = createProvenance({ strokes: [{ kind: 'stroke' }] })
  const result = results.insert({ title: 'Vase', picture, initial: null, width: 1, height: 1, provenance }).id
  return { store, ids: { dataSet, run, document, result } satisfies Record<BinnedKind, string> }
}

const kinds: BinnedKind[] = ['dataSet', 'run', 'document', 'result']
const tables = [
  ...['data_set', 'picture', 'run', 'metric', 'run_note', 'probe', 'probe_targets', 'checkpoint', 'checkpoint_tensor'],
  ...['checkpoint_chunk', 'document', 'document_entry', 'result', 'unfinished', 'content'],
]

function listIds({ dataSets, runs, documents, results }: ReturnType<typeof openTestStore>): string[] {
  const page = results.page({ offset: 0, limit: 10 }).results
  return [...dataSets.list(), ...runs.list(), ...documents.list(), ...page].map(({ id }) => id)
}

describe('the bin', () => {
  it.each(kinds)('takes a %s out of its list, and gives it back as it was', async (kind) => {
    const { store, ids } = await fillProject()
    const before = listIds(store)
    store.bin.put(kind, ids[kind])
    store.bin.put(kind, ids[kind])
    expect(listIds(store)).toEqual(before.filter((id) => id !== ids[kind]))
    const names = { dataSet: 'Vessels', run: 'A run', document: 'A sketch', result: 'Vase' }
    expect(store.bin.list()).toEqual([
      {
        ...{ kind, id: ids[kind], name: names[kind] },
        binnedAt: expect.any(String) as string,
        sizeBytes: expect.any(Number) as number,
      },
    ])
    expect(store.bin.list()[0].sizeBytes).toBeGreaterThan(5)
    store.bin.restore(kind, ids[kind])
    expect(listIds(store)).toEqual(before)
    expect(store.bin.list()).toEqual([])
  })

  it('lists what was binned last first', async () => {
    const { store, ids } = await fillProject()
    for (const kind of kinds) store.bin.put(kind, ids[kind])
    expect(store.bin.list().map(({ kind }) => kind)).toEqual(kinds.toReversed())
  })

  it('is emptied for good: nothing is left of what was in it', async () => {
    const { store, ids } = await fillProject()
    for (const kind of kinds) store.bin.put(kind, ids[kind])
    expect(await store.bin.empty({ pause })).toBe(4)
    await store.contents.sweep({ pause })
    for (const table of tables) expect(countRows(store, table), table).toBe(0)
    expect(await store.bin.empty({ pause })).toBe(0)
  })

  it('leaves alone what is not in it', async () => {
    const { store, ids } = await fillProject()
    const before = tables.map((table) => countRows(store, table))
    const other = store.runs.insert(createRunDraft()).id
    store.bin.put('run', other)
    await store.bin.empty({ pause })
    expect(tables.map((table) => countRows(store, table))).toEqual(before)
    expect(listIds(store)).toContain(ids.run)
  })

  it('leaves a run whose data set is deleted without one', async () => {
    const { store, ids } = await fillProject()
    await store.bin.remove('dataSet', ids.dataSet, { pause })
    expect(store.runs.get(ids.run).dataSetId).toBeNull()
  })

  it('shows and restores nothing that is being deleted, and recovery ends what a crash broke off', async () => {
    const { store, ids } = await fillProject()
    for (const kind of kinds) store.bin.put(kind, ids[kind])
    let left = 2
    const crash = () => (--left === 0 ? Promise.reject(new Error('crash')) : Promise.resolve())
    await expect(store.bin.empty({ pause: crash })).rejects.toThrow('crash')
    expect(store.bin.list()).toEqual([])
    for (const kind of kinds) expect(() => store.bin.restore(kind, ids[kind])).toThrow('not in the project')
    await recover(store, { pause })
    await store.contents.sweep({ pause })
    for (const table of tables) expect(countRows(store, table), table).toBe(0)
  })

  it('deletes in portions that let others have their turn', async () => {
    const { store, ids } = await fillProject()
    let pauses = 0
    await store.bin.remove('dataSet', ids.dataSet, { pause: () => Promise.resolve(void pauses++) })
    expect(pauses).toBeGreaterThanOrEqual(3)
  })

  it('leaves an import that goes on alone when it is emptied', async () => {
    const store = openTestStore()
    const id = store.dataSets.begin(createDataSetDraft())
    await store.bin.empty({ pause })
    expect(store.dataSets.finish(id).id).toBe(id)
  })

  it.each(kinds)('says so where there is no such %s', async (kind) => {
    const { bin } = openTestStore()
    expect(() => bin.put(kind, 'x')).toThrow('not in the project')
    expect(() => bin.restore(kind, 'x')).toThrow('not in the project')
    await expect(bin.remove(kind, 'x', { pause })).rejects.toThrow('not in the project')
  })

  it.each(hardNames)('takes a hard name (%#)', (name) => {
    const { bin, documents } = openTestStore()
    const { id } = documents.insert(createDocumentDraft({ name }))
    bin.put('document', id)
    expect(bin.list()[0].name).toBe(name)
  })
})

describe('recovery', () => {
  it('ends jobs, releases claims and clears away half an import', async () => {
    const store = openTestStore()
    const job = store.jobs.insert({ kind: 'import', title: 'Import', runId: null })
    const id = store.dataSets.begin(createDataSetDraft())
    store.pictures.insert(id, [createPicture('a')])
    store.contents.claim('a save', textBytes('chunk'), 'tensors')
    const interrupted = await recover(store, { pause })
    expect(interrupted.map((each) => each.id)).toEqual([job.id])
    await store.contents.sweep({ pause })
    for (const table of ['data_set', 'picture', 'claim', 'unfinished', 'content'])
      expect(countRows(store, table), table).toBe(0)
    expect(await recover(store, { pause })).toEqual([])
  })
})

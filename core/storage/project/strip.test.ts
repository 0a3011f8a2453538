import { describe, expect, it } from 'vitest'
import { loadCheckpoint } from './loadCheckpoint.ts'
import { saveCheckpoint } from './saveCheckpoint.ts'
import { removeUnused, withoutOptimizer, withoutPersonal, withoutPictures } from './strip.ts'
import {
  countRows,
  createCheckpointDraft,
  createDataSetDraft,
  createPicture,
  createProvenance,
  createRunDraft,
  createTensor,
  keepAll,
  openTestStore,
  pause,
  textBytes,
} from './testing.ts'

const tensors = {
  'solver.parameters/a': createTensor(1, [10]),
  'solver.first/a': createTensor(2, [10]),
  'solver.second/a': createTensor(3, [10]),
  'solver.average/a': createTensor(4, [10]),
  'initializer.parameters/b': createTensor(5, [20]),
  'initializer.first/b': createTensor(6, [20]),
  'initializer.second/b': createTensor(7, [20]),
  'initializer.average/b': createTensor(8, [20]),
  'statistics/b/mean': createTensor(9, [5]),
}
const manifest = { content: 'training', position: { step: 10 }, data: { folder: '/home/me/private', pictures: 3 } }

async function fillProject() {
  const store = openTestStore()
  const dataSet = store.dataSets.begin(createDataSetDraft())
  store.pictures.insert(dataSet, [createPicture('a')])
  store.dataSets.finish(dataSet)
  const run = store.runs.insert(createRunDraft({ dataSetId: dataSet })).id
  store.probes.insert(run, { step: 1, initial: textBytes('initial'), refined: textBytes('refined') })
  store.probes.setTargets(run, { observed: textBytes('observed'), condition: null })
  const draft = createCheckpointDraft(run, { tensors, manifest })
  const { id: checkpoint } = await saveCheckpoint(store, draft, { pause, retention: keepAll })
  const other = await saveCheckpoint(store, { ...draft, manifest: [1, 2] }, { pause, retention: keepAll })
  store.jobs.insert({ kind: 'train', title: 'Train /home/me/private', runId: run })
  const picture = store.contents.put(textBytes('result'), 'picture')
  const provenance = createProvenance()
  store.results.insert({ title: '', picture, initial: null, width: 1, height: 1, provenance })
  const { db } = store.file
  return { store, db, dataSet, run, checkpoint, other: other.id }
}

describe('an export', () => {
  it('without optimizer keeps of each checkpoint what draws, under the same hash', async () => {
    const { store, db, checkpoint, other } = await fillProject()
    const hash = store.checkpoints.weightsHash(checkpoint)
    withoutOptimizer(db)
    removeUnused(db)
    expect(store.checkpoints.get(checkpoint)).toMatchObject({ content: 'weights', sizeBytes: 35 * 4 })
    const loaded = await loadCheckpoint(store, checkpoint)
    expect(loaded.manifest).toEqual({ ...manifest, content: 'weights' })
    const names = ['solver.average/a', 'initializer.average/b', 'statistics/b/mean']
    expect(Object.keys(loaded.tensors)).toEqual(names)
    expect(loaded.tensors['initializer.average/b'].data).toEqual(tensors['initializer.average/b'].data)
    expect(store.checkpoints.weightsHash(checkpoint)).toBe(hash)
    expect((await loadCheckpoint(store, other)).manifest).toEqual([1, 2])
    expect(db.prepare("SELECT count(*) FROM content WHERE kind = 'tensors'").pluck().get()).toBe(3)
  })

  it('without pictures keeps everything else', async () => {
    const { store, db, run, checkpoint } = await fillProject()
    withoutPictures(db)
    removeUnused(db)
    expect(store.dataSets.list()).toEqual([])
    expect(store.runs.get(run).dataSetId).toBeNull()
    expect(store.probes.targets(run)).toBeUndefined()
    expect(store.probes.list(run)).toHaveLength(1)
    expect(Object.keys((await loadCheckpoint(store, checkpoint)).tensors)).toEqual(Object.keys(tensors))
    const pictures = db.prepare("SELECT CAST(data AS TEXT) FROM content WHERE kind = 'picture'").pluck().all()
    expect(pictures.sort()).toEqual(['initial', 'refined', 'result'])
  })

  it('without personal data names no folder and no machine anywhere', async () => {
    const { store, db, dataSet, checkpoint } = await fillProject()
    withoutPersonal(db)
    expect(store.dataSets.source(dataSet)).toBeNull()
    expect(store.checkpoints.manifest(checkpoint)).toEqual({ ...manifest, data: { folder: null, pictures: 3 } })
    for (const table of ['job', 'lock']) expect(countRows(store, table)).toBe(0)
    for (const { name } of db
      .prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .all())
      expect(JSON.stringify(db.prepare(`SELECT * FROM ${name}`).all()), name).not.toContain('/home/me')
  })

  it('takes nothing along that is not whole or not used', async () => {
    const { store, db, dataSet } = await fillProject()
    const content = countRows(store, 'content')
    const begun = store.dataSets.begin(createDataSetDraft())
    store.pictures.insert(begun, [createPicture('b')])
    store.contents.claim('a save', textBytes('chunk'), 'tensors')
    store.contents.put(textBytes('nobody needs it'), 'picture')
    removeUnused(db)
    expect(store.dataSets.list().map(({ id }) => id)).toEqual([dataSet])
    for (const table of ['claim', 'unfinished']) expect(countRows(store, table)).toBe(0)
    expect([countRows(store, 'data_set'), countRows(store, 'content')]).toEqual([1, content])
  })

  it('has nothing to do in an empty project', () => {
    const { file, project } = openTestStore()
    for (const strip of [withoutOptimizer, withoutPictures, withoutPersonal, removeUnused]) strip(file.db)
    expect(project.get().name).toBe('Test')
  })
})

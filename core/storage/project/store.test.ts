import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProjectFile, openProjectFile, type ProjectFile } from '../sqlite/projectFile.ts'
import { loadCheckpoint } from './loadCheckpoint.ts'
import { saveCheckpoint } from './saveCheckpoint.ts'
import { reportSpace } from './space.ts'
import { openStore } from './store.ts'
import {
  createCheckpointDraft,
  createDocumentDraft,
  createRunDraft,
  createTensor,
  keepAll,
  pause,
  textBytes,
} from './testing.ts'

describe('a store over a file', () => {
  let folder = ''
  let path = ''
  const files: ProjectFile[] = []
  const keep = (file: ProjectFile) => {
    files.push(file)
    return openStore(file)
  }
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tandem-store-'))
    path = join(folder, 'Vessels.tandem')
  })
  afterEach(() => {
    for (const file of files.splice(0)) file.close()
    rmSync(folder, { recursive: true })
  })

  it('has everything after it was closed and opened again', async () => {
    const store = keep(createProjectFile(path, { name: 'Vessels' }))
    const run = store.runs.insert(createRunDraft())
    const tensors = { a: createTensor(1, [1500]) }
    const draft = createCheckpointDraft(run.id, { tensors })
    const checkpoint = await saveCheckpoint(store, draft, { pause, retention: keepAll })
    const document = store.documents.insert(createDocumentDraft())
    store.documents.append(document.id, 0, [{ kind: 'stroke' }])
    store.file.close()

    const again = keep(openProjectFile(path, { access: 'write' }))
    expect(again.checkpoints.list(run.id)).toEqual([checkpoint])
    expect((await loadCheckpoint(again, checkpoint.id)).tensors.a.data).toEqual(tensors.a.data)
    expect(again.documents.entries(document.id)).toEqual([{ kind: 'stroke' }])
    const { sizeBytes, ...project } = again.project.get()
    expect(project).toMatchObject({ name: 'Vessels', freeBytes: 0, readOnly: false })
    expect(sizeBytes).toBeGreaterThan(6000)
  })

  it('can be looked at, but not written, where it is open to read', () => {
    keep(createProjectFile(path, { name: 'Vessels' })).file.close()
    const store = keep(openProjectFile(path, { access: 'read' }))
    expect(store.project.get().readOnly).toBe(true)
    expect(store.runs.list()).toEqual([])
    expect(reportSpace(store.file).bin).toBe(0)
    expect(() => store.contents.put(textBytes('x'), 'picture')).toThrow('look only')
    expect(() => store.runs.insert(createRunDraft())).toThrow('look only')
  })

  it('shows what the computing process has written', async () => {
    const host = keep(createProjectFile(path, { name: 'Vessels' }))
    const run = host.runs.insert(createRunDraft())
    const computing = keep(openProjectFile(path, { access: { join: host.file.holder ?? '' } }))
    const draft = createCheckpointDraft(run.id, { step: 7, tensors: { a: createTensor(1, [10]) } })
    await saveCheckpoint(computing, draft, {
      // The host draws between two portions.
      pause: () => Promise.resolve(void host.documents.insert(createDocumentDraft())),
      retention: keepAll,
    })
    expect(host.runs.get(run.id).step).toBe(7)
    expect(computing.documents.list()).toHaveLength(1)
    await host.contents.sweep({ pause })
    expect((await loadCheckpoint(host, host.runs.list()[0].newestCheckpointId ?? '')).tensors.a.shape).toEqual([10])
  })
})

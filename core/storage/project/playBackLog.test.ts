import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createProjectFile, openProjectFile } from '../sqlite/projectFile.ts'
import { playBackLog } from './playBackLog.ts'
import { saveCheckpoint } from './saveCheckpoint.ts'
import { openStore } from './store.ts'
import { createCheckpointDraft, createRunDraft, createTensor, keepAll, openTestStore, pause } from './testing.ts'

function openProject() {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-log-'))
  const path = join(folder, 'Log.tandem')
  const store = openStore(createProjectFile(path, { name: 'Log' }))
  onTestFinished(() => {
    store.file.close()
    rmSync(folder, { recursive: true })
  })
  return { store, path, size: () => statSync(path).size }
}

it('brings what is in the log into the file, as far as nobody is in the way', () => {
  const { store, path, size } = openProject()
  const reader = openProjectFile(path, { access: 'read' })
  reader.db.exec('BEGIN')
  reader.db.prepare('SELECT count(*) FROM content').get()
  store.contents.put(new Uint8Array(1e6), 'tensors')
  playBackLog(store.file)
  reader.close()
  expect(size()).toBeLessThan(1e6)
  playBackLog(store.file)
  expect(size()).toBeGreaterThan(1e6)
  playBackLog(openTestStore().file)
})

it('is done when a checkpoint was saved, so that no stroke has to do it', async () => {
  const { store, size } = openProject()
  const { id } = store.runs.insert(createRunDraft())
  const draft = createCheckpointDraft(id, { tensors: { a: createTensor(1, [1e6]) } })
  await saveCheckpoint(store, draft, { pause, retention: keepAll })
  expect(size()).toBeGreaterThan(4e6)
})

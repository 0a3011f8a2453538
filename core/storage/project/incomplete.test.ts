import { expect, it } from 'vitest'
import { removeIncompleteCheckpoints } from './incomplete.ts'
import { saveCheckpoint } from './saveCheckpoint.ts'
import {
  countRows,
  createCheckpointDraft,
  createRunDraft,
  createTensors,
  keepAll,
  openTestStore,
  pause,
} from './testing.ts'

it('removes the checkpoint that lost a chunk, and leaves the whole ones', async () => {
  const store = openTestStore()
  const runId = store.runs.insert(createRunDraft()).id
  const save = (seed: number) =>
    saveCheckpoint(store, createCheckpointDraft(runId, { tensors: createTensors(seed), step: seed }), {
      pause,
      retention: keepAll,
    })
  const whole = await save(1)
  const hurt = await save(2)
  const { db } = store.file
  const own = `SELECT hash FROM checkpoint_chunk WHERE checkpoint_id = '${hurt.id}'
    AND hash NOT IN (SELECT hash FROM checkpoint_chunk WHERE checkpoint_id = '${whole.id}') LIMIT 1`
  db.pragma('foreign_keys = OFF')
  db.exec(`DELETE FROM checkpoint_chunk WHERE checkpoint_id = '${hurt.id}' AND hash = (${own})`)

  removeIncompleteCheckpoints(db)

  expect(store.checkpoints.list(runId).map(({ id }) => id)).toEqual([whole.id])
  expect(db.pragma('foreign_key_check')).toEqual([])
  expect(countRows(store, 'checkpoint_tensor')).toBe(Object.keys(createTensors()).length)
})

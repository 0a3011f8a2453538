/** A project that may not be written: its disk, or its file and folder. */
import { chmodSync, copyFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { grey } from '../testing.ts'
import { computeHere } from './computeHere.ts'
import {
  copyAsCrashed,
  makeFolder,
  makeTraining,
  mountSmallDisk,
  photograph,
  silenceHolder,
  watchStudio,
} from './testing.ts'

interface Place {
  readonly folder: string
  forbid(path: string): void
}

/** An administrator is not stopped by a file's rights, so the rights of one are given up for the rest of the test. */
function ordinaryFolder(): Place {
  const folder = makeFolder()
  return {
    folder,
    forbid(path) {
      chmodSync(path, 0o444)
      chmodSync(folder, 0o555)
      onTestFinished(() => chmodSync(folder, 0o777))
      if (process.geteuid?.() !== 0) return
      process.seteuid?.(65534)
      onTestFinished(() => process.seteuid?.(0))
    },
  }
}

function readOnlyDisk(): Place | undefined {
  const disk = mountSmallDisk(12)
  return disk && { folder: disk.folder, forbid: () => disk.forbidWriting() }
}

const places: readonly (readonly [string, () => Place | undefined])[] = [
  ['on a disk that may not be written', readOnlyDisk],
  ['in a folder that may not be written', ordinaryFolder],
]
const looking = {
  ok: false,
  error: {
    code: 'storage-failed',
    message: 'This project is open to look only; nothing in it was changed.',
    hint: expect.stringContaining('duplicate it and work in the copy') as string,
  },
}
const mayNot = {
  code: 'storage-failed',
  message: 'Pots.tandem may not be written to; nothing in it was changed.',
  hint: expect.stringContaining('Open it to look only') as string,
}

/** For somebody else to write, too. */
function makeOpenFolder(): string {
  const folder = makeFolder()
  chmodSync(folder, 0o777)
  return folder
}

describe.each(places)('a project %s', (_, makePlace) => {
  it('opens to look only: it can be drawn with, given away and duplicated, and nothing in it changes', async () => {
    const place = makePlace()
    if (!place) return
    const home = makeOpenFolder()
    const { path, runId, dataSetId } = await makeTraining(place.folder, 2)
    const first = await watchStudio(computeHere)
    await first.studio.openProjectAt(path)
    const document = { kind: 'sketch', name: 'A', width: 9, height: 9 } as const
    const { id: documentId } = await first.studio.ask('document:create', document)
    await first.ending((await first.studio.ask('training:resume', { runId })).jobId)
    const source = { kind: 'run', runId } as const
    const condition = { kind: 'labels', weights: [1, 0, 0] } as const
    const picture = { title: 'P', picture: grey(8, 8), source, condition, seed: 1, steps: 0 }
    const { id: resultId } = await first.studio.ask('result:keep', picture)
    const [{ id: checkpointId }] = await first.studio.ask('run:checkpoints', { runId })
    await first.studio.close()
    place.forbid(path)
    const before = photograph(dirname(path))

    const { studio, ending, endings, heard } = await watchStudio(computeHere, join(home, 'data'))
    await expect(studio.openProjectAt(path)).rejects.toMatchObject(mayNot)
    const { id: projectId, readOnly } = await studio.openProjectAt(path, { readOnly: true })
    expect(readOnly).toBe(true)
    const changes: readonly (readonly [string, object])[] = [
      ['document:append', { documentId, position: 0, entries: [{ kind: 'stroke' }] }],
      ['document:create', document],
      ['result:keep', picture],
      ['result:change', { resultId, starred: true }],
      ['training:resume', { runId }],
      ['training:start', { dataSetId, recipe: 'quick', seed: 1 }],
      ['checkpoint:pin', { checkpointId, pinned: true }],
      ['data:rename', { dataSetId, name: 'B' }],
      ['project:rename', { name: 'B' }],
      ['project:tidy', {}],
    ]
    for (const [name, input] of changes) expect(await studio.request(name, input), name).toEqual(looking)
    expect(await studio.ask('draw:preview', { source, condition, seed: 1 })).toMatchObject({ kind: 'drawn' })
    const { jobId } = await studio.ask('draw:refine', { source, condition, seed: 1, steps: 2 })
    expect(await ending(jobId)).toMatchObject({ kind: 'finished' })
    expect(endings(jobId)).toHaveLength(1)
    for (const [name, input] of [
      ['project:export', {}],
      ['model:export', { checkpointId }],
      ['result:export', { resultId, metadata: true }],
      ['project:duplicate', { projectId, name: 'Twin' }],
      ['result:get', { resultId }],
      ['data:examples', { dataSetId, count: 2, seed: 1, size: 8 }],
    ] as const)
      expect(await studio.request(name, input), name).toMatchObject({ ok: true })
    await studio.ask('project:bin', { projectId })
    expect(await studio.request('project:delete', { projectId })).toMatchObject({ ok: false, error: mayNot })
    expect(photograph(dirname(path))).toEqual(before)
    expect(heard('studio:noted')).toEqual([])
  })

  it('that was left by a crash is refused in a sentence, and not changed', async () => {
    const place = makePlace()
    if (!place) return
    const home = makeOpenFolder()
    const made = await makeTraining(makeFolder())
    const first = await watchStudio(computeHere)
    await first.studio.openProjectAt(made.path)
    silenceHolder(made.path)
    const crashed = copyAsCrashed(made.path)
    const path = join(place.folder, 'Pots.tandem')
    for (const suffix of ['', '-wal']) copyFileSync(crashed + suffix, path + suffix)
    chmodSync(`${path}-wal`, 0o444)
    await first.studio.close()
    place.forbid(path)
    const before = photograph(dirname(path))
    const { studio } = await watchStudio(computeHere, join(home, 'data'))
    for (const readOnly of [false, true])
      await expect(studio.openProjectAt(path, { readOnly })).rejects.toMatchObject({
        ...mayNot,
        hint: expect.stringContaining('copy it to a folder that you may write to') as string,
      })
    expect(photograph(dirname(path))).toEqual(before)
  })
})

/** A real computing process: whatever ends a job, it ends once, and a training goes on from its newest checkpoint as if nothing had happened. */
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import type { Id, JobRecord } from '../../domain/records.ts'
import {
  lookInto,
  makeFolder,
  makeTraining,
  mountSmallDisk,
  saveUntilItEnds,
  watchStudio,
  type WatchedStudio,
} from '../../studio/host/faults/testing.ts'
import { ObedientProcess } from '../../studio/host/testing.ts'
import { makeClasses } from '../../studio/testing.ts'
import { forkCompute } from '../forkCompute.ts'

// A process that hangs is given up after so many ticks; here they pass when a test says so.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

function watchProcesses() {
  const pids: number[] = []
  return {
    spawn() {
      const port = forkCompute()
      pids.push(port.pid ?? 0)
      onTestFinished(() => port.kill())
      return port
    },
    newest: () => pids[pids.length - 1],
    pids,
  }
}

/** Until it has measured something that is not in any checkpoint yet. */
async function untilItLearns({ heard, until }: WatchedStudio, jobId: Id): Promise<void> {
  const states = () => heard('job:changed').filter(({ job }) => job.id === jobId)
  await until(() => states().some(({ job }) => job.state.kind === 'running' && job.progress.done > 0))
  const before = heard('run:measured').length
  await until(() => heard('run:measured').length > before + 1)
}

const jobsOf = ({ heard }: WatchedStudio): Map<Id, JobRecord[]> =>
  Map.groupBy(
    heard('job:changed').map(({ job }) => job),
    ({ id }) => id,
  )

it('ends every job once, in every way in which it can end', async () => {
  const { path, runId } = await makeTraining(makeFolder())
  const processes = watchProcesses()
  const world = await watchStudio(processes.spawn)
  const { studio, heard, ending, until } = world
  await studio.openProjectAt(path)
  const resume = async (more = {}) => (await studio.ask('training:resume', { runId, ...more })).jobId
  const newestStep = async () => (await studio.ask('run:checkpoints', { runId }))[0].step
  const endless = { length: { steps: 100_000_000 } }
  /** The job that goes on with what another one was. */
  const nextOf = async (jobId: Id) => {
    const ids = () => [...jobsOf(world).keys()]
    await until(() => ids().at(-1) !== jobId)
    return ids()[ids().indexOf(jobId) + 1]
  }

  const finished = await resume({ length: { steps: 5 } })
  expect(await ending(finished)).toMatchObject({ kind: 'finished', outcome: { kind: 'trained', step: 5 } })

  const cancelled = await resume(endless)
  await untilItLearns(world, cancelled)
  await studio.ask('job:cancel', { jobId: cancelled })
  expect(await ending(cancelled)).toEqual({ kind: 'cancelled' })

  const paused = await resume(endless)
  await untilItLearns(world, paused)
  const before = await newestStep()
  await studio.ask('training:pause', { jobId: paused })
  expect(await ending(paused)).toEqual({ kind: 'cancelled' })
  expect(await newestStep()).toBeGreaterThan(before)

  const killed = await resume(endless)
  await untilItLearns(world, killed)
  process.kill(processes.newest(), 'SIGKILL')
  expect(await ending(killed)).toMatchObject({
    kind: 'failed',
    code: 'interrupted',
    message: expect.stringContaining('killed by the system') as string,
  })
  const hung = await nextOf(killed)
  await untilItLearns(world, hung)
  expect(processes.pids).toHaveLength(2)

  process.kill(processes.newest(), 'SIGSTOP')
  vi.advanceTimersByTime(65_000)
  expect(await ending(hung)).toMatchObject({
    kind: 'failed',
    code: 'interrupted',
    message: expect.stringContaining('did not answer for 60 seconds') as string,
  })
  const last = await nextOf(hung)
  await untilItLearns(world, last)
  expect(heard('studio:noted').map(({ message }) => message)).toEqual([
    expect.stringMatching(/^The computing process stopped .* goes on from step \d+, its newest checkpoint\.$/),
    expect.stringMatching(/^The computing process stopped .* goes on from step \d+, its newest checkpoint\.$/),
  ])
  await studio.close()

  const jobs = jobsOf(world)
  expect([...jobs.keys()]).toEqual([finished, cancelled, paused, killed, hung, last])
  for (const records of jobs.values()) {
    const states = records.map(({ state }) => state.kind)
    expect(states.filter((state) => state === 'ended')).toHaveLength(1)
    expect(states.at(-1)).toBe('ended')
  }
  expect(world.endings(last)).toEqual([{ kind: 'cancelled' }])
  lookInto(path, ({ jobs: rows, runs, metrics, file }) => {
    for (const { id, state } of rows.list())
      expect(state).toMatchObject({ kind: 'ended', ending: world.endings(id)[0] })
    const steps = metrics.read(runId, { points: 1_000_000 }).map(({ step }) => step)
    expect(steps).toEqual(Array.from({ length: runs.get(runId).step }, (_, at) => at + 1))
    expect(runs.notes(runId).filter(({ kind }) => kind === 'interrupted')).toHaveLength(2)
    expect(file.db.pragma('integrity_check', { simple: true })).toBe('ok')
  })
})

it('a disk that is full ends a training once and visibly, without a storm, and does not kill its process', async () => {
  const disk = mountSmallDisk(12)
  if (!disk) return
  const { path, runId } = await makeTraining(disk.folder)
  const processes = watchProcesses()
  const world = await watchStudio(processes.spawn)
  const { studio, ending, endings, told, heard } = world
  await studio.openProjectAt(path)
  const { jobId } = await studio.ask('training:resume', { runId })
  await untilItLearns(world, jobId)
  disk.fill()
  await saveUntilItEnds(world, jobId)
  expect(await ending(jobId)).toMatchObject({
    kind: 'failed',
    code: 'storage-failed',
    message: 'The disk of Pots.tandem is full: the last change was not saved, everything before it is safe.',
  })
  const atTheEnd = told.length
  vi.advanceTimersByTime(30_000)
  expect(told.slice(atTheEnd).length).toBeLessThan(3)
  disk.free()
  const { step } = (await studio.ask('run:checkpoints', { runId }))[0]
  const again = await studio.ask('training:resume', { runId, length: { steps: step + 3 } })
  expect(await ending(again.jobId)).toMatchObject({ kind: 'finished', outcome: { step: step + 3 } })
  expect([endings(jobId), endings(again.jobId), processes.pids].map(({ length }) => length)).toEqual([1, 1, 1])
  expect(heard('engine:changed').map(({ engine }) => engine.kind)).toEqual(['starting', 'ready'])
})

it('a disk that is full ends an import once, and nothing of it stays', async () => {
  const disk = mountSmallDisk(12)
  if (!disk) return
  const { path } = await makeTraining(disk.folder)
  const source = join(makeFolder(), 'pictures')
  await makeClasses(source, ['bowl', 'jug'], 200)
  const { studio, ending, endings } = await watchStudio(() => new ObedientProcess())
  await studio.openProjectAt(path)
  const order = { uploadId: await studio.takeLocalFiles(source, 'data'), name: 'Vessels' }
  const { jobId } = await studio.ask('data:import', order)
  disk.fill()
  expect(await ending(jobId)).toMatchObject({
    kind: 'failed',
    code: 'storage-failed',
    hint: expect.any(String) as string,
  })
  expect(await studio.ask('data:list', {})).toHaveLength(1)
  disk.free()
  const again = await studio.ask('data:import', order)
  expect(await ending(again.jobId)).toMatchObject({ kind: 'finished', outcome: { kind: 'imported', pictures: 400 } })
  expect([endings(jobId), endings(again.jobId)].map(({ length }) => length)).toEqual([1, 1])
})

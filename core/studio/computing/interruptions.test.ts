/** The computing process dies while work is in it. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createOpenBench, makeCheckpoint, makeRefine, makeTraining, type Bench } from './testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

async function startTraining(checkpointStep?: number) {
  const bench = await createOpenBench()
  const { runId, ...rest } = makeTraining()
  const job = bench.queue.start({ runId, ...rest })
  bench.process.say({ kind: 'begun', jobId: job.id })
  if (checkpointStep !== undefined) save(bench, runId, checkpointStep)
  return { bench, runId, job }
}
function save(bench: Bench, runId: string, step: number) {
  const checkpoint = makeCheckpoint(runId, step)
  bench.project.kept.push(checkpoint)
  bench.process.say({ kind: 'saved', runId, checkpointId: checkpoint.id })
  return checkpoint
}
function dieAndOpen(bench: Bench, pauseMs = 30_000): void {
  bench.process.die()
  vi.advanceTimersByTime(pauseMs)
  bench.process.open()
}

it('goes on with a training from its newest checkpoint, as a new job, and says so in one sentence', async () => {
  const { bench, runId, job } = await startTraining(120)
  dieAndOpen(bench)
  const message =
    'The computing process stopped (killed by the system: out of memory?). The training goes on from step 120, its newest checkpoint.'
  expect(bench.ending(job)).toEqual({ kind: 'failed', code: 'interrupted', message, hint: null })
  expect(bench.heard('studio:noted')).toEqual([{ tone: 'warning', message, hint: null }])
  expect(bench.project.notes).toEqual([{ runId, message }])
  expect(bench.heard('engine:changed').find(({ engine }) => engine.kind === 'restarting')?.engine).toEqual({
    ...{ kind: 'restarting', message },
  })
  const [start] = bench.process.sentOf('start')
  expect(start.jobId).not.toBe(job.id)
  expect(start.work).toMatchObject({ kind: 'train', runId, checkpointId: bench.project.kept[0].id })
})

it('goes on before a training that waits', async () => {
  const { bench, runId } = await startTraining(1)
  bench.queue.start(makeTraining())
  dieAndOpen(bench)
  expect(bench.process.sentOf('start').map(({ work }) => work.kind === 'train' && work.runId)).toEqual([runId])
})

it('begins at the beginning where there was no checkpoint', async () => {
  const { bench } = await startTraining()
  dieAndOpen(bench)
  expect(bench.process.sentOf('start')[0].work).toMatchObject({ checkpointId: null })
  expect(bench.heard('studio:noted')[0].message).toContain('its beginning')
})

it('asks a person after three deaths without a new checkpoint', async () => {
  const { bench } = await startTraining(5)
  for (let death = 0; death < 3; death++) dieAndOpen(bench)
  expect(bench.process.given).toEqual([])
  expect(bench.heard('studio:noted')[2].message).toContain('can go on from step 5')
  expect(bench.heard('studio:noted')[2].message).toContain('3 times')
})

it('does not ask while it gets on', async () => {
  const { bench, runId } = await startTraining(0)
  for (let death = 1; death < 10; death++) {
    dieAndOpen(bench, 121_000)
    save(bench, runId, death)
    expect(bench.process.given).toHaveLength(1)
  }
})

describe('a training does not go on by itself', () => {
  const offered = ({ process, heard }: Bench) => {
    expect(process.given).toEqual([])
    expect(heard('studio:noted')[0].message).toContain('The training can go on from step 7')
  }
  it('where settings say so', async () => {
    const { bench } = await startTraining(7)
    bench.resumesByItself = false
    dieAndOpen(bench)
    offered(bench)
  })
  it('that was asked to pause', async () => {
    const { bench, job } = await startTraining(7)
    bench.queue.pause(job.id)
    dieAndOpen(bench)
    offered(bench)
  })
  it('where no process is started again', async () => {
    const { bench, job } = await startTraining(7)
    bench.queue.cancel(job.id)
    bench.process.end(job.id, { kind: 'cancelled' })
    for (let death = 0; death < 4; death++) dieAndOpen(bench, [0, 1000, 5000, 30_000][death])
    const last = bench.queue.start({ ...makeTraining(job.runId ?? '') })
    bench.process.die()
    expect(bench.ending(last)).toMatchObject({ code: 'interrupted' })
    expect(bench.queue.engine.kind).toBe('unavailable')
    expect(bench.heard('studio:noted')[0].message).toContain('can go on from step 7')
  })
  it('whose project cannot be read', async () => {
    const { bench, job } = await startTraining(7)
    vi.spyOn(bench.project.checkpoints, 'newest').mockImplementation(() => {
      throw new Error('SQLITE_IOERR')
    })
    dieAndOpen(bench)
    expect(bench.process.given).toEqual([])
    expect(bench.ending(job)).toMatchObject({ code: 'interrupted' })
    expect(bench.logged).toContainEqual(new Error('SQLITE_IOERR'))
  })
  it('whose project cannot remember the new job', async () => {
    const { bench, job } = await startTraining(7)
    bench.project.failure = new Error('ENOSPC')
    dieAndOpen(bench)
    expect(bench.process.given).toEqual([])
    expect(bench.ending(job)).toMatchObject({ code: 'interrupted' })
    expect(bench.heard('studio:noted').map(({ tone }) => tone)).toEqual(['warning', 'problem'])
  })
})

it('ends other work as interrupted, and as cancelled what was asked to end', async () => {
  const bench = await createOpenBench()
  const [kept, cancelled] = [bench.queue.start(makeRefine()), bench.queue.start(makeRefine())]
  bench.queue.cancel(cancelled.id)
  const old = bench.process
  dieAndOpen(bench)
  old.end(kept.id)
  expect(bench.ending(kept)).toMatchObject({ code: 'interrupted', hint: 'Start it again.' })
  expect(bench.ending(cancelled)).toEqual({ kind: 'cancelled' })
  expect(bench.process.given).toEqual([])
  expect(bench.heard('studio:noted')[0].message).toContain('1 job did not finish')
})

it('says nothing to people where nothing was lost', async () => {
  const bench = await createOpenBench()
  dieAndOpen(bench)
  expect(bench.heard('studio:noted')).toEqual([])
  expect(bench.queue.engine.kind).toBe('ready')
})

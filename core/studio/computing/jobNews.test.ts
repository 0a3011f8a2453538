/** What pages are told while work goes on, and how often. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { MetricPoint } from '../../domain/records.ts'
import {
  createOpenBench,
  makeCheckpoint,
  makePicture,
  makeProgress,
  makeRefine,
  makeSample,
  makeTraining,
  type Bench,
} from './testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function measure(step: number): MetricPoint {
  const nothing = { gap: null, move: null, gradientSize: null, mappingError: null }
  const further = { observedError: null, meanPictureError: null, solverGradient: null, saturation: null }
  return { step, elapsedMs: step, ...nothing, ...further }
}
async function startTraining() {
  const bench = await createOpenBench()
  const { runId, ...rest } = makeTraining()
  const { id } = bench.queue.start({ runId, ...rest })
  bench.process.say({ kind: 'begun', jobId: id })
  return { bench, runId, id }
}
function showFrame({ process }: Bench, jobId: string, step: number): void {
  const about = { index: step, step, steps: 50, initial: step === 0 ? null : makePicture(0) }
  process.say({ kind: 'pictured', jobId, ...about, picture: makePicture(step), gain: step })
}

it('tells of progress at most ten times a second, with the last one', async () => {
  const { bench, id } = await startTraining()
  for (let step = 1; step <= 100; step++) {
    bench.process.say({ kind: 'progressed', jobId: id, progress: makeProgress(step) })
    vi.advanceTimersByTime(10)
  }
  vi.advanceTimersByTime(1000)
  const done = bench.heard('job:changed').map(({ job }) => job.progress.done)
  expect(done.length).toBeLessThanOrEqual(2 + 11)
  expect(done.at(-1)).toBe(100)
})

it('tells the last progress with the end, and nothing afterwards', async () => {
  const { bench, id } = await startTraining()
  for (const step of [1, 2, 3]) bench.process.say({ kind: 'progressed', jobId: id, progress: makeProgress(step) })
  bench.process.end(id)
  vi.advanceTimersByTime(10_000)
  const last = bench.heard('job:changed').map(({ job }) => [job.state.kind, job.progress.done])
  expect(last.slice(2)).toEqual([
    ['running', 1],
    ['ended', 3],
  ])
})

it('gathers measurements and leaves none out', async () => {
  const { bench, runId, id } = await startTraining()
  for (let step = 0; step < 95; step++) {
    bench.process.say({ kind: 'measured', runId, points: [measure(step)] })
    vi.advanceTimersByTime(10)
  }
  bench.process.end(id)
  const told = bench.heard('run:measured')
  expect(told.length).toBeLessThanOrEqual(11)
  expect(told.flatMap(({ points }) => points.map(({ step }) => step))).toEqual(Array.from({ length: 95 }, (_, i) => i))
  expect(bench.told.at(-1)?.name).toBe('job:changed')
})

it('passes probes, notes and checkpoints on', async () => {
  const { bench, runId } = await startTraining()
  const checkpoint = makeCheckpoint(runId, 3)
  bench.project.kept.push(checkpoint)
  const probe = { step: 3, initial: 'a'.repeat(64), refined: 'b'.repeat(64) }
  const note = { step: 3, at: '2030-01-01T00:00:00.000Z', kind: 'scored', message: 'The best so far.' } as const
  bench.process.say({ kind: 'probed', runId, probe })
  bench.process.say({ kind: 'noted', runId, note })
  bench.process.say({ kind: 'saved', runId, checkpointId: checkpoint.id })
  bench.process.say({ kind: 'saved', runId, checkpointId: crypto.randomUUID() })
  expect(bench.told.slice(-3)).toEqual([
    { name: 'run:probed', payload: { runId, probe } },
    { name: 'run:noted', payload: { runId, note } },
    { name: 'checkpoint:saved', payload: { checkpoint } },
  ])
})

it('says nothing of a run that is not being trained', async () => {
  const { bench, runId, id } = await startTraining()
  bench.process.end(id)
  const before = bench.told.length
  bench.process.say({ kind: 'measured', runId, points: [measure(1)] })
  bench.process.say({ kind: 'saved', runId, checkpointId: crypto.randomUUID() })
  vi.advanceTimersByTime(1000)
  expect(bench.told).toHaveLength(before)
})

it('leaves frames of a refinement out when newer ones came, never the first and the last', async () => {
  const bench = await createOpenBench()
  const { id } = bench.queue.start(makeRefine())
  for (let step = 0; step <= 50; step++) showFrame(bench, id, step)
  bench.process.end(id)
  vi.advanceTimersByTime(1000)
  expect(bench.heard('picture:refined').map(({ step }) => step)).toEqual([0, 50])
  expect(bench.told.at(-1)?.name).toBe('job:changed')
})

it('leaves no sampled picture out', async () => {
  const bench = await createOpenBench()
  const { id } = bench.queue.start(makeSample())
  for (let index = 1; index <= 50; index++) showFrame(bench, id, index)
  expect(bench.heard('picture:sampled')).toHaveLength(50)
  expect(bench.heard('picture:sampled')[4]).toEqual({
    ...{ jobId: id, index: 5, initial: makePicture(0), refined: makePicture(5), gain: 5 },
  })
})

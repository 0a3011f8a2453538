import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError, CancelledError } from '../../domain/errors.ts'
import type { JobOutcome, Progress } from '../../domain/records.ts'
import { openTestStore } from '../../storage/project/testing.ts'
import {
  createBench,
  createFakeProject,
  createOpenBench,
  makeProgress,
  makeRefine,
  makeSample,
  makeTraining,
  type Bench,
} from './testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('start', () => {
  it('answers at once, before there is a process, and gives the work out when it is ready', async () => {
    const bench = await createBench()
    const job = bench.queue.start(makeRefine())
    expect(job.state.kind).toBe('queued')
    expect(bench.process.given).toEqual([])
    bench.process.open()
    expect(bench.process.sent.map(({ kind }) => kind)).toEqual(['begin', 'project', 'start'])
    expect(bench.process.given).toEqual([job.id])
  })
  it('is told from beginning to end, and ends once', async () => {
    const { queue, process, states, ending } = await createOpenBench()
    const job = queue.start(makeRefine())
    process.say({ kind: 'begun', jobId: job.id })
    process.end(job.id, { kind: 'finished', outcome: { kind: 'drawn' } })
    process.end(job.id, { kind: 'cancelled' })
    process.say({ kind: 'begun', jobId: job.id })
    process.say({ kind: 'progressed', jobId: job.id, progress: makeProgress(1) })
    expect(states(job.id)).toEqual(['queued', 'running', 'ended'])
    expect(ending(job)).toEqual({ kind: 'finished', outcome: { kind: 'drawn' } })
  })
  it('needs an open project', async () => {
    const { queue } = await createOpenBench()
    await queue.useProject(null)
    expect(() => queue.start(makeRefine())).toThrow('Open a project first')
  })
  it('refuses work under another name than its own', async () => {
    const { queue } = await createOpenBench()
    const training = makeTraining()
    expect(() => queue.start({ ...training, kind: 'refine' })).toThrow(RangeError)
    expect(() => queue.start({ ...training, runId: randomUUID() })).toThrow(RangeError)
    expect(() => queue.start({ ...makeRefine(), kind: 'train' })).toThrow(RangeError)
  })
  it('is no job where the project cannot remember it', async () => {
    const { queue, project, process } = await createOpenBench()
    project.failure = new AppError('storage-failed', 'The disk is full.')
    expect(() => queue.start(makeTraining())).toThrow('The disk is full')
    expect(queue.list()).toEqual([])
    expect(process.given).toEqual([])
  })
  it('fails what waits when no engine can be opened, and refuses what comes then', async () => {
    const { queue, process, ending } = await createBench()
    const job = queue.start(makeRefine())
    process.say({ kind: 'refused', message: 'No engine.', hint: 'Get one.' })
    expect(ending(job)).toEqual({
      ...{ kind: 'failed', code: 'engine-unavailable', message: 'No engine.', hint: 'Get one.' },
    })
    expect(() => queue.start(makeRefine())).toThrow(AppError)
  })
  it('lets one training after the other into the process, and other work at once', async () => {
    const { queue, process } = await createOpenBench()
    const [first, second, third] = [makeTraining(), makeTraining(), makeTraining()].map((job) => queue.start(job))
    const refine = queue.start(makeRefine())
    expect(process.given).toEqual([first.id, refine.id])
    queue.cancel(second.id)
    process.end(first.id)
    expect(process.given).toEqual([first.id, refine.id, third.id])
  })
})

describe('what a project remembers', () => {
  it('is trainings and the like from beginning to end, and no drawing', async () => {
    const { queue, process, project } = await createOpenBench()
    const { id } = queue.start(makeTraining())
    queue.start(makeSample())
    process.say({ kind: 'begun', jobId: id })
    for (let step = 1; step < 50; step++) process.say({ kind: 'progressed', jobId: id, progress: makeProgress(step) })
    process.end(id)
    expect(project.written).toEqual(['insert', 'start', 'progress', 'progress', 'end'].map((verb) => `${verb} ${id}`))
  })
  it('is nothing where it is only read', async () => {
    const { queue } = await createOpenBench()
    const project = createFakeProject('/somewhere/B.tandem', null)
    await queue.useProject(project)
    queue.start({ ...makeSample(), kind: 'evaluate' })
    expect(project.written).toEqual([])
  })
  it('does not keep a job from its end when the disk is full', async () => {
    const { queue, process, project, ending, logged } = await createOpenBench()
    const job = queue.start(makeTraining())
    project.failure = new Error('ENOSPC')
    process.say({ kind: 'begun', jobId: job.id })
    process.end(job.id)
    expect(ending(job)).toEqual({ kind: 'finished', outcome: null })
    expect(logged).toHaveLength(2)
  })
  it('is what a real project has', async () => {
    const { queue, process } = await createOpenBench()
    const { file, jobs, checkpoints, runs } = openTestStore()
    await queue.useProject({ path: file.path, holder: file.holder, jobs, checkpoints, runs })
    const job = queue.start({ ...makeSample(), kind: 'evaluate' })
    process.say({ kind: 'begun', jobId: job.id })
    process.say({ kind: 'progressed', jobId: job.id, progress: makeProgress(7) })
    process.end(job.id, { kind: 'failed', code: 'diverged', message: 'It ran away.', hint: null })
    expect(jobs.get(job.id)).toMatchObject({ progress: { done: 7 }, state: { ending: { code: 'diverged' } } })
  })
})

describe('cancel', () => {
  it('ends what waits here at once', async () => {
    const { queue, ending } = await createBench()
    const job = queue.start(makeRefine())
    queue.cancel(job.id)
    queue.cancel(job.id)
    expect(ending(job)).toEqual({ kind: 'cancelled' })
  })
  it('asks the process once and waits for its word', async () => {
    const { queue, process, ending } = await createOpenBench()
    const job = queue.start(makeRefine())
    queue.cancel(job.id)
    queue.cancel(job.id)
    expect(process.sentOf('cancel')).toHaveLength(1)
    expect(ending(job)).toBeNull()
    process.end(job.id)
    queue.cancel(job.id)
    expect(ending(job)?.kind).toBe('finished')
  })
  it('says so where there is no such job', async () => {
    const { queue } = await createOpenBench()
    expect(() => queue.cancel(randomUUID())).toThrow(AppError)
  })
})

describe('pause and checkpoint', () => {
  it('are for trainings', async () => {
    const { queue } = await createOpenBench()
    const { id } = queue.start(makeRefine())
    expect(() => queue.pause(id)).toThrow('Only a training')
    expect(() => queue.checkpoint(id)).toThrow('running training')
  })
  it('are passed on; cancelling goes beyond pausing but not back', async () => {
    const { queue, process } = await createOpenBench()
    const { id } = queue.start(makeTraining())
    expect(() => queue.checkpoint(id)).toThrow('running training')
    process.say({ kind: 'begun', jobId: id })
    queue.checkpoint(id)
    queue.pause(id)
    queue.pause(id)
    queue.cancel(id)
    queue.pause(id)
    const sent = process.sent.filter((message) => 'jobId' in message).map(({ kind }) => kind)
    expect(sent).toEqual(['start', 'checkpoint', 'pause', 'cancel'])
  })
  it('of a training that waits ends it', async () => {
    const { queue, ending } = await createOpenBench()
    queue.start(makeTraining())
    const second = queue.start(makeTraining())
    queue.pause(second.id)
    expect(ending(second)).toEqual({ kind: 'cancelled' })
  })
})

describe('list', () => {
  it('has what goes on before what has ended, the newest of these first', async () => {
    const { queue, process } = await createOpenBench()
    const [a, b, c, d] = [1, 2, 3, 4].map(() => queue.start(makeRefine()).id)
    process.end(a)
    process.end(c)
    expect(queue.list().map(({ id }) => id)).toEqual([b, d, c, a])
  })
  it('forgets what ended long ago, and never what goes on', async () => {
    const { queue, process } = await createOpenBench()
    const first = queue.start(makeTraining())
    const jobs = Array.from({ length: 500 }, () => {
      const { id } = queue.start(makeRefine())
      process.end(id)
      return id
    })
    expect(queue.list().length).toBeLessThan(310)
    expect(queue.get(first.id).state.kind).toBe('queued')
    expect(() => queue.get(jobs[0])).toThrow('not known')
    expect(queue.get(jobs[499]).state.kind).toBe('ended')
  })
})

describe('startLocal', () => {
  interface Import {
    readonly done: PromiseWithResolvers<JobOutcome | null>
    signal?: AbortSignal
    report?: (progress: Progress) => void
  }
  function startImport({ queue }: Bench) {
    const work: Import = { done: Promise.withResolvers() }
    const job = queue.startLocal({
      ...{ kind: 'import', title: 'Shoes' },
      run(signal, report) {
        Object.assign(work, { signal, report })
        return work.done.promise
      },
    })
    return { job, work }
  }
  const settled = () => vi.advanceTimersByTimeAsync(0)
  const outcome = { kind: 'imported', dataSetId: 'd', pictures: 3, problems: 0 } as const

  it('runs here, is remembered, and outlives the computing process', async () => {
    const bench = await createOpenBench()
    const { job, work } = startImport(bench)
    work.report?.({ ...makeProgress(2), unit: 'pictures' })
    bench.process.die()
    work.done.resolve(outcome)
    await settled()
    expect(bench.ending(job)).toEqual({ kind: 'finished', outcome })
    expect(bench.queue.get(job.id).progress.done).toBe(2)
    expect(bench.project.written.at(-1)).toBe(`end ${job.id}`)
  })
  it('is cancelled by its signal', async () => {
    const bench = await createOpenBench()
    const { job, work } = startImport(bench)
    bench.queue.cancel(job.id)
    expect(work.signal?.aborted).toBe(true)
    expect(bench.ending(job)).toBeNull()
    work.done.reject(new CancelledError())
    await settled()
    expect(bench.ending(job)).toEqual({ kind: 'cancelled' })
  })
  it('is finished where the signal came too late', async () => {
    const bench = await createOpenBench()
    const { job, work } = startImport(bench)
    bench.queue.cancel(job.id)
    work.done.resolve(outcome)
    await settled()
    expect(bench.ending(job)).toEqual({ kind: 'finished', outcome })
  })
  it('fails with what it throws, at once or later', async () => {
    const bench = await createOpenBench()
    const { job, work } = startImport(bench)
    work.done.reject(new AppError('bad-input', 'Not a zip file.'))
    await settled()
    expect(bench.ending(job)).toMatchObject({ code: 'bad-input', message: 'Not a zip file.' })
    const thrown = bench.queue.startLocal({
      ...{ kind: 'import', title: 'Shoes' },
      run() {
        throw new TypeError('a defect')
      },
    })
    await settled()
    expect(bench.ending(thrown)).toMatchObject({ code: 'internal' })
    expect(bench.logged.at(-1)).toBeInstanceOf(TypeError)
  })
})

/** Another project, another engine, the end. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  createBench,
  createFakeProject,
  createOpenBench,
  makeCheckpoint,
  makePreview,
  makeRefine,
  makeTraining,
  type Bench,
} from './testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const turn = () => vi.advanceTimersByTimeAsync(0)
const cancelled = { kind: 'cancelled' } as const

function startBoth({ queue, process }: Bench) {
  const training = makeTraining()
  const [train, refine] = [queue.start(training), queue.start(makeRefine())]
  process.say({ kind: 'begun', jobId: train.id })
  return { ...training, train, refine }
}

describe('useProject', () => {
  it('tells the process, now or when it is ready', async () => {
    const { queue, process } = await createBench()
    expect(process.sentOf('project')).toEqual([])
    process.open()
    await queue.useProject(createFakeProject('/b.tandem', 'nonce'))
    await queue.useProject(null)
    expect(process.sentOf('project')).toEqual([
      { kind: 'project', path: '/somewhere/A.tandem', holder: 'holder' },
      { kind: 'project', path: '/b.tandem', holder: 'nonce' },
      { kind: 'project', path: null, holder: null },
    ])
  })
  it('first ends what runs: trainings with a checkpoint', async () => {
    const bench = await createOpenBench()
    const { train, refine } = startBoth(bench)
    const waiting = bench.queue.start(makeTraining())
    const changed = bench.queue.useProject(createFakeProject('/b.tandem'))
    await turn()
    expect(bench.process.sentOf('pause')).toEqual([{ kind: 'pause', jobId: train.id }])
    expect(bench.process.sentOf('cancel')).toEqual([{ kind: 'cancel', jobId: refine.id }])
    expect(bench.states(waiting.id).at(-1)).toBe('ended')
    expect(() => bench.queue.start(makeRefine())).toThrow('Open a project first')
    bench.process.end(refine.id, cancelled)
    await turn()
    expect(bench.process.sentOf('project')).toHaveLength(1)
    bench.process.end(train.id, cancelled)
    await changed
    expect(bench.process.sentOf('project')).toHaveLength(2)
    expect(bench.queue.list()).toEqual([])
  })
  it('ends a process that does not stop, and goes on with another', async () => {
    const bench = await createOpenBench()
    const { train } = startBoth(bench)
    const changed = bench.queue.useProject(createFakeProject('/b.tandem'))
    await vi.advanceTimersByTimeAsync(60_001)
    await changed
    expect(bench.processes[0].killed).toBe(true)
    expect(bench.states(train.id).at(-1)).toBe('ended')
    bench.process.open()
    expect(bench.process.sentOf('project')).toEqual([{ kind: 'project', path: '/b.tandem', holder: 'holder' }])
    expect(bench.process.given).toEqual([])
  })
  it('leaves no preview without an answer', async () => {
    const { queue } = await createOpenBench()
    const previews = [queue.preview(makePreview(1)), queue.preview(makePreview(2))]
    await queue.useProject(null)
    expect(await Promise.all(previews)).toEqual([{ kind: 'superseded' }, { kind: 'superseded' }])
    await expect(queue.preview(makePreview())).rejects.toThrow('Open a project first')
  })
})

describe('chooseEngine', () => {
  it('pauses trainings, lets the process leave, and goes on from the checkpoint before anything else', async () => {
    const bench = await createOpenBench()
    const { train, refine, runId } = startBoth(bench)
    const waiting = bench.queue.start(makeTraining())
    const chosen = bench.queue.chooseEngine({ engine: 'tensorflow', threads: 4 })
    await turn()
    const meanwhile = bench.queue.start(makeRefine())
    expect(bench.process.given).not.toContain(meanwhile.id)
    const checkpoint = makeCheckpoint(runId, 120)
    bench.project.kept.push(checkpoint)
    bench.process.end(refine.id, cancelled)
    bench.process.end(train.id, cancelled)
    await turn()
    expect(bench.process.sentOf('leave')).toHaveLength(1)
    bench.process.die('exit code 0')
    await turn()
    expect(bench.process.sent[0]).toEqual({ kind: 'begin', engine: 'tensorflow', threads: 4 })
    bench.process.open()
    expect((await chosen).kind).toBe('ready')
    const given = bench.process.sentOf('start')
    expect(given[0].work).toMatchObject({ kind: 'train', runId, checkpointId: checkpoint.id })
    expect(given.slice(1).map(({ jobId }) => jobId)).toEqual([meanwhile.id])
    expect(bench.queue.get(waiting.id).state.kind).toBe('queued')
    expect(bench.heard('studio:noted')).toEqual([])
  })
  it('does not go on with what has finished meanwhile', async () => {
    const bench = await createOpenBench()
    const { train, refine } = startBoth(bench)
    const chosen = bench.queue.chooseEngine({ engine: null, threads: null })
    await turn()
    bench.process.end(train.id)
    bench.process.end(refine.id)
    await turn()
    bench.process.die('exit code 0')
    await turn()
    bench.process.open()
    await chosen
    expect(bench.process.given).toEqual([])
  })
  it('does not go on with what a person had stopped', async () => {
    const bench = await createOpenBench()
    const { train, refine } = startBoth(bench)
    bench.queue.pause(train.id)
    const second = bench.queue.start(makeTraining())
    const chosen = bench.queue.chooseEngine({ engine: null, threads: null })
    await turn()
    bench.process.end(train.id, cancelled)
    bench.process.end(refine.id, cancelled)
    await turn()
    bench.process.die('exit code 0')
    await turn()
    bench.process.open()
    await chosen
    expect(bench.process.given).toEqual([second.id])
  })
  it('gives a preview to the new process', async () => {
    const bench = await createOpenBench()
    const preview = bench.queue.preview(makePreview())
    const chosen = bench.queue.chooseEngine({ engine: null, threads: null })
    await turn()
    bench.process.die('exit code 0')
    await turn()
    bench.process.open()
    await chosen
    bench.process.end(bench.process.given[0], cancelled)
    expect(await preview).toEqual({ kind: 'superseded' })
  })
  it('fails the training in a sentence where that engine cannot be opened', async () => {
    const bench = await createOpenBench()
    const { train, refine } = startBoth(bench)
    const chosen = bench.queue.chooseEngine({ engine: 'webgpu', threads: null })
    await turn()
    for (const { id } of [train, refine]) bench.process.end(id, cancelled)
    await turn()
    bench.process.die('exit code 0')
    await turn()
    bench.process.say({ kind: 'refused', message: 'No WebGPU here.', hint: null })
    expect(await chosen).toMatchObject({ kind: 'unavailable' })
    const [again] = bench.queue.list()
    expect(bench.ending(again)).toMatchObject({ code: 'engine-unavailable', message: 'No WebGPU here.' })
  })
})

describe('close', () => {
  it('ends what runs, lets the process leave, and starts nothing any more', async () => {
    const bench = await createOpenBench()
    const { train, refine } = startBoth(bench)
    const closed = bench.queue.close()
    expect(bench.queue.close()).toBe(closed)
    expect(() => bench.queue.start(makeRefine())).toThrow('closing')
    for (const { id } of [train, refine]) bench.process.end(id, cancelled)
    await turn()
    expect(bench.process.sent.map(({ kind }) => kind).slice(-3)).toEqual(['pause', 'cancel', 'leave'])
    bench.process.die('exit code 0')
    await closed
    await vi.advanceTimersByTimeAsync(200_000)
    expect(bench.processes).toHaveLength(1)
  })
  it('takes a bounded time, whatever hangs', async () => {
    const bench = await createOpenBench()
    const { train } = startBoth(bench)
    const local = bench.queue.startLocal({
      ...{ kind: 'import', title: 'Shoes' },
      run: () => Promise.withResolvers<null>().promise,
    })
    const closed = bench.queue.close()
    await vi.advanceTimersByTimeAsync(75_000)
    await closed
    expect(bench.ending(train)).toMatchObject({ code: 'interrupted' })
    expect(bench.ending(local)).toMatchObject({ code: 'interrupted' })
    expect(bench.processes.every(({ killed }) => killed)).toBe(true)
    expect(bench.heard('engine:changed').at(-1)?.engine.kind).not.toBe('ready')
  })
  it('while the engine is being changed goes on with nothing', async () => {
    const bench = await createOpenBench()
    const { train, refine } = startBoth(bench)
    const chosen = bench.queue.chooseEngine({ engine: null, threads: null })
    await turn()
    const closed = bench.queue.close()
    for (const { id } of [train, refine]) bench.process.end(id, cancelled)
    await turn()
    bench.process.die('exit code 0')
    await Promise.all([chosen, closed])
    expect(bench.processes).toHaveLength(1)
    expect(bench.queue.list().every(({ state }) => state.kind === 'ended')).toBe(true)
  })
})

/** What the computing process answers to its host, and how it leaves. */
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../../compute/engine.ts'
import type { Work } from '../../../contract/computeProtocol.ts'
import { AppError } from '../../../domain/errors.ts'
import type { ProjectStore } from '../../../storage/project/store.ts'
import { temporaryFolder } from '../../testing.ts'
import { createProject, TestHost } from './drawTesting.ts'
import type { Surroundings } from './serveHost.ts'

const engine: Engine = { kind: 'wasm', version: '4.22.0', threads: 2, detail: 'a processor', close: () => undefined }
const work: Work = { kind: 'reproduce', resultId: randomUUID() }
const training: Work = {
  kind: 'train',
  runId: randomUUID(),
  checkpointId: null,
  length: null,
  retention: { last: 1, best: 1, everySteps: 0 },
}
/** Goes on until it is stopped. */
const endless: Surroundings['runWork'] = async (_, __, turn) => {
  for (;;) await turn.pause()
}
const drawn: Surroundings['runWork'] = async () => ({ kind: 'drawn' })

const folder = temporaryFolder()
let first: ProjectStore
let second: ProjectStore
beforeAll(() => {
  first = createProject(join(folder, 'First.tandem'))
  second = createProject(join(folder, 'Second.tandem'))
})
afterAll(() => {
  first.file.close()
  second.file.close()
  rmSync(folder, { recursive: true })
})

describe('beginning', () => {
  it('opens the engine that was asked for, once', async () => {
    const asked: unknown[] = []
    const openEngine = async (options: object) => (asked.push(options), engine)
    const host = new TestHost(engine, { openEngine })
    host.say({ kind: 'begin', engine: null, threads: 3 })
    host.say({ kind: 'begin', engine: 'wasm', threads: null })
    const ready = { kind: 'ready', engine: 'wasm', version: '4.22.0', detail: 'a processor', threads: 2 }
    expect(await host.heard('ready')).toEqual(ready)
    host.say({ kind: 'ping' })
    await host.heard('alive')
    expect(asked).toEqual([{ engine: undefined, threads: 3 }])
    expect(host.of('ready')).toHaveLength(1)
  })

  it.each([
    [new AppError('engine-unavailable', 'No GPU.', { hint: 'Buy one.' }), { message: 'No GPU.', hint: 'Buy one.' }],
    [
      new TypeError('x'),
      { message: expect.stringMatching(/^No engine could be opened \(reference \w+\)/), hint: null },
    ],
  ])('says why no engine could be opened, and leaves: %s', async (error, told) => {
    const host = new TestHost(engine, { openEngine: () => Promise.reject(error) })
    host.start(work)
    host.say({ kind: 'begin', engine: null, threads: null })
    expect(await host.heard('refused')).toEqual({ kind: 'refused', ...told })
    while (!host.left) await new Promise(setImmediate)
  })
})

describe('messages that are not valid', () => {
  it('are written down, and end the work that somebody waits for', async () => {
    const written: string[] = []
    const host = new TestHost(engine, { write: (text) => void written.push(text), runWork: drawn })
    host.open(first)
    const jobId = randomUUID()
    host.sayAnything('hello')
    host.sayAnything({ kind: 'shut down' })
    host.sayAnything({ kind: 'start', jobId: '../../etc', work })
    host.sayAnything({ kind: 'start', jobId, work: { kind: 'reproduce', resultId: 'x' } })
    expect(await host.endingOf(jobId)).toMatchObject({
      code: 'misuse',
      message: expect.stringContaining('work.resultId'),
    })
    expect(written).toHaveLength(4)
    expect(host.of('ended')).toHaveLength(1)
    const { ending } = await host.run(work)
    expect(ending).toEqual({ kind: 'finished', outcome: { kind: 'drawn' } })
  })
})

describe('the project', () => {
  it('must be there for any work', async () => {
    const host = new TestHost(engine, { runWork: drawn })
    host.say({ kind: 'begin', engine: null, threads: null })
    expect((await host.run(work)).ending).toMatchObject({
      code: 'misuse',
      message: expect.stringContaining('No project'),
    })
    host.say({ kind: 'project', path: join(folder, 'Nowhere.tandem'), holder: null })
    expect((await host.run(work)).ending).toMatchObject({ code: 'not-found' })
    host.open(first)
    expect((await host.run(work)).ending).toMatchObject({ kind: 'finished' })
    host.say({ kind: 'project', path: null, holder: null })
    expect((await host.run(work)).ending).toMatchObject({ code: 'misuse' })
  })

  it('is joined under the lock of the host, and only read without one', async () => {
    const looks: unknown[] = []
    const host = new TestHost(engine, {
      runWork: async (_, { store: { file } }) => {
        looks.push([file.path, file.readOnly, file.holder])
        return null
      },
    })
    host.open(first)
    await host.run(work)
    host.say({ kind: 'project', path: first.file.path, holder: null })
    await host.run(work)
    expect(looks).toEqual([
      [first.file.path, false, first.file.holder],
      [first.file.path, true, null],
    ])
    host.say({ kind: 'project', path: first.file.path, holder: randomUUID() })
    expect((await host.run(work)).ending).toMatchObject({ kind: 'failed', code: 'storage-failed' })
  })

  it('ends what runs and waits in the one before, and nothing of the next', async () => {
    const paths: string[] = []
    const host = new TestHost(engine, {
      runWork: async (given, context, turn) => {
        paths.push(context.store.file.path)
        return given.kind === 'train' ? endless(given, context, turn) : drawn(given, context, turn)
      },
    })
    host.open(first)
    const running = host.start(training)
    const waiting = host.start(training)
    await host.heard('begun')
    host.say({ kind: 'project', path: second.file.path, holder: second.file.holder })
    const next = host.start(work)
    expect(await host.endingOf(next)).toMatchObject({ kind: 'finished' })
    expect(await host.endingOf(running)).toEqual({ kind: 'cancelled' })
    expect(await host.endingOf(waiting)).toEqual({ kind: 'cancelled' })
    expect(paths).toEqual([first.file.path, second.file.path])
  })
})

describe('a running job', () => {
  it('shows that the process is alive, and hears wishes', async () => {
    const host = new TestHost(engine, {
      runWork: async (_, __, turn) => {
        for (;;) {
          await turn.pause()
          if (turn.takeWish() === 'pause') return null
        }
      },
    })
    host.open(first)
    const jobId = host.start(training)
    expect((await host.heard('alive')).memoryBytes).toBeGreaterThan(2 ** 20)
    host.say({ kind: 'checkpoint', jobId })
    host.say({ kind: 'pause', jobId })
    expect(await host.endingOf(jobId)).toEqual({ kind: 'finished', outcome: null })
  })
})

describe('leaving', () => {
  it('ends everything first and closes the engine', async () => {
    let closed = false
    const openEngine = async () => ({ ...engine, close: () => void (closed = true) })
    const host = new TestHost(engine, { openEngine, runWork: endless })
    host.open(first)
    const jobs = [host.start(training), host.start(training)]
    await host.heard('begun')
    host.say({ kind: 'leave' })
    while (!host.left) await new Promise(setImmediate)
    for (const jobId of jobs) expect(await host.endingOf(jobId)).toEqual({ kind: 'cancelled' })
    expect(closed).toBe(true)
  })

  it('does not wait for an engine that is still being opened', async () => {
    const host = new TestHost(engine, { openEngine: () => new Promise(() => undefined) })
    host.open(first)
    host.start(work)
    host.say({ kind: 'leave' })
    while (!host.left) await new Promise(setImmediate)
  })

  it('follows at once when the host is gone, whatever runs', async () => {
    const host = new TestHost(engine, { runWork: endless })
    host.open(first)
    const jobId = host.start(training)
    await host.heard('begun')
    host.hangUp()
    expect(host.left).toBe(true)
    host.say({ kind: 'cancel', jobId })
    await host.endingOf(jobId)
  })
})

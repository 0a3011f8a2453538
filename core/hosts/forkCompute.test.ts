/** Real processes that end in every way a process can: what the host makes of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EventName, Events } from '../contract/events.ts'
import type { JobRecord } from '../domain/records.ts'
import { createJobQueue, type JobQueue } from '../studio/computing/queue.ts'
import type { ProcessPort } from '../contract/port.ts'
import { createFakeProject, makePreview } from '../studio/computing/testing.ts'
import { forkCompute } from './forkCompute.ts'

/** Does with each work what its seed says. */
const program = `
const say = (message) => process.send(message)
const ready = { kind: 'ready', engine: 'wasm', version: '1', threads: 1 }
const ways = {
  finish: (jobId) => say({ kind: 'ended', jobId, ending: { kind: 'finished', outcome: { kind: 'drawn' } } }),
  finishAndLeave(jobId) { ways.finish(jobId); process.exit(0) },
  show(jobId, { condition }) {
    const about = { index: 0, step: 0, steps: 1, initial: null, gain: null }
    say({ kind: 'pictured', jobId, ...about, picture: condition.picture })
    ways.finish(jobId)
  },
  abort() { process.stderr.write('giving up', () => process.abort()) },
  kill() { process.kill(process.pid, 'SIGKILL') },
  exit() { process.exit(3) },
  throw() { throw new Error('nobody foresaw this') },
  hang() { for (;;) {} },
  hangUp() { process.disconnect(); setInterval(() => {}, 1000) },
  nonsense() { say({ kind: 'nonsense' }) },
}
process.on('message', (message) => {
  if (message.kind === 'begin') say({ ...ready, detail: process.env.NODE_OPTIONS ?? 'clean' })
  if (message.kind === 'ping') say({ kind: 'alive', memoryBytes: process.memoryUsage().rss })
  if (message.kind === 'leave') process.exit(0)
  if (message.kind !== 'start') return
  say({ kind: 'begun', jobId: message.jobId })
  setImmediate(() => Object.values(ways)[message.work.order.seed](message.jobId, message.work.order))
})
`
const ways = 'finish finishAndLeave show abort kill exit throw hang hangUp nonsense'.split(' ')

let folder: string
let entry: URL
let queue: JobQueue
let ports: ProcessPort[]
let told: { name: EventName; payload: Events[EventName] }[]
let hear: () => void

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fork-compute-'))
  const file = join(folder, 'entry.mjs')
  writeFileSync(file, program)
  entry = pathToFileURL(file)
})
afterAll(() => rmSync(folder, { recursive: true }))

beforeEach(async () => {
  // Processes are real, waiting is not.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  vi.stubEnv('NODE_OPTIONS', '--no-warnings')
  ports = []
  told = []
  hear = () => undefined
  queue = createJobQueue({
    spawn() {
      const port = forkCompute(entry)
      ports.push(port)
      return port
    },
    choice: { engine: null, threads: null },
    tell(name, payload) {
      told.push({ name, payload })
      hear()
    },
    resumesByItself: () => true,
    log: { note: () => undefined, error: () => 'R' },
  })
  await queue.useProject(createFakeProject())
})
afterEach(async () => {
  await queue.close()
  vi.unstubAllEnvs()
  vi.useRealTimers()
})

/** Waits for what is told; time does not pass, only processes do. */
async function until(isSo: () => boolean): Promise<void> {
  if (isSo()) return
  const so: PromiseWithResolvers<void> = Promise.withResolvers()
  hear = () => {
    if (isSo()) so.resolve()
  }
  await so.promise
}
/** The same for what nobody tells. */
async function turnUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate)
}
function isAlive(pid = 0): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
const isOver = ({ id }: JobRecord) => queue.get(id).state.kind === 'ended'

function start(way: string): JobRecord {
  const order = makePreview(ways.indexOf(way))
  const picture = { width: 2, height: 1, channels: 3, data: new Uint8Array([1, 2, 3, 4, 5, 6]) } as const
  const condition = { kind: 'picture', picture } as const
  const work = { kind: 'refine', order: way === 'show' ? { ...order, condition } : order } as const
  return queue.start({ kind: 'refine', title: way, runId: null, work })
}
function endingOf({ id }: JobRecord) {
  const { state } = queue.get(id)
  return state.kind === 'ended' ? state.ending : undefined
}

describe('a real process', () => {
  it('takes work and brings pictures back, byte for byte', async () => {
    const job = start('show')
    await until(() => isOver(job))
    const shown = told.find(({ name }) => name === 'picture:refined')?.payload as Events['picture:refined']
    expect([...shown.picture.data]).toEqual([1, 2, 3, 4, 5, 6])
    expect(endingOf(job)).toEqual({ kind: 'finished', outcome: { kind: 'drawn' } })
  })
  it('starts without what would change how Node starts', async () => {
    await until(() => queue.engine.kind === 'ready')
    expect(queue.engine).toMatchObject({ detail: 'clean' })
  })
  it('loses nothing that it said before it left', async () => {
    const job = start('finishAndLeave')
    await until(() => isOver(job))
    expect(endingOf(job)).toMatchObject({ kind: 'finished' })
    await until(() => queue.engine.kind === 'restarting')
  })
})

describe('what was in a process that dies ends as interrupted, and the next one works', () => {
  it.each([
    ['abort', 'its native code gave up'],
    ['kill', 'killed by the system'],
    ['exit', 'ended with code 3'],
    ['throw', 'ended with code 1'],
    ['nonsense', 'makes no sense'],
  ])('%s', async (way, words) => {
    const job = start(way)
    await until(() => isOver(job))
    expect(endingOf(job)).toMatchObject({ kind: 'failed', code: 'interrupted' })
    expect(JSON.stringify(endingOf(job))).toContain(words)
    if (way === 'abort') expect(queue.facts().lastWords).toContain('giving up')
    await until(() => queue.engine.kind === 'restarting')
    vi.advanceTimersByTime(1)
    const next = start('finish')
    await until(() => isOver(next))
    expect(endingOf(next)).toMatchObject({ kind: 'finished' })
    expect(ports).toHaveLength(2)
  })
  it.each([
    ['hang', 65_000, 'did not answer for 60 seconds'],
    ['hangUp', 2_000, 'it hung up'],
  ])('%s', async (way, laterMs, words) => {
    const job = start(way)
    await until(() => queue.get(job.id).state.kind === 'running')
    const timers = vi.getTimerCount()
    if (way === 'hangUp') await turnUntil(() => vi.getTimerCount() > timers)
    vi.advanceTimersByTime(laterMs)
    await until(() => isOver(job))
    expect(JSON.stringify(endingOf(job))).toContain(words)
    await turnUntil(() => !isAlive(ports[0].pid))
  })
  it('a program that is not there', async () => {
    const port = forkCompute(pathToFileURL(join(folder, 'nowhere.mjs')))
    const gone = Promise.withResolvers<string>()
    port.onGone(gone.resolve)
    expect(await gone.promise).toBe('exit code 1')
    expect(port.lastWords?.()).toContain('nowhere.mjs')
    port.send({ kind: 'ping' })
  })
})

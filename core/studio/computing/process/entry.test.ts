/** The computing process as a process: forked, talked to, and left alone. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { on, once } from 'node:events'
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEngine } from '../../../compute/engine.ts'
import { fromCompute, type FromCompute, type ToCompute, type Work } from '../../../contract/computeProtocol.ts'
import { moduleBeside } from '../../../domain/moduleBeside.ts'
import type { Id } from '../../../domain/records.ts'
import type { ProjectStore } from '../../../storage/project/store.ts'
import { temporaryFolder } from '../../testing.ts'
import { addModel, createProject } from './drawTesting.ts'

const entry = moduleBeside(import.meta.url, './entry')
const folder = temporaryFolder()
let store: ProjectStore
let runId: Id

beforeAll(async () => {
  const engine = await openEngine({ engine: 'wasm', threads: 1 })
  store = createProject(join(folder, 'Forked.tandem'))
  runId = (await addModel(store, 'class')).runId
  engine.close()
})
afterAll(() => {
  store.file.close()
  rmSync(folder, { recursive: true })
})

function messages(work?: { readonly jobId: Id; readonly work: Work }): ToCompute[] {
  const { path, holder } = store.file
  return [
    { kind: 'begin', engine: 'wasm', threads: 1 },
    { kind: 'project', path, holder },
    ...(work ? [{ kind: 'start', ...work } as const] : []),
  ]
}

function refine(steps: number): Work {
  const order = { source: { kind: 'run', runId } as const, seed: 1, steps, beyond: true }
  return { kind: 'refine', order: { ...order, condition: { kind: 'labels', weights: [1, 0, 0] } } }
}

function start(work?: { readonly jobId: Id; readonly work: Work }): ChildProcess {
  const child = fork(entry, { serialization: 'advanced', execArgv: [] })
  for (const message of messages(work)) child.send(message)
  return child
}

/** Everything that it says until this. */
async function hear(child: ChildProcess, last: (message: FromCompute) => boolean): Promise<FromCompute[]> {
  const told: FromCompute[] = []
  for await (const [message] of on(child, 'message')) {
    told.push(fromCompute.parse(message))
    if (last(told[told.length - 1])) break
  }
  return told
}

describe('the forked process', () => {
  it('draws, and leaves when it is asked to', async () => {
    const jobId = randomUUID()
    const child = start({ jobId, work: refine(4) })
    const exit = once(child, 'exit')
    const told = await hear(child, ({ kind }) => kind === 'ended')
    expect(told.find(({ kind }) => kind === 'ready')).toMatchObject({ engine: 'wasm', threads: 1 })
    const pictures = told.filter((message) => message.kind === 'pictured')
    expect(pictures.at(-1)).toMatchObject({ jobId, step: 4, steps: 4, picture: { width: 8, height: 8 } })
    expect(told.at(-1)).toEqual({ kind: 'ended', jobId, ending: { kind: 'finished', outcome: { kind: 'drawn' } } })
    child.send({ kind: 'leave' })
    expect(await exit).toEqual([0, null])
  })

  it('leaves by itself when it is idle and the channel is closed', async () => {
    const child = start()
    const exit = once(child, 'exit')
    await hear(child, ({ kind }) => kind === 'ready')
    child.disconnect()
    expect(await exit).toEqual([0, null])
  })

  it('says that no engine could be opened before it leaves', async () => {
    const child = fork(entry, { serialization: 'advanced', execArgv: [], env: { ...process.env, TANDEM_HOME: folder } })
    const exit = once(child, 'exit')
    child.send({ kind: 'begin', engine: 'tensorflow', threads: null } satisfies ToCompute)
    const told = await hear(child, ({ kind }) => kind === 'refused' || kind === 'ready')
    expect(told).toMatchObject([{ kind: 'refused', message: expect.stringContaining('tensorflow') }])
    expect(await exit).toEqual([0, null])
  })

  it('leaves in the middle of its work when its host is killed', async () => {
    const jobId = randomUUID()
    const script = `
      import { fork } from 'node:child_process'
      const child = fork(new URL(${JSON.stringify(entry.href)}), { serialization: 'advanced', execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
      for (const message of JSON.parse(process.argv[1])) child.send(message)
      child.on('message', ({ kind, step }) => kind === 'pictured' && step === 3 && process.send('drawing'))
    `
    const work = messages({ jobId, work: refine(4096) })
    const host = spawn(process.execPath, ['--input-type=module', '-e', script, JSON.stringify(work)], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    // The pipe is the host's and its child's: it ends when both are gone.
    host.stdout?.resume()
    const bothGone = once(host, 'close')
    await once(host, 'message')
    host.kill('SIGKILL')
    expect(await bothGone).toEqual([null, 'SIGKILL'])
    // Nothing of it stays in the way of the next one.
    store.file.write(() => undefined)
  })
})

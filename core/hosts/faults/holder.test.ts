/** Another program has the project open and is killed, or stopped for long: what it acknowledged is there, and it can never write again. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { EventName } from '../../contract/events.ts'
import type { Reply } from '../../contract/reply.ts'
import type { Id, JobRecord } from '../../domain/records.ts'
import { lookInto, makeFolder, makeTraining, silenceHolder, watchStudio } from '../../studio/host/faults/testing.ts'
import { ObedientProcess } from '../../studio/host/testing.ts'
import type { Asked, Begin } from './studioProcess.ts'

interface Heard {
  readonly kind: 'open' | 'told' | 'answered'
  readonly name?: EventName
  readonly payload?: { readonly job?: JobRecord }
  readonly number?: number
  readonly reply?: Reply<{ readonly id: Id; readonly jobId: Id }>
}

async function startStudio(path: string) {
  const child = fork(new URL('./studioProcess.ts', import.meta.url), {
    serialization: 'advanced',
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const all: Heard[] = []
  let look: () => void = () => undefined
  child.on('message', (heard: Heard) => {
    all.push(heard)
    look()
  })
  /** Waits for the first that is so. */
  async function hear(isSo: (heard: Heard) => boolean): Promise<Heard> {
    for (;;) {
      const found = all.find(isSo)
      if (found) return found
      await new Promise((resolve) => (look = () => resolve(undefined)))
    }
  }
  const begin: Begin = { home: join(makeFolder(), 'data'), path }
  child.send(begin)
  await hear(({ kind }) => kind === 'open')
  let number = 0
  return {
    child,
    hear,
    async ask(name: string, input: unknown) {
      const asked: Asked = { number: ++number, name, input }
      child.send(asked)
      const { reply } = await hear((heard) => heard.number === asked.number)
      return reply!
    },
  }
}

const sketch = { kind: 'sketch', name: 'A', width: 9, height: 9 }
const strokes = [{ kind: 'stroke' }, { kind: 'fill' }]

it('one that is killed is replaced at once, without anything acknowledged being lost', async () => {
  const { path } = await makeTraining(makeFolder())
  const other = await startStudio(path)
  const made = await other.ask('document:create', sketch)
  const documentId = made.ok ? made.value.id : ''
  expect(await other.ask('document:append', { documentId, position: 0, entries: strokes })).toMatchObject({ ok: true })
  const { studio } = await watchStudio(() => new ObedientProcess())
  await expect(studio.openProjectAt(path)).rejects.toMatchObject({ code: 'storage-failed', problem: 'locked' })
  other.child.kill('SIGKILL')
  await once(other.child, 'exit')
  await studio.openProjectAt(path)
  expect(await studio.ask('document:get', { documentId })).toMatchObject({ entries: strokes })
  expect(lookInto(path, ({ file }) => file.db.pragma('integrity_check', { simple: true }))).toBe('ok')
})

it('one that was stopped while another took over can write nothing when it wakes, and says so', async () => {
  const { path, runId } = await makeTraining(makeFolder())
  const other = await startStudio(path)
  const made = await other.ask('document:create', sketch)
  const documentId = made.ok ? made.value.id : ''
  await other.ask('training:resume', { runId })
  await other.hear(({ name }) => name === 'run:measured')
  other.child.kill('SIGSTOP')
  silenceHolder(path)
  const { studio } = await watchStudio(() => new ObedientProcess())
  await studio.openProjectAt(path)
  await studio.ask('document:append', { documentId, position: 0, entries: strokes })
  other.child.kill('SIGCONT')
  const late = await other.ask('document:append', { documentId, position: 0, entries: [{ kind: 'late' }] })
  const lost = /^Another program has taken over Pots\.tandem; this one stopped writing/
  expect(late).toMatchObject({
    ok: false,
    error: {
      code: 'storage-failed',
      message: expect.stringMatching(lost) as string,
      hint: expect.any(String) as string,
    },
  })
  const { payload } = await other.hear(({ payload }) => payload?.job?.state.kind === 'ended')
  expect(payload?.job).toMatchObject({
    kind: 'train',
    state: { ending: { kind: 'failed', code: 'storage-failed', message: expect.stringMatching(lost) as string } },
  })
  expect(await studio.ask('document:get', { documentId })).toMatchObject({ entries: strokes })
})

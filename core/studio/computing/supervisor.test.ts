import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EngineState } from '../../contract/studioTypes.ts'
import { createSupervisor, type Supervisor, type WorkMessage } from './supervisor.ts'
import { FakeProcess } from './testing.ts'

let processes: FakeProcess[]
let states: EngineState[]
let messages: WorkMessage[]
let gone: [what: string, again: boolean][]
let notes: string[]
let cannotSpawn: Error | null
let supervisor: Supervisor

beforeEach(() => {
  vi.useFakeTimers()
  processes = []
  states = []
  messages = []
  gone = []
  notes = []
  cannotSpawn = null
  supervisor = createSupervisor({
    spawn() {
      if (cannotSpawn !== null) throw cannotSpawn
      const process = new FakeProcess()
      processes.push(process)
      return process
    },
    choice: { engine: 'wasm', threads: 2 },
    onReady: () => undefined,
    onMessage: (message) => void messages.push(message),
    onGone(what, again) {
      gone.push([what, again])
      return 'Nothing was lost.'
    },
    onState: (state) => void states.push(state),
    note: (text) => void notes.push(text),
  })
})
afterEach(() => void vi.useRealTimers())

const newest = () => processes[processes.length - 1]
const seconds = (count: number) => vi.advanceTimersByTime(count * 1000)

function openOne(): FakeProcess {
  supervisor.wake()
  seconds(30)
  newest().open()
  return newest()
}

describe('starting', () => {
  it('begins once, with the chosen engine, and is ready when the process says so', () => {
    supervisor.wake()
    supervisor.wake()
    expect(processes).toHaveLength(1)
    expect(newest().sent).toEqual([{ kind: 'begin', engine: 'wasm', threads: 2 }])
    expect(supervisor.ready).toBe(false)
    newest().open()
    expect(supervisor.ready).toBe(true)
    expect(states.map(({ kind }) => kind)).toEqual(['starting', 'ready'])
  })
  it('sends nothing before that', () => {
    supervisor.wake()
    supervisor.send({ kind: 'cancel', jobId: 'x' })
    expect(newest().sentOf('cancel')).toEqual([])
  })
  it('stays away from an engine that is refused, and says why', () => {
    supervisor.wake()
    newest().say({ kind: 'refused', message: 'No engine.', hint: 'Get one.' })
    newest().die('exit code 0')
    seconds(1000)
    expect(supervisor.state).toEqual({ kind: 'unavailable', message: 'No engine.', hint: 'Get one.' })
    expect(processes).toHaveLength(1)
  })
  it('treats a process that cannot be started like one that died', () => {
    cannotSpawn = new Error('EAGAIN')
    supervisor.wake()
    expect(supervisor.state).toMatchObject({ kind: 'restarting', message: expect.stringContaining('EAGAIN') as string })
    cannotSpawn = null
    seconds(0)
    expect(processes).toHaveLength(1)
  })
  it('ends one whose engine does not open', () => {
    supervisor.wake()
    seconds(175)
    expect(newest().killed).toBe(false)
    seconds(10)
    expect(processes[0].killed).toBe(true)
  })
})

describe('after a death', () => {
  it('starts again at once, then with growing pauses, and gives up at the fifth in a row', () => {
    supervisor.wake()
    for (const [index, pause] of [0, 1, 5, 30].entries()) {
      newest().open()
      newest().die()
      expect(supervisor.state.kind).toBe('restarting')
      vi.advanceTimersByTime(Math.max(0, pause * 1000 - 1))
      expect(processes).toHaveLength(index + (pause === 0 ? 2 : 1))
      vi.advanceTimersByTime(1)
      expect(processes).toHaveLength(index + 2)
    }
    newest().die('signal SIGABRT')
    seconds(1000)
    expect(processes).toHaveLength(5)
    expect(supervisor.state).toMatchObject({ kind: 'unavailable' })
    expect(gone.map(([, again]) => again)).toEqual([true, true, true, true, false])
  })
  it('gives up on an engine that never opens, however long each process takes to hang', () => {
    supervisor.wake()
    seconds(24 * 3600)
    expect(processes.length).toBe(3)
    expect(supervisor.state).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('not started any more') as string,
    })
  })

  it('forgives deaths that are long ago', () => {
    openOne()
    for (let death = 0; death < 12; death++) {
      newest().die()
      seconds(121)
      newest().open()
    }
    expect(supervisor.ready).toBe(true)
  })
  it('says what happened, with what became of the work', () => {
    openOne().die()
    expect(states.at(-1)).toEqual({
      kind: 'restarting',
      message: 'The computing process stopped (killed by the system: out of memory?). Nothing was lost.',
    })
  })
  it('hears nothing more of the dead one, and mourns it once', () => {
    const dead = openOne()
    dead.die()
    seconds(0)
    newest().open()
    dead.say({ kind: 'begun', jobId: crypto.randomUUID() })
    dead.die()
    expect(messages).toEqual([])
    expect(gone).toHaveLength(1)
    expect(supervisor.ready).toBe(true)
  })
  it('keeps what it wrote last for the diagnostics', () => {
    const dead = openOne()
    dead.words = 'terminate called'
    dead.die('signal SIGABRT')
    expect(supervisor.facts()).toMatchObject({
      ...{ pid: null, lastWords: 'terminate called', deaths: [{ reason: 'signal SIGABRT' }] },
    })
  })
})

describe('invalid messages', () => {
  it.each([
    ['nothing', null],
    ['text', 'ended'],
    ['an unknown kind', { kind: 'exploded' }],
    ['an id that is none', { kind: 'begun', jobId: '../../etc' }],
    ['one field too many', { kind: 'alive', memoryBytes: 1, extra: true }],
    [
      'a picture of another size',
      { ...frame(), picture: { width: 2, height: 2, channels: 1, data: new Uint8Array(3) } },
    ],
    ['a number that is none', { ...frame(), gain: Number.NaN }],
  ])('end the process: %s', (_, message) => {
    openOne().sayAnything(message)
    expect(processes[0].killed).toBe(true)
    expect(gone).toHaveLength(1)
    expect(notes[0]).toContain('invalid')
    expect(messages).toEqual([])
  })
  it('are told from valid ones', () => {
    openOne().sayAnything({ ...frame(), picture: { width: 1, height: 1, channels: 1, data: Buffer.from([1]) } })
    expect(messages).toHaveLength(1)
    expect(processes[0].killed).toBe(false)
  })
})

function frame() {
  return { kind: 'pictured', jobId: crypto.randomUUID(), index: 0, step: 0, steps: 1, initial: null, gain: null }
}

describe('a process that says nothing', () => {
  const alive = { kind: 'alive', memoryBytes: 1 } as const

  it('is asked every five seconds and ended after a minute', () => {
    const process = openOne()
    seconds(60)
    expect(process.sentOf('ping')).toHaveLength(12)
    expect(process.killed).toBe(false)
    seconds(5)
    expect(process.killed).toBe(true)
    expect(gone[0][0]).toContain('did not answer for 60 seconds')
  })
  it('lives when it answers', () => {
    const process = openOne()
    for (let answer = 0; answer < 100; answer++) {
      seconds(55)
      process.say(alive)
    }
    expect(process.killed).toBe(false)
    expect(supervisor.facts().memoryBytes).toBe(1)
  })
  it('gets twenty times its slowest turn', () => {
    const process = openOne()
    seconds(15)
    process.say(alive)
    seconds(300)
    expect(process.killed).toBe(false)
    seconds(5)
    expect(process.killed).toBe(true)
  })
  it('gets twice as long the next time: perhaps it was only slow', () => {
    openOne()
    seconds(65)
    seconds(0.001)
    newest().open()
    seconds(120)
    expect(newest().killed).toBe(false)
    seconds(5)
    expect(processes[1].killed).toBe(true)
  })
})

describe('leaving', () => {
  it('is asked for, waited for and not taken for a death', async () => {
    const process = openOne()
    const closed = supervisor.close()
    expect(process.sentOf('leave')).toHaveLength(1)
    process.die('exit code 0')
    await closed
    seconds(1000)
    expect(processes).toHaveLength(1)
    expect(supervisor.facts().deaths).toEqual([])
    supervisor.wake()
    expect(processes).toHaveLength(1)
  })
  it('is brought about where it does not come', async () => {
    const process = openOne()
    const closed = supervisor.close()
    await vi.advanceTimersByTimeAsync(10_000)
    await closed
    expect(process.killed).toBe(true)
  })
  it('with a restart brings another engine, and waits until it is open', async () => {
    const process = openOne()
    const restarted = supervisor.restart({ engine: 'tensorflow', threads: null })
    process.die('exit code 0')
    await vi.advanceTimersByTimeAsync(0)
    expect(newest().sent).toEqual([{ kind: 'begin', engine: 'tensorflow', threads: null }])
    newest().open()
    expect((await restarted).kind).toBe('ready')
  })
  it('with a restart helps after giving up', async () => {
    openOne()
    for (const pause of [0, 1, 5, 30, 0]) {
      newest().die()
      seconds(pause)
    }
    expect(supervisor.state.kind).toBe('unavailable')
    const restarted = supervisor.restart({ engine: null, threads: null })
    await vi.advanceTimersByTimeAsync(0)
    newest().say({ kind: 'refused', message: 'No.', hint: null })
    expect(await restarted).toMatchObject({ kind: 'unavailable', message: 'No.' })
  })
})

/** Exactly one ending for every job, the most urgent first, whatever comes in whatever order. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FromCompute } from '../../../contract/computeProtocol.ts'
import { AppError, CancelledError } from '../../../domain/errors.ts'
import { type JobKind, jobKinds } from '../../../domain/records.ts'
import type { Turn } from './context.ts'
import { Scheduler } from './scheduler.ts'

type Ended = Extract<FromCompute, { readonly kind: 'ended' }>
type Script = (turn: Turn) => Promise<null>

/** @param letIn what a turn of the event loop brings; @param linger what comes in answer to a preview */
function createBench(letIn: () => void = () => undefined, linger: () => void = () => undefined) {
  const told: FromCompute[] = []
  const logged: unknown[] = []
  const scheduler: Scheduler = new Scheduler({
    tell: (message) => void told.push(message),
    atPause: () => undefined,
    log: (error) => `E${logged.push(error)}`,
    letIn: async () => {
      await new Promise(setImmediate)
      letIn()
    },
    linger: async () => linger(),
  })
  const endings = () => told.filter((message): message is Ended => message.kind === 'ended')
  return {
    scheduler,
    logged,
    /** `begun a`, `ended a` ... */
    lines: () => told.map((message) => `${message.kind} ${'jobId' in message ? message.jobId : ''}`),
    endingOf: (id: string) => endings().find(({ jobId }) => jobId === id)?.ending,
    endings,
    start: (id: string, kind: JobKind, work: Script = async () => null) => scheduler.start({ id, kind, work }),
  }
}

function pauses(count: number): Script {
  return async (turn) => {
    for (let i = 0; i < count; i++) await turn.pause()
    return null
  }
}

/** More than any of these tests needs. */
async function manyTurns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
}

describe('the scheduler', () => {
  it('begins with the most urgent, equal ones in the order in which they came', async () => {
    const bench = createBench()
    bench.start('train', 'train')
    bench.start('first sample', 'sample')
    bench.start('second sample', 'sample')
    bench.start('refine', 'refine')
    await manyTurns()
    const begun = bench.lines().filter((line) => line.startsWith('begun'))
    expect(begun).toEqual(['begun refine', 'begun first sample', 'begun second sample', 'begun train'])
  })

  it('runs more urgent work to its end inside a pause, and nothing else', async () => {
    const bench = createBench()
    bench.start('train', 'train', async (turn) => {
      await turn.pause()
      bench.start('sample', 'sample', pauses(2))
      bench.start('other', 'train')
      await turn.pause()
      return null
    })
    await manyTurns()
    expect(bench.lines()).toEqual([
      'begun train',
      'begun sample',
      'ended sample',
      'ended train',
      'begun other',
      'ended other',
    ])
  })

  it('ends older previews when a newer one comes, but lets a refinement wait for it', async () => {
    const bench = createBench()
    bench.start('refine', 'refine', async (turn) => {
      bench.start('waiting', 'preview')
      bench.start('running', 'preview', async (mine) => {
        bench.start('newest', 'preview')
        await mine.pause()
        return null
      })
      await turn.pause()
      return null
    })
    await manyTurns()
    expect(bench.endings().map(({ jobId, ending }) => `${jobId} ${ending.kind}`)).toEqual([
      'waiting cancelled',
      'running cancelled',
      'newest finished',
      'refine finished',
    ])
  })

  it('waits a moment for the next preview, so that a stream of them is not held up by a step each', async () => {
    const answers = ['second', 'third']
    const bench = createBench(undefined, () => {
      const next = answers.shift()
      if (next) bench.start(next, 'preview')
    })
    bench.start('train', 'train', async (turn) => {
      bench.start('first', 'preview')
      await turn.pause()
      expect(bench.endings().map(({ jobId }) => jobId)).toEqual(['first', 'second', 'third'])
      return null
    })
    await manyTurns()
    expect(bench.endingOf('train')).toEqual({ kind: 'finished', outcome: null })
  })

  it('lets a training go on now and then in a stream of previews that never ends', async () => {
    let [asked, steps] = [0, 0]
    const bench = createBench(undefined, () => bench.start(`preview ${++asked}`, 'preview'))
    bench.start('train', 'train', async (turn) => {
      bench.start('preview', 'preview')
      while (++steps < 4) await turn.pause()
      return null
    })
    for (let times = 0; times < 10; times++) await manyTurns()
    expect(bench.endingOf('train')).toEqual({ kind: 'finished', outcome: null })
  })

  it('stops waiting for a preview as soon as something comes', async () => {
    const told: FromCompute[] = []
    const scheduler: Scheduler = new Scheduler({
      tell: (message) => void told.push(message),
      atPause: () => undefined,
      log: () => '',
      linger: async (came) => {
        setImmediate(() => scheduler.cancel('train'))
        await came
      },
    })
    const work: Script = async (turn) => {
      scheduler.start({ id: 'preview', kind: 'preview', work: async () => null })
      await turn.pause()
      return null
    }
    scheduler.start({ id: 'train', kind: 'train', work })
    await manyTurns()
    expect(told.at(-1)).toEqual({ kind: 'ended', jobId: 'train', ending: { kind: 'cancelled' } })
  })

  it('cancels at the next pause, and at once what has not begun', async () => {
    const bench = createBench()
    let went = 0
    bench.start('running', 'train', async (turn) => {
      bench.scheduler.cancel('waiting')
      bench.scheduler.cancel('running')
      bench.scheduler.cancel('running')
      expect(bench.endingOf('waiting')).toEqual({ kind: 'cancelled' })
      went += 1
      await turn.pause()
      went += 1
      return null
    })
    bench.start('waiting', 'train')
    await manyTurns()
    bench.scheduler.cancel('running')
    bench.scheduler.cancel('never heard of')
    expect(went).toBe(1)
    expect(bench.lines()).toEqual(['begun running', 'ended waiting', 'ended running'])
  })

  it('tells apart what a person may read and what is a defect', async () => {
    const bench = createBench()
    const defect = new TypeError('x is not a function')
    const throwing =
      (error: Error): Script =>
      async () =>
        Promise.reject(error)
    bench.start('known', 'sample', throwing(new AppError('mismatch', 'It does not fit.', { hint: 'Take another.' })))
    bench.start('stopped', 'sample', throwing(new CancelledError()))
    bench.start('defect', 'sample', throwing(defect))
    bench.start('long', 'sample', throwing(new AppError('bad-input', 'x'.repeat(9000))))
    bench.start('thrown at once', 'sample', () => {
      throw new AppError('misuse', 'No.')
    })
    await manyTurns()
    const failed = { kind: 'failed', code: 'mismatch', message: 'It does not fit.', hint: 'Take another.' }
    expect(bench.endingOf('known')).toEqual(failed)
    expect(bench.endingOf('stopped')).toEqual({ kind: 'cancelled' })
    expect(bench.endingOf('defect')).toMatchObject({ code: 'internal', message: expect.stringContaining('E1') })
    expect(bench.endingOf('thrown at once')).toMatchObject({ code: 'misuse' })
    expect(bench.endingOf('long')).toMatchObject({ message: 'x'.repeat(4000) })
    expect(bench.logged).toEqual([defect])
  })

  it('hands a wish to a running job once, and the stronger of two', async () => {
    const bench = createBench()
    const taken: unknown[] = []
    bench.start('train', 'train', async (turn) => {
      bench.scheduler.wish('train', 'checkpoint')
      taken.push(turn.takeWish(), turn.takeWish())
      bench.scheduler.wish('train', 'pause')
      bench.scheduler.wish('train', 'checkpoint')
      taken.push(turn.takeWish())
      bench.scheduler.wish('waiting', 'checkpoint')
      bench.scheduler.wish('waiting', 'pause')
      return null
    })
    bench.start('waiting', 'train')
    await manyTurns()
    expect(taken).toEqual(['checkpoint', undefined, 'pause'])
    expect(bench.lines()).toEqual(['begun train', 'ended waiting', 'ended train'])
  })

  it('lets two parts of one job wait in the same pause', async () => {
    const bench = createBench()
    bench.start('train', 'train', async (turn) => {
      bench.start('sample', 'sample', pauses(3))
      await Promise.all([turn.pause(), turn.pause()])
      expect(bench.endingOf('sample')).toBeDefined()
      return null
    })
    await manyTurns()
    expect(bench.endingOf('train')).toEqual({ kind: 'finished', outcome: null })
  })

  it('takes a job once, and another one of that id when it has ended', async () => {
    const bench = createBench()
    bench.start('a', 'sample')
    bench.start('a', 'sample')
    await manyTurns()
    bench.start('a', 'sample')
    await manyTurns()
    expect(bench.lines()).toEqual(['begun a', 'ended a', 'begun a', 'ended a'])
  })

  it('ends all when asked, and tells when that is so', async () => {
    const bench = createBench()
    bench.start('train', 'train', pauses(Infinity))
    bench.start('sample', 'sample', pauses(Infinity))
    await manyTurns()
    bench.start('waiting', 'train')
    await bench.scheduler.endAll()
    expect(bench.endings().map(({ ending }) => ending.kind)).toEqual(['cancelled', 'cancelled', 'cancelled'])
  })
})

const errors = {
  refuse: () => new AppError('mismatch', 'It does not fit.'),
  stumble: () => new Error('defect'),
  stop: () => new CancelledError(),
} as const
const ownEndings = { finish: 'finished', refuse: 'failed', stumble: 'failed', stop: 'cancelled' } as const

/** What a job does when nobody stops it. */
interface Plan {
  readonly kind: JobKind
  readonly pauses: number
  readonly last: keyof typeof ownEndings
}
type Command =
  | { readonly does: 'start'; readonly plan: Plan }
  | { readonly does: 'cancel'; readonly which: number }
  | { readonly does: 'wish'; readonly which: number; readonly wish: 'pause' | 'checkpoint' }

const plan: fc.Arbitrary<Plan> = fc.record({
  kind: fc.constantFrom(...jobKinds),
  pauses: fc.nat(4),
  last: fc.constantFrom('finish', 'refuse', 'stumble', 'stop'),
})
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: fc.constant('start' as const), plan }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('cancel' as const), which: fc.nat(20) }) },
  fc.record({ does: fc.constant('wish' as const), which: fc.nat(20), wish: fc.constantFrom('pause', 'checkpoint') }),
)
/** What comes in the same turn of the event loop. */
const group = fc.array(command, { maxLength: 4 })

describe('random sequences of messages', () => {
  it('end every job exactly once and never keep a more urgent one waiting', async () => {
    await fc.assert(fc.asyncProperty(fc.array(group, { minLength: 1, maxLength: 12 }), checkSequence), { numRuns: 500 })
  })
})

async function checkSequence(groups: readonly Command[][]): Promise<void> {
  const coming = [...groups]
  const letIn = () => coming.shift()?.forEach(obey)
  const bench = createBench(letIn)
  const plans: Plan[] = []
  const count = (line: string) => bench.lines().filter((each) => each === line).length
  let computing: number | undefined

  function obey(given: Command): void {
    if (given.does === 'cancel') return bench.scheduler.cancel(String(given.which))
    if (given.does === 'wish') return bench.scheduler.wish(String(given.which), given.wish)
    const { kind, pauses, last } = given.plan
    const id = plans.push(given.plan) - 1
    bench.start(String(id), kind, async (turn) => {
      await compute(id)
      for (let at = 0; at < pauses; at++) {
        await turn.pause()
        await compute(id)
      }
      if (last === 'finish') return null
      throw errors[last]()
    })
  }

  /** A part of a job's work: nobody else computes meanwhile, nobody more urgent waits, and of equal ones the first goes first. */
  async function compute(id: number): Promise<void> {
    expect(computing).toBeUndefined()
    computing = id
    const rank = ({ kind }: Plan) => jobKinds.indexOf(kind)
    for (const [other, plan] of plans.entries()) {
      if (count(`begun ${other}`) + count(`ended ${other}`) > 0) continue
      expect(rank(plan)).toBeGreaterThanOrEqual(rank(plans[id]))
      if (plan.kind === plans[id].kind) expect(other).toBeGreaterThan(id)
    }
    await Promise.resolve()
    computing = undefined
  }

  letIn()
  for (let turn = 0; turn < 100 && (coming.length > 0 || bench.endings().length < plans.length); turn++) {
    await new Promise(setImmediate)
    letIn()
  }
  expect(bench.endings()).toHaveLength(plans.length)
  for (const [id, { last }] of plans.entries()) {
    expect(count(`ended ${id}`)).toBe(1)
    const kind = bench.endingOf(String(id))?.kind
    const begun = count(`begun ${id}`)
    expect(begun).toBeLessThanOrEqual(1)
    expect(begun === 0 ? ['cancelled'] : [ownEndings[last], 'cancelled']).toContain(kind)
  }
}

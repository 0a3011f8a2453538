/** Whatever happens in whatever order: one ending for every job, nothing after it, none lost, and nothing that ended is given out again. */
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { FromCompute } from '../../contract/computeProtocol.ts'
import type { Id, JobEnding, JobKind, JobRecord } from '../../domain/records.ts'
import {
  createOpenBench,
  createFakeProject,
  makeCheckpoint,
  makePicture,
  makePreview,
  makeProgress,
  makeRefine,
  makeSample,
  makeTraining,
  type Bench,
  type FakeProject,
} from './testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const RUNS = 500
const acts = [
  'start',
  'import',
  'preview',
  'cancel',
  'pause',
  'checkpoint',
  'begin',
  'progress',
  'show',
  'save',
] as const
const ends = ['finish', 'fail', 'obey', 'open', 'crash', 'nonsense', 'late', 'wait', 'project', 'engine'] as const
type Act = (typeof acts)[number] | (typeof ends)[number]

const step = fc.record({
  act: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom<Act>(...acts) },
    { weight: 2, arbitrary: fc.constantFrom<Act>(...ends) },
  ),
  /** Which of the jobs, and how much. */
  which: fc.nat(1000),
})

/** What must be true of one job, as the simplest thing that could be. */
interface Modelled {
  readonly kind: JobKind
  state: 'queued' | 'running' | 'ended'
  ending: JobEnding['kind'] | null
}

const endingOf = ({ state }: JobRecord) => (state.kind === 'ended' ? state.ending.kind : null)

/** Does what a person, the computing process and the world may do, and keeps a model of it. */
class World {
  readonly model = new Map<Id, Modelled>()
  readonly imports = new Map<Id, PromiseWithResolvers<null>>()
  readonly previews: Promise<unknown>[] = []
  readonly projects: FakeProject[]
  readonly changes: Promise<unknown>[] = []
  readonly bench: Bench
  readonly due = new Map<Id, string>()

  constructor(bench: Bench) {
    this.bench = bench
    this.projects = [bench.project]
  }

  get process() {
    return this.bench.process
  }
  /** Jobs that the living process was given and that it has not ended. */
  get there(): Id[] {
    return this.process.given.filter((id) => this.model.has(id) && this.model.get(id)?.state !== 'ended')
  }

  /** Learns of jobs that the queue started by itself, and of those that it ended. */
  look(): void {
    for (const { job } of this.bench.heard('job:changed')) {
      const known = this.model.get(job.id)
      if (known === undefined) this.model.set(job.id, { kind: job.kind, state: job.state.kind, ending: endingOf(job) })
      else Object.assign(known, { state: job.state.kind, ending: endingOf(job) })
    }
  }
  /** What has just been done can have had but one result. */
  mustEnd(id: Id, ending: string): void {
    if (!this.isOver(id)) this.due.set(id, ending)
  }
  checkDue(): void {
    for (const [id, ending] of this.due) expect(this.model.get(id)?.ending).toBe(ending)
    this.due.clear()
  }
  isUnwanted(id: Id): boolean {
    return this.process.sentOf('cancel').some(({ jobId }) => jobId === id)
  }
  wasGiven(id: Id): boolean {
    return this.bench.processes.some(({ given }) => given.includes(id))
  }

  run({ act, which }: { readonly act: Act; readonly which: number }): void {
    const { queue, project } = this.bench
    const all = [...this.model.keys()]
    const any = all[which % Math.max(1, all.length)]
    const inside = this.there[which % Math.max(1, this.there.length)]
    const attempt = (work: () => void) => {
      // A refusal is an answer; what it must not do is leave something half done, and that is looked at below.
      try {
        work()
      } catch (error) {
        expect((error as Error).name).toBe('AppError')
      }
    }
    switch (act) {
      case 'start':
        return attempt(() => queue.start([makeTraining(), makeRefine(), makeSample(), makeTraining()][which % 4]))
      case 'import':
        return attempt(() => {
          const done = Promise.withResolvers<null>()
          const run = (signal: AbortSignal) => {
            signal.addEventListener('abort', () => done.reject(signal.reason as Error))
            return done.promise
          }
          this.imports.set(queue.startLocal({ kind: 'import', title: 'Pictures', run }).id, done)
        })
      case 'preview':
        return void this.previews.push(queue.preview(makePreview(which)).catch((error: Error) => error.name))
      case 'cancel': {
        const job = any === undefined ? undefined : this.model.get(any)
        if (job !== undefined && job.kind !== 'import' && !this.wasGiven(any)) this.mustEnd(any, 'cancelled')
        return attempt(() => queue.cancel(any))
      }
      case 'pause':
        return attempt(() => queue.pause(any))
      case 'checkpoint':
        return attempt(() => queue.checkpoint(any))
      case 'begin':
        return this.sayInside(inside, (jobId) => ({ kind: 'begun', jobId }))
      case 'progress':
        return this.sayInside(inside, (jobId) => ({ kind: 'progressed', jobId, progress: makeProgress(which) }))
      case 'show': {
        const about = { index: 0, step: which, steps: 1000, initial: null, picture: makePicture(), gain: null }
        return this.sayInside(inside, (jobId) => ({ kind: 'pictured', jobId, ...about }))
      }
      case 'save': {
        const runId = inside === undefined ? null : queue.get(inside).runId
        if (runId === null) return
        const checkpoint = makeCheckpoint(runId, which)
        project.kept.push(checkpoint)
        return this.process.say({ kind: 'saved', runId, checkpointId: checkpoint.id })
      }
      case 'finish':
      case 'fail':
      case 'obey':
        return this.endWork(act, inside, any)
      case 'open':
        return this.process.open()
      case 'crash':
        if (this.isAlive()) for (const id of this.there) this.mustEnd(id, this.isUnwanted(id) ? 'cancelled' : 'failed')
        return this.process.die()
      case 'nonsense':
        return this.process.sayAnything({ kind: 'begun', jobId: which })
      case 'late':
        // A process that is dead ends something, or a job that has ended ends again.
        if (any !== undefined && which % 2 === 0) this.bench.processes.at(-2)?.end(any)
        else if (any !== undefined && this.isOver(any)) this.process.end(any)
        return
      case 'wait':
        return void vi.advanceTimersByTime(which * 10)
      case 'project': {
        const next = which % 3 === 0 ? null : createFakeProject(`/${which}.tandem`)
        if (next !== null) this.projects.push(next)
        return void this.changes.push(queue.useProject(next))
      }
      case 'engine':
        return void this.changes.push(queue.chooseEngine({ engine: null, threads: null }))
    }
  }

  sayInside(id: Id | undefined, message: (id: Id) => FromCompute): void {
    // Twice in one instant, so that something waits to be told.
    if (id !== undefined) for (const each of [message(id), message(id)]) this.process.say(each)
  }

  isOver(id: Id): boolean {
    return this.model.get(id)?.state === 'ended'
  }

  /** The process (or the import) ends one of its jobs or a preview. */
  endWork(act: 'finish' | 'fail' | 'obey', inside: Id | undefined, any: Id | undefined): void {
    if (any !== undefined) this.imports.get(any)?.resolve(null)
    const failure = { kind: 'failed', code: 'diverged', message: 'It ran away.', hint: null } as const
    const ending = { finish: { kind: 'finished', outcome: null }, fail: failure, obey: { kind: 'cancelled' } } as const
    const preview = this.process.sentOf('start').findLast(({ work }) => work.kind === 'preview')
    if (preview !== undefined) this.process.end(preview.jobId, ending[act])
    const job = inside === undefined ? undefined : this.model.get(inside)
    if (inside === undefined || job === undefined || !this.isAlive()) return
    this.mustEnd(inside, ending[act].kind)
    this.process.end(inside, ending[act])
  }
  isAlive(): boolean {
    return this.bench.queue.engine.kind === 'ready' && !this.process.killed
  }

  /** Everything that is still under way is brought to its end. */
  async finish(): Promise<void> {
    const closed = this.bench.queue.close()
    for (let turn = 0; turn < 20; turn++) await vi.advanceTimersByTimeAsync(30_000)
    await Promise.all([closed, ...this.changes])
    this.look()
  }

  /** At any time. */
  checkNow(): void {
    const { queue, processes } = this.bench
    for (const { id, state } of queue.list()) {
      const known = this.model.get(id)
      expect(known).toBeDefined()
      if (state.kind === 'ended') expect(this.isOver(id)).toBe(true)
    }
    for (const process of processes) {
      expect(new Set(process.given).size).toBe(process.given.length)
      const trainings = this.there.filter((id) => this.model.get(id)?.kind === 'train')
      if (process === this.process) expect(trainings.length).toBeLessThanOrEqual(1)
    }
  }

  checkEnd(): void {
    const { told, processes } = this.bench
    for (const [id] of this.model) {
      const about = told.flatMap((each) => {
        if (each.name === 'job:changed') return each.payload.job.id === id ? [each.payload.job.state.kind] : []
        return 'jobId' in each.payload && each.payload.jobId === id ? ['shown'] : []
      })
      expect(about.filter((word) => word === 'ended')).toHaveLength(1)
      expect(about.at(-1)).toBe('ended')
      // Given out at most once in its life: a process that is started again gets nothing that ended.
      const given = processes.flatMap((process) => process.given.filter((other) => other === id))
      expect(given.length).toBeLessThanOrEqual(1)
    }
    for (const { written } of this.projects) {
      const inserted = written.filter((line) => line.startsWith('insert')).map((line) => line.slice(7))
      for (const id of inserted) {
        const verbs = written.filter((line) => line.endsWith(id)).map((line) => line.split(' ')[0])
        expect(verbs.filter((verb) => verb === 'end')).toHaveLength(1)
        expect(verbs.at(-1)).toBe('end')
      }
    }
  }
}

it(`ends every job exactly once in ${RUNS} random histories`, async () => {
  let ended = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const world = new World(await createOpenBench())
      for (const each of steps) {
        world.run(each)
        await vi.advanceTimersByTimeAsync(0)
        world.look()
        world.checkDue()
        world.checkNow()
      }
      await world.finish()
      world.checkEnd()
      // Every preview got an answer, otherwise this would wait for ever.
      await Promise.all(world.previews)
      ended += world.model.size
    }),
    { numRuns: RUNS, endOnFailure: true, seed: 20_301 },
  )
  expect(ended).toBeGreaterThan(RUNS)
})

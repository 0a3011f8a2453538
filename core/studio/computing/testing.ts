/** A computing process without a process, a project without a file, and what a queue tells: for tests of the host's side. */
import { randomUUID } from 'node:crypto'
import type { FromCompute, ToCompute, Work } from '../../contract/computeProtocol.ts'
import type { PreviewOrder } from '../../contract/drawOrders.ts'
import type { EventName, Events } from '../../contract/events.ts'
import type { Picture } from '../../domain/picture.ts'
import type { CheckpointRecord, Id, JobRecord, Progress } from '../../domain/records.ts'
import type { NewJob } from './job.ts'
import { recordJob, type ComputingProject, type JobRows } from './project.ts'
import { createJobQueue, type JobQueue } from './queue.ts'
import type { ProcessPort } from '../../contract/port.ts'

/** Messages are heard at once, in both directions. */
export class FakeProcess implements ProcessPort {
  readonly pid = 4711
  readonly sent: ToCompute[] = []
  killed = false
  words = ''
  #hear: (message: unknown) => void = () => undefined
  #goneTo: (reason: string) => void = () => undefined

  send(message: unknown): void {
    this.sent.push(message as ToCompute)
  }
  onMessage(listener: (message: unknown) => void): () => void {
    this.#hear = listener
    return () => undefined
  }
  onGone(listener: (reason: string) => void): void {
    this.#goneTo = listener
  }
  kill(): void {
    this.killed = true
  }
  lastWords(): string {
    return this.words
  }

  say(message: FromCompute): void {
    this.#hear(message)
  }
  sayAnything(message: unknown): void {
    this.#hear(message)
  }
  /** Says that its engine is open. */
  open(): void {
    this.say({ kind: 'ready', engine: 'wasm', version: '4.22.0', detail: 'a processor', threads: 2 })
  }
  end(
    jobId: Id,
    ending: Extract<FromCompute, { kind: 'ended' }>['ending'] = { kind: 'finished', outcome: null },
  ): void {
    this.say({ kind: 'ended', jobId, ending })
  }
  /** By itself. */
  die(reason = 'signal SIGKILL'): void {
    this.#goneTo(reason)
  }
  sentOf<K extends ToCompute['kind']>(kind: K): Extract<ToCompute, { kind: K }>[] {
    return this.sent.filter((message): message is Extract<ToCompute, { kind: K }> => message.kind === kind)
  }
  /** Ids of the work it was given, in its order. */
  get given(): Id[] {
    return this.sentOf('start').map(({ jobId }) => jobId)
  }
}

export const source = { kind: 'run', runId: randomUUID() } as const
export function makePreview(seed = 1): PreviewOrder {
  return { source, condition: { kind: 'labels', weights: [1] }, seed }
}
export function makeRefine(): NewJob {
  return { kind: 'refine', title: 'A refinement', runId: null, work: { kind: 'refine', order: makePreview() } }
}
export function makeSample(): NewJob {
  const order = { source, conditions: [{ kind: 'labels' as const, weights: [1] }], seeds: [1] }
  return { kind: 'sample', title: 'Samples', runId: null, work: { kind: 'sample', order } }
}
export function makeTraining(runId: Id = randomUUID()): NewJob & { readonly runId: Id; readonly work: Work } {
  const retention = { last: 3, best: 2, everySteps: 0 }
  const work = { kind: 'train', runId, checkpointId: null, length: null, retention } as const
  return { kind: 'train', title: 'A training', runId, work }
}
export function makePicture(value = 0): Picture {
  return { width: 1, height: 1, channels: 1, data: new Uint8Array([value]) }
}
export function makeProgress(done: number): Progress {
  return { done, total: 100, unit: 'steps', elapsedMs: done, remaining: null, note: null }
}
export function makeCheckpoint(runId: Id, step: number): CheckpointRecord {
  const sizes = { sizeBytes: 1, ownBytes: 1 }
  return {
    ...{ id: randomUUID(), runId, step, content: 'training', score: null, best: false, pinned: false },
    ...{ ...sizes, createdAt: '2030-01-01T00:00:00.000Z' },
  }
}

export interface FakeProject extends ComputingProject {
  readonly kept: CheckpointRecord[]
  readonly notes: { readonly runId: Id; readonly message: string }[]
  /** What was written, as `verb id`. */
  readonly written: string[]
  /** Thrown by everything that is written from now on. */
  failure: Error | null
}
export function createFakeProject(path = '/somewhere/A.tandem', holder: string | null = 'holder'): FakeProject {
  const write = (verb: keyof JobRows, id: Id) => {
    if (project.failure !== null) throw project.failure
    project.written.push(`${verb} ${id}`)
  }
  const project: FakeProject = {
    ...{ path, holder, kept: [], notes: [], written: [], failure: null },
    jobs: {
      insert(draft) {
        const record = recordJob(draft, { ...project, holder: null }, '2030-01-01T00:00:00.000Z')
        write('insert', record.id)
        return record
      },
      start: (id) => write('start', id),
      progress: (id) => write('progress', id),
      end: (id) => write('end', id),
    },
    checkpoints: {
      newest: (runId) => project.kept.findLast((checkpoint) => checkpoint.runId === runId),
      find: (id) => project.kept.find((checkpoint) => checkpoint.id === id),
    },
    runs: { addNote: (runId, { message }) => project.notes.push({ runId, message }) },
  }
  return project
}

type Told = { [E in EventName]: { readonly name: E; readonly payload: Events[E] } }[EventName]

export interface Bench {
  readonly queue: JobQueue
  readonly project: FakeProject
  /** Every process that was started; the last one is alive. */
  readonly processes: FakeProcess[]
  readonly process: FakeProcess
  readonly told: Told[]
  readonly logged: unknown[]
  resumesByItself: boolean
  heard<E extends EventName>(name: E): Events[E][]
  /** What was told of a job, as the words of its states. */
  states(id: Id): string[]
  ending(job: Pick<JobRecord, 'id'>): Extract<JobRecord['state'], { kind: 'ended' }>['ending'] | null
}

/** A queue on an open project; its process has not said that it is ready. */
export async function createBench(): Promise<Bench> {
  const processes: FakeProcess[] = []
  const told: Told[] = []
  const logged: unknown[] = []
  const project = createFakeProject()
  const queue = createJobQueue({
    spawn() {
      const process = new FakeProcess()
      processes.push(process)
      return process
    },
    choice: { engine: null, threads: null },
    tell: (name, payload) => void told.push({ name, payload } as Told),
    resumesByItself: () => bench.resumesByItself,
    log: {
      note: (text) => void logged.push(text),
      error: (error) => `R${logged.push(error)}`,
    },
  })
  const bench: Bench = {
    ...{ queue, project, processes, told, logged, resumesByItself: true },
    get process() {
      return processes[processes.length - 1]
    },
    heard: (name) => told.flatMap((each) => (each.name === name ? [each.payload as Events[typeof name]] : [])),
    states: (id) => bench.heard('job:changed').flatMap(({ job }) => (job.id === id ? [job.state.kind] : [])),
    ending({ id }) {
      const { state } = queue.get(id)
      return state.kind === 'ended' ? state.ending : null
    },
  }
  await queue.useProject(project)
  return bench
}
/** The same with a process that is ready. */
export async function createOpenBench(): Promise<Bench> {
  const bench = await createBench()
  bench.process.open()
  return bench
}

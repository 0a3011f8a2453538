/** One job's life: queued, running, ended. Whatever happens in whatever order, it ends once, and nothing is told of it afterwards. */
import type { Work } from '../../contract/computeProtocol.ts'
import type { Tell } from '../../contract/events.ts'
import { assertNever } from '../../domain/errors.ts'
import type { Id, JobEnding, JobKind, JobRecord, Progress } from '../../domain/records.ts'
import { toEnding } from './endings.ts'
import { createJobNews, type JobNews } from './jobNews.ts'
import { pace } from './pace.ts'
import { rowsFor, type ComputingProject, type JobRows } from './project.ts'
import type { WorkMessage } from './supervisor.ts'

const TELL_MS = 100
/** Every row is forced to the disk. */
const KEEP_MS = 5000

export interface NewJob {
  readonly kind: Exclude<JobKind, 'preview' | 'import'>
  /** What a person calls it. */
  readonly title: string
  readonly runId: Id | null
  readonly work: Work
}

export interface JobTools {
  readonly tell: Tell
  readonly now: () => string
  readonly report: (error: unknown) => string
}

export class Job {
  readonly project: ComputingProject
  readonly news: JobNews
  /** Resolves when it has ended. */
  readonly over: Promise<void>
  /** For work in this process. */
  readonly stopper = new AbortController()
  /** For the computing process; let go of at the end, for it holds pictures. */
  work: Work | null
  /** Where it is: waiting in this process, given to the computing process, or done in this process. */
  place: 'here' | 'there' | 'local' = 'here'
  /** It goes on with what was interrupted, so it is begun before what waits. */
  goesFirst = false
  /** What was asked of it last. */
  wish: 'pause' | 'cancel' | null = null

  readonly #tools: JobTools
  readonly #rows: JobRows | null
  readonly #told = pace<Progress>(TELL_MS, () => this.announce())
  readonly #kept = pace<Progress>(KEEP_MS, (progress) => this.#keep((rows) => rows.progress(this.record.id, progress)))
  readonly #over: PromiseWithResolvers<void> = Promise.withResolvers()
  #record: JobRecord
  #endingIsKept = false

  constructor(record: JobRecord, work: Work | null, project: ComputingProject, tools: JobTools) {
    this.#record = record
    this.work = work
    this.project = project
    this.#tools = tools
    this.over = this.#over.promise
    this.#rows = rowsFor(record.kind, project)
    this.news = createJobNews(record, project, tools)
  }

  get record(): JobRecord {
    return this.#record
  }
  get id(): Id {
    return this.#record.id
  }
  get ended(): boolean {
    return this.#record.state.kind === 'ended'
  }

  announce(): void {
    this.#tools.tell('job:changed', { job: this.#record })
  }

  /** What the computing process says about it. */
  hear(message: Extract<WorkMessage, { readonly jobId: Id }>): void {
    switch (message.kind) {
      case 'begun':
        return this.begin()
      case 'progressed':
        return this.advance(message.progress)
      case 'pictured':
        return this.news.hear(message)
      case 'ended':
        return this.end(toEnding(message.ending))
      default:
        assertNever(message)
    }
  }

  begin(): void {
    if (this.#record.state.kind !== 'queued') return
    const startedAt = this.#tools.now()
    this.#record = { ...this.#record, state: { kind: 'running', startedAt } }
    this.#keep((rows) => rows.start(this.id))
    this.announce()
  }

  advance(progress: Progress): void {
    if (this.#record.state.kind !== 'running') return
    this.#record = { ...this.#record, progress }
    this.#told.push(progress)
    this.#kept.push(progress)
  }

  /** Does nothing for a job that has ended. */
  end(ending: JobEnding): void {
    if (this.ended) return
    this.news.end()
    this.#told.stop()
    this.#kept.flush()
    this.#kept.stop()
    const endedAt = this.#tools.now()
    this.#record = { ...this.#record, state: { kind: 'ended', endedAt, ending } }
    this.work = null
    this.keepEnding()
    this.announce()
    this.#over.resolve()
  }

  /** Once more, where the project could not remember it before: a full disk may have space again. */
  keepEnding(): void {
    const { state } = this.#record
    if (this.#endingIsKept || state.kind !== 'ended') return
    this.#keep((rows) => {
      rows.end(this.id, state.ending)
      this.#endingIsKept = true
    })
  }

  /** What the project cannot remember is written down; the work goes on. */
  #keep(write: (rows: JobRows) => void): void {
    if (this.#rows === null) return
    try {
      write(this.#rows)
    } catch (error) {
      this.#tools.report(error)
    }
  }
}

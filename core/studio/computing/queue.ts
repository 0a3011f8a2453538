/**
 * All long work of a host: what runs in the computing process and what runs here (imports), with the same records and the same rules. The
 * computing process puts its work in order by itself; here it is decided what it is given, what becomes of a job when it dies, and that every job
 * ends exactly once.
 */
import type { Work } from '../../contract/computeProtocol.ts'
import type { PreviewOrder } from '../../contract/drawOrders.ts'
import type { Tell } from '../../contract/events.ts'
import type { ProcessPort } from '../../contract/port.ts'
import type { EngineKind, EngineState } from '../../contract/studioTypes.ts'
import { AppError } from '../../domain/errors.ts'
import type { Id, JobKind, JobRecord } from '../../domain/records.ts'
import { engineUnavailable, errorToEnding } from './endings.ts'
import { createInterruptions, findTraining } from './interruptions.ts'
import { createJobList } from './jobList.ts'
import { Job, type JobTools, type NewJob } from './job.ts'
import { runLocal, type LocalJob } from './localJob.ts'
import { createPreviews, type PreviewAnswer } from './previews.ts'
import { recordJob, type ComputingProject } from './project.ts'
import { askToEnd, stopAll, wasPaused } from './stopping.ts'
import { createSupervisor, type ComputeFacts, type EngineChoice, type WorkMessage } from './supervisor.ts'

export interface QueueOptions {
  spawn(): ProcessPort
  readonly choice: EngineChoice
  readonly decide?: () => Promise<EngineKind | null>
  readonly tell: Tell
  /** After a death of the computing process trainings go on without asking. */
  resumesByItself(): boolean
  readonly log: { note(text: string): void; error(error: unknown): string }
  readonly now?: () => Date
}

export interface JobQueue {
  readonly engine: EngineState
  /** Starts the computing process ahead of the first work. */
  wake(): void
  /** @throws AppError without a project, without an engine, or when the project cannot remember it */
  start(job: NewJob): JobRecord
  startLocal(job: LocalJob): JobRecord
  preview(order: PreviewOrder): Promise<PreviewAnswer>
  /** Quietly nothing for a job that has ended. @throws AppError not-found */
  cancel(jobId: Id): void
  /** A checkpoint, then the end as cancelled. Quietly nothing for one that has ended. @throws AppError misuse for other jobs than trainings */
  pause(jobId: Id): void
  /** @throws AppError misuse for what is not a running training */
  checkpoint(jobId: Id): void
  /** Of this project since it was opened: what goes on, then what has ended, the newest first. */
  list(): readonly JobRecord[]
  /** @throws AppError not-found */
  get(jobId: Id): JobRecord
  /** Ends what runs (trainings with a checkpoint) in the project before. */
  useProject(project: ComputingProject | null): Promise<void>
  /** Starts the computing process anew; trainings go on from a checkpoint, other work there is cancelled. */
  chooseEngine(choice: EngineChoice): Promise<EngineState>
  /** Ends what runs (trainings with a checkpoint) and the computing process. */
  close(): Promise<void>
  facts(): ComputeFacts
}

export function createJobQueue(options: QueueOptions): JobQueue {
  const { tell, log, now = () => new Date() } = options
  const tools: JobTools = { tell, now: () => now().toISOString(), report: (error) => log.error(error) }
  const jobs = createJobList()
  let project: ComputingProject | null = null
  /** The engine is being changed: what comes meanwhile waits. */
  let holding = false
  let closing: Promise<void> | undefined
  let turn: Promise<unknown> = Promise.resolve()

  const interruptions = createInterruptions({ ...options, report: tools.report })
  const supervisor = createSupervisor({
    ...options,
    note: (text) => log.note(text),
    onMessage: hear,
    onReady() {
      if (project !== null) sendProject()
      giveOut()
    },
    onGone(what, again) {
      previews.takeBack()
      const { sentence, resumed } = interruptions.end(jobs.open('there'), what, again)
      if (sentence !== '') tell('studio:noted', { tone: 'warning', message: `${what} ${sentence}`, hint: null })
      if (resumed !== null) resume(() => resumed)
      return sentence
    },
    onState(state) {
      tell('engine:changed', { engine: state })
      if (state.kind === 'unavailable') giveUp(engineUnavailable(state))
    },
  })
  const previews = createPreviews({
    isReady: () => supervisor.ready && !holding,
    send: (message) => supervisor.send(message),
  })

  function hear(message: WorkMessage): void {
    if (!('jobId' in message)) {
      if (message.kind === 'saved') interruptions.gotOn(message.runId)
      const isIts = ({ record }: Job) => record.kind === 'train' && record.runId === message.runId
      return jobs.open('there').find(isIts)?.news.hear(message)
    }
    if (previews.hear(message)) return
    const job = jobs.find(message.jobId)
    if (job?.place !== 'there' || job.ended) return
    job.hear(message)
    if (message.kind !== 'ended') return
    if (job.record.kind === 'train' && job.record.runId !== null) interruptions.gotOn(job.record.runId)
    giveOut()
  }

  /** Gives the computing process what it may have: everything but a second training. */
  function giveOut(): void {
    if (!supervisor.ready || holding) return
    previews.next()
    const hasTraining = () => jobs.open('there').some(({ record }) => record.kind === 'train')
    for (const job of jobs.open('here')) {
      if (job.place !== 'here' || job.work === null || (job.record.kind === 'train' && hasTraining())) continue
      job.place = 'there'
      supervisor.send({ kind: 'start', jobId: job.id, work: job.work })
    }
  }

  function giveUp(error: AppError): void {
    for (const job of jobs.open('here')) job.end(errorToEnding(error, tools.report))
    previews.fail(error)
  }

  function sendProject(): void {
    supervisor.send({ kind: 'project', path: project?.path ?? null, holder: project?.holder ?? null })
  }

  /** @throws AppError where no work can be done */
  function usableProject(needs: 'engine' | 'nothing'): ComputingProject {
    if (closing !== undefined) throw new AppError('misuse', 'The studio is closing; nothing new is started.')
    if (project === null) throw new AppError('misuse', 'Open a project first.')
    if (needs === 'engine' && supervisor.state.kind === 'unavailable') throw engineUnavailable(supervisor.state)
    return project
  }

  function admit(kind: JobKind, title: string, runId: Id | null, work: Work | null, into: ComputingProject): Job {
    const job = new Job(recordJob({ kind, title, runId }, into, tools.now()), work, into, tools)
    jobs.add(job)
    return job
  }

  function startWork({ kind, title, runId, work }: NewJob, goesFirst: boolean): JobRecord {
    const isTraining = work.kind === 'train' ? kind === 'train' && work.runId === runId : kind !== 'train'
    if (!isTraining || work.kind === 'preview') throw new RangeError(`${work.kind} cannot be a job of kind ${kind}`)
    const job = admit(kind, title, runId, work, usableProject('engine'))
    job.goesFirst = goesFirst
    job.announce()
    supervisor.wake()
    giveOut()
    return job.record
  }

  /** A training goes on before others begin. Where it cannot, its run and checkpoints are there and a person is told. */
  function resume(find: () => NewJob | undefined): void {
    try {
      const again = closing === undefined ? find() : undefined
      if (again !== undefined) startWork(again, true)
    } catch (error) {
      const because =
        error instanceof AppError ? error.message : `Something went wrong (reference ${tools.report(error)}).`
      const message = `The training could not go on by itself; what it had saved is safe. ${because}`
      tell('studio:noted', { tone: 'problem', message, hint: null })
    }
  }

  /** One change of project or engine after the other. */
  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = turn.then(change)
    turn = result.catch(() => undefined)
    return result
  }

  async function changeEngine(next: EngineChoice): Promise<EngineState> {
    holding = true
    try {
      const trainings = jobs.open('there').filter(({ record, wish }) => record.kind === 'train' && wish === null)
      const before = trainings.map((job) => ({ job, work: job.work, record: job.record, project: job.project }))
      previews.takeBack()
      await stopAll(jobs.open('there'), supervisor)
      for (const each of before) if (wasPaused(each.job)) resume(() => findTraining(each)?.again)
      return await supervisor.restart(next)
    } finally {
      holding = false
      giveOut()
    }
  }

  async function changeProject(next: ComputingProject | null): Promise<void> {
    project = null
    previews.drop()
    await stopAll(jobs.open(), supervisor)
    for (const job of jobs.ended()) job.keepEnding()
    jobs.clear()
    project = next
    sendProject()
    if (next !== null) supervisor.wake()
  }

  async function closeAll(): Promise<void> {
    previews.drop()
    await stopAll(jobs.open(), supervisor)
    await supervisor.close()
  }

  return {
    get engine() {
      return supervisor.state
    },
    wake: () => supervisor.wake(),
    start: (job) => startWork(job, false),
    startLocal({ kind, title, run }) {
      const job = admit(kind, title, null, null, usableProject('nothing'))
      void runLocal(job, run, tools.report)
      return job.record
    },
    async preview(order) {
      usableProject('engine')
      supervisor.wake()
      return previews.ask(order)
    },
    cancel: (jobId) => askToEnd(jobs.get(jobId), 'cancel', supervisor),
    pause(jobId) {
      const job = jobs.get(jobId)
      if (job.record.kind !== 'train') throw new AppError('misuse', 'Only a training can be paused.')
      askToEnd(job, 'pause', supervisor)
    },
    checkpoint(jobId) {
      const { record } = jobs.get(jobId)
      if (record.kind !== 'train' || record.state.kind !== 'running')
        throw new AppError('misuse', 'A checkpoint can be made of a running training only.')
      supervisor.send({ kind: 'checkpoint', jobId })
    },
    list: () => jobs.records(),
    get: (jobId) => jobs.get(jobId).record,
    useProject: (next) => inTurn(() => changeProject(next)),
    chooseEngine: (next) => inTurn(() => changeEngine(next)),
    close: () => (closing ??= closeAll()),
    facts: () => supervisor.facts(),
  }
}

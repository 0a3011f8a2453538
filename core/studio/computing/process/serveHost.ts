/**
 * The computing process behind its port: opens the engine once, follows the host from project to project, gives every job to the scheduler.
 * When the host is gone it leaves at the next turn of its event loop, which a running job takes at its next pause.
 */
import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import type { Engine, EngineOptions } from '../../../compute/engine.ts'
import { type FromCompute, toCompute, type ToCompute, type Work } from '../../../contract/computeProtocol.ts'
import { id } from '../../../contract/fields.ts'
import { AppError, assertNever } from '../../../domain/errors.ts'
import type { JobOutcome } from '../../../domain/records.ts'
import { explainDatabase } from '../../../storage/sqlite/sqliteErrors.ts'
import { failed } from '../endings.ts'
import type { Turn } from './context.ts'
import type { DrawContext } from './drawContext.ts'
import { openProject, type OpenedProject } from './openedProject.ts'
import type { OwnPort } from './ownPort.ts'
import { jobKindOf } from './runWork.ts'
import { Scheduler } from './scheduler.ts'

export interface Surroundings {
  openEngine(options: EngineOptions): Promise<Engine>
  runWork(work: Work, context: DrawContext, turn: Turn): Promise<JobOutcome | null>
  /** Ends the process. */
  leave(code: number): void
  /** For the one who looks for a fault; the process's error output by default. */
  write?(text: string): void
}

const ALIVE_MS = 1000

export function serveHost(port: OwnPort, around: Surroundings): void {
  const { write = (text) => void process.stderr.write(text) } = around
  const tell = (message: FromCompute) => port.send(message)
  const engine = Promise.withResolvers<Engine>()
  let opening: 'not-yet' | 'begun' | 'done' = 'not-yet'
  let open: OpenedProject | null = null
  let project: Promise<OpenedProject | null> = Promise.resolve(null)
  let aliveAt = -Infinity

  const scheduler = new Scheduler({ tell, log, atPause: () => performance.now() - aliveAt >= ALIVE_MS && sayAlive() })
  port.onMessage(receive)
  port.onGone(() => {
    closeProject()
    around.leave(0)
  })

  function receive(raw: unknown): void {
    const parsed = toCompute.safeParse(raw)
    if (parsed.success) return obey(parsed.data)
    const [issue] = parsed.error.issues
    const fault = `${issue.path.join('.') || 'the message'}: ${issue.message}`
    write(`A message of the host is not valid: ${fault}\n`)
    // Somebody waits for its ending.
    const jobId = jobIdOf(raw)
    if (jobId !== undefined)
      tell({ kind: 'ended', jobId, ending: failed('misuse', `This work is not valid: ${fault}.`) })
  }

  function obey(message: ToCompute): void {
    switch (message.kind) {
      case 'begin':
        return void begin(message)
      case 'project':
        return changeProject(message)
      case 'start': {
        const { jobId, work } = message
        return scheduler.start({ id: jobId, kind: jobKindOf(work), work: (turn) => run(work, turn) })
      }
      case 'cancel':
        return scheduler.cancel(message.jobId)
      case 'pause':
      case 'checkpoint':
        return scheduler.wish(message.jobId, message.kind)
      case 'ping':
        return sayAlive()
      case 'leave':
        return void leave()
      default:
        return assertNever(message)
    }
  }

  async function begin({ engine: kind, threads }: Extract<ToCompute, { readonly kind: 'begin' }>): Promise<void> {
    if (opening !== 'not-yet') return
    opening = 'begun'
    try {
      const opened = await around.openEngine({ engine: kind ?? undefined, threads: threads ?? undefined })
      opening = 'done'
      engine.resolve(opened)
      const { version, detail, threads: used } = opened
      const told = { version: version.slice(0, 100), detail: detail.slice(0, 300), threads: used }
      tell({ kind: 'ready', engine: opened.kind, ...told })
    } catch (error) {
      const known = error instanceof AppError
      const message = known ? error.message : `No engine could be opened (reference ${log(error)}).`
      tell({ kind: 'refused', message: message.slice(0, 4000), hint: (known && error.hint) || null })
      await leave()
    }
  }

  /** Ends what runs in the project before; what is started from now on waits for the next one. */
  function changeProject({ path, holder }: Extract<ToCompute, { readonly kind: 'project' }>): void {
    const ended = scheduler.endAll()
    const before = project
    const next = async () => {
      await Promise.allSettled([ended, before])
      closeProject()
      return (open = path === null ? null : openProject(path, holder))
    }
    project = next()
    // Every job that needs it says why it is not there.
    project.catch(() => undefined)
  }

  async function contextOf(): Promise<DrawContext> {
    const opened = await engine.promise
    const current = await project
    if (current === null) throw new AppError('misuse', 'No project is open, so there is nothing to work on.')
    const { store, models, frames } = current
    return { engine: opened, store, models, frames, tell, isBehind: () => port.isBehind() }
  }

  async function run(work: Work, turn: Turn): Promise<JobOutcome | null> {
    const context = await contextOf()
    try {
      return await around.runWork(work, context, turn)
    } catch (error) {
      throw explainDatabase(error, context.store.file.path)
    }
  }

  async function leave(): Promise<void> {
    // Work that waits for an engine would wait for ever.
    if (opening === 'done') {
      await scheduler.endAll()
      await Promise.allSettled([project])
      closeProject()
      const opened = await engine.promise
      opened.close()
    }
    await port.drained()
    around.leave(0)
  }

  function closeProject(): void {
    const closing = open
    open = null
    try {
      closing?.close()
    } catch (error) {
      log(error)
    }
  }

  function sayAlive(): void {
    aliveAt = performance.now()
    tell({ kind: 'alive', memoryBytes: process.memoryUsage.rss() })
  }

  function log(error: unknown): string {
    const reference = randomUUID().slice(0, 8)
    write(`${reference}: ${inspect(error)}\n`)
    return reference
  }
}

function jobIdOf(raw: unknown): string | undefined {
  if (typeof raw !== 'object' || raw === null || !('kind' in raw) || raw.kind !== 'start') return undefined
  return 'jobId' in raw ? id.safeParse(raw.jobId).data : undefined
}

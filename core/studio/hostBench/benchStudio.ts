/** A real studio on real files in a folder of its own, with a real computing process that is watched. */
import { join } from 'node:path'
import type { EventName, Events } from '../../contract/events.ts'
import type { ProcessPort } from '../../contract/port.ts'
import type { EngineKind } from '../../contract/studioTypes.ts'
import { moduleBeside } from '../../domain/moduleBeside.ts'
import type { Id, JobRecord } from '../../domain/records.ts'
import { createStudio } from '../host/createStudio.ts'
import type { Studio } from '../host/studio.ts'
import { createWatch, type Watch } from './watchedPort.ts'

export interface BenchStudio {
  readonly folder: string
  readonly studio: Studio
  readonly watch: Watch
  /** The next event that is so. Ask before doing what leads to it. */
  next<E extends EventName>(name: E, is: (payload: Events[E]) => boolean): Promise<Events[E]>
  /** @throws Error when it ended otherwise than finished, or than cancelled where it may */
  ended(jobId: Id, may?: 'be-cancelled'): Promise<void>
}

export interface BenchPlace {
  readonly folder: string
  readonly engine: EngineKind | null
  readonly threads: number | null
  /** Starts a program of this module in a process of its own, with a way to talk to it. */
  fork(entry: URL): ProcessPort
}

const entry = moduleBeside(import.meta.url, './benchEntry')

export async function openBenchStudio({ folder, engine, threads, fork }: BenchPlace): Promise<BenchStudio> {
  const watch = createWatch()
  const studio = await createStudio({
    host: 'command-line',
    dataFolder: join(folder, 'data'),
    projectsFolder: folder,
    spawn: () => watch.watch(fork(entry)),
  })
  await studio.ask('settings:change', { engine, threads })
  if (engine !== null || threads !== null) await studio.ask('engine:choose', { engine, threads })

  function next<E extends EventName>(name: E, is: (payload: Events[E]) => boolean): Promise<Events[E]> {
    return new Promise((resolve) => {
      const leave = studio.listen((heard, payload) => {
        if (heard !== (name as EventName) || !is(payload as Events[E])) return
        leave()
        resolve(payload as Events[E])
      })
    })
  }

  async function ended(jobId: Id, may?: 'be-cancelled'): Promise<void> {
    const over = next('job:changed', ({ job }) => job.id === jobId && job.state.kind === 'ended')
    const job: JobRecord = await studio.ask('job:get', { jobId })
    const { state, title } = job.state.kind === 'ended' ? job : (await over).job
    if (state.kind !== 'ended') throw new RangeError('it has not ended')
    const { ending } = state
    if (ending.kind === 'failed') throw new Error(`“${title}” failed: ${ending.message}`)
    if (ending.kind === 'cancelled' && may !== 'be-cancelled') throw new Error(`“${title}” was cancelled`)
  }

  return { folder, studio, watch, next, ended }
}

/**
 * Keeps one computing process alive: starts it, checks what it says, notices when it died or hangs, and starts it again with growing pauses
 * until that is of no use. What its work was is not known here.
 */
import { fromCompute, type FromCompute, type ToCompute } from '../../contract/computeProtocol.ts'
import type { ProcessPort } from '../../contract/port.ts'
import type { EngineKind, EngineState } from '../../contract/studioTypes.ts'
import { describeDeath } from './death.ts'
import { createPatience, type Patience } from './patience.ts'
import { within } from './within.ts'

export interface EngineChoice {
  readonly engine: EngineKind | null
  readonly threads: number | null
}
export type WorkMessage = Exclude<FromCompute, { readonly kind: 'ready' | 'refused' | 'alive' }>

export interface SupervisorOptions {
  spawn(): ProcessPort
  readonly choice: EngineChoice
  /** Finds the engine where the person chose none; the process does it by itself when absent. */
  decide?(): Promise<EngineKind | null>
  /** A new process that knows nothing yet takes messages now. */
  onReady(): void
  onMessage(message: WorkMessage): void
  /**
   * The process is gone with everything in it.
   * @param what a sentence; @param again whether another one is being started
   * @returns what became of its work, in a sentence or two
   */
  onGone(what: string, again: boolean): string
  onState(state: EngineState): void
  note(text: string): void
}

/** For the diagnostics. */
export interface ComputeFacts {
  readonly pid: number | null
  readonly memoryBytes: number | null
  readonly deaths: readonly { readonly at: string; readonly reason: string }[]
  /** Error output of the process, or of the last one that died. */
  readonly lastWords: string
}

export interface Supervisor {
  readonly state: EngineState
  /** Takes messages. */
  readonly ready: boolean
  /** Starts the process where there is none. */
  wake(): void
  /** Sends nothing while it is not ready. */
  send(message: ToCompute): void
  /** Ends the process; it counts as a death. */
  destroy(reason: string): void
  /** Lets the process leave and starts another. @returns `ready` or `unavailable` */
  restart(choice: EngineChoice): Promise<EngineState>
  /** Lets the process leave; there will be no other. */
  close(): Promise<void>
  facts(): ComputeFacts
}

const PING_MS = 5000
const LEAVE_MS = 10_000
/** Before a process is started again after its first, second ... death in a row. */
const PAUSES_MS = [0, 1000, 5000, 30_000]
const MOST_DEATHS = PAUSES_MS.length + 1
const IN_A_ROW_MS = 120_000
/** Processes one after the other that died or hung before they were ready: another one would not get further. */
const MOST_STILLBORN = 3
const KEPT_DEATHS = 20

interface Life {
  readonly port: ProcessPort
  readonly gone: PromiseWithResolvers<void>
  readonly watch: NodeJS.Timeout
  ready: boolean
  /** Its end is expected. */
  leaving: boolean
  readonly patience: Patience
  memoryBytes: number | null
}

export function createSupervisor(options: SupervisorOptions): Supervisor {
  let { choice } = options
  let state: EngineState = { kind: 'starting' }
  let life: Life | null = null
  let restarting: NodeJS.Timeout | undefined
  /** Doubled by every process that hung: perhaps it was only slow. */
  let patience = 1
  let inARow: number[] = []
  let stillborn = 0
  let deaths: ComputeFacts['deaths'] = []
  let lastWords = ''
  let closed = false
  let decided: (() => void)[] = []

  function change(next: EngineState): void {
    state = next
    options.onState(next)
    if (next.kind !== 'ready' && next.kind !== 'unavailable') return
    decided.forEach((tell) => tell())
    decided = []
  }

  function spawn(): void {
    restarting = undefined
    change({ kind: 'starting' })
    let port: ProcessPort
    try {
      port = options.spawn()
    } catch (error) {
      return mourn(`it could not be started: ${error instanceof Error ? error.message : String(error)}`, false)
    }
    const born: Life = {
      port,
      gone: Promise.withResolvers(),
      watch: setInterval(() => watch(born), PING_MS),
      patience: createPatience(PING_MS, patience),
      ...{ ready: false, leaving: false, memoryBytes: null },
    }
    life = born
    port.onMessage((message) => hear(born, message))
    port.onGone((reason) => bury(born, reason))
    if (choice.engine !== null || options.decide === undefined) return begin(born, choice.engine)
    options.decide().then(
      (engine) => begin(born, engine),
      (error: unknown) => {
        options.note(`The engine could not be chosen: ${String(error)}`)
        begin(born, null)
      },
    )
  }

  function begin(born: Life, engine: EngineKind | null): void {
    if (born === life) born.port.send({ kind: 'begin', ...choice, engine } satisfies ToCompute)
  }

  function hear(from: Life, raw: unknown): void {
    if (from !== life) return
    from.patience.heard()
    const parsed = fromCompute.safeParse(raw)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      options.note(`The computing process said something invalid: ${issue.path.join('.')}: ${issue.message}`)
      return destroy('it said something that makes no sense')
    }
    const message = parsed.data
    switch (message.kind) {
      case 'ready': {
        const { engine, version, detail, threads } = message
        from.ready = true
        stillborn = 0
        from.patience.opened()
        change({ kind: 'ready', engine, version, detail, threads })
        return options.onReady()
      }
      case 'refused':
        from.leaving = true
        return change({ kind: 'unavailable', message: message.message, hint: message.hint })
      case 'alive':
        from.memoryBytes = message.memoryBytes
        return
      default:
        options.onMessage(message)
    }
  }

  function watch(watched: Life): void {
    const limitMs = watched.patience.tick()
    if (limitMs !== undefined) {
      patience *= 2
      return destroy(`it did not answer for ${Math.round(limitMs / 1000)} seconds`)
    }
    if (watched.ready) watched.port.send({ kind: 'ping' } satisfies ToCompute)
  }

  /** A killed process runs no more code, so nobody waits for the system to say so. */
  function destroy(reason: string): void {
    if (life === null) return
    life.port.kill()
    bury(life, reason)
  }

  function bury(dead: Life, reason: string): void {
    if (dead !== life) return
    life = null
    clearInterval(dead.watch)
    lastWords = dead.port.lastWords?.() ?? ''
    dead.gone.resolve()
    if (dead.leaving) options.onGone('The computing process was ended.', false)
    else mourn(reason, dead.ready)
  }

  function mourn(reason: string, wasReady: boolean): void {
    const now = Date.now()
    if (!wasReady) stillborn += 1
    inARow = [...inARow.filter((at) => now - at < IN_A_ROW_MS), now]
    deaths = [...deaths, { at: new Date(now).toISOString(), reason }].slice(-KEPT_DEATHS)
    options.note(`The computing process is gone: ${reason}`)
    const again = inARow.length < MOST_DEATHS && stillborn < MOST_STILLBORN
    const what = describeDeath(reason)
    const message = `${what} ${options.onGone(what, again)}`.trim()
    if (again) {
      restarting = setTimeout(spawn, PAUSES_MS[inARow.length - 1])
      return change({ kind: 'restarting', message })
    }
    change({
      kind: 'unavailable',
      message: `The computing process stopped again and again and is not started any more. ${message}`,
      hint: 'Choose an engine in the settings to start it again; another one may work. The diagnostics say what it wrote last.',
    })
  }

  async function leave(): Promise<void> {
    clearTimeout(restarting)
    restarting = undefined
    const leaver = life
    if (leaver === null) return
    leaver.leaving = true
    leaver.port.send({ kind: 'leave' } satisfies ToCompute)
    if (!(await within(LEAVE_MS, leaver.gone.promise)) && leaver === life) destroy('it did not leave')
  }

  return {
    get state() {
      return state
    },
    get ready() {
      return life !== null && life.ready && !life.leaving
    },
    wake() {
      if (life === null && restarting === undefined && state.kind === 'starting' && !closed) spawn()
    },
    send(message) {
      if (life?.ready && !life.leaving) life.port.send(message)
    },
    destroy,
    async restart(next) {
      choice = next
      await leave()
      if (closed) return state
      inARow = []
      stillborn = 0
      patience = 1
      const settled = new Promise<void>((resolve) => decided.push(resolve))
      spawn()
      await settled
      return state
    },
    async close() {
      closed = true
      await leave()
      decided.forEach((tell) => tell())
    },
    facts: () => ({
      pid: life?.port.pid ?? null,
      memoryBytes: life?.memoryBytes ?? null,
      deaths,
      lastWords: life?.port.lastWords?.() ?? lastWords,
    }),
  }
}

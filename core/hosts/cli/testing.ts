/** The command line as its users run it: a process of its own, its output and its exit code. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { temporaryFolder } from '../../studio/testing.ts'

const program = join(import.meta.dirname, 'tandem.ts')
/** Starting takes half as long with it. */
const compiled = join(import.meta.dirname, '../../../node_modules/.cache/tandem-compiled')

/** The engine that every machine has, the same numbers everywhere. */
export const onWasm = ['--engine', 'wasm', '--threads', '1']

/** A run of few and tiny steps. */
export const tiny = [...onWasm, '--set', 'learning.batch=2']

export interface Ending {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  /** Resolves once the output holds the text; rejects when the process ends without it. */
  said(text: string): Promise<void>
  send(signal: NodeJS.Signals): void
  /** Ctrl-C in a terminal: the signal goes to the program and to all that it has started. Needs a group of its own. */
  interrupt(): void
  readonly ended: Promise<Ending>
}

interface Place {
  readonly cwd?: string
  readonly env?: Record<string, string>
  readonly ownGroup?: boolean
}

export function start(args: readonly string[], { cwd, env, ownGroup = false }: Place = {}): Running {
  const child: ChildProcess = spawn(process.execPath, [program, ...args], {
    cwd,
    env: { ...process.env, NODE_COMPILE_CACHE: compiled, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: ownGroup,
  })
  const output = { stdout: '', stderr: '' }
  const watchers = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
      for (const watch of watchers) watch()
    })
  const ended = new Promise<Ending>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...output }))
  })
  const said = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const watch = () => {
        if (!(output.stdout + output.stderr).includes(text)) return
        watchers.delete(watch)
        resolve()
      }
      watchers.add(watch)
      watch()
      void ended.then(() => reject(new Error(`it ended without saying “${text}”: ${output.stdout}${output.stderr}`)))
    })
  const interrupt = () => {
    if (!ownGroup || child.pid === undefined) throw new RangeError('it has no group of its own')
    process.kill(-child.pid, 'SIGINT')
  }
  return { said, send: (signal) => void child.kill(signal), interrupt, ended }
}

export function tandem(args: readonly string[], place: Place = {}): Promise<Ending> {
  return start(args, place).ended
}

/** Runs a command that must succeed. */
export async function succeed(args: readonly string[], place: Place = {}): Promise<Ending> {
  const ending = await tandem(args, place)
  if (ending.code === 0) return ending
  throw new Error(`tandem ${args.join(' ')} ended with ${ending.code}: ${ending.stdout}${ending.stderr}`)
}

/** What a --json command told: one JSON value on stdout, and nothing else there. */
export function tellingOf<T = Record<string, unknown>>({ stdout }: Ending): T {
  if (stdout.indexOf('\n') !== stdout.length - 1) throw new Error(`not one line: ${stdout}`)
  return JSON.parse(stdout) as T
}

/** A folder for one test file. */
export function createPlace(): { folder: string; path: (...parts: string[]) => string } {
  const folder = temporaryFolder()
  return { folder, path: (...parts) => join(folder, ...parts) }
}

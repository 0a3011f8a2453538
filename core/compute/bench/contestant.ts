/**
 * A process that measures one work: the bench's own program on one engine, or PyTorch. It answers in lines of JSON; whatever else happens to it
 * (an abort, a hang, nonsense) becomes an AppError, never a crash of the bench.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { AppError } from '../../domain/errors.ts'
import type { Measurement } from './benchRow.ts'

/** Said once, when the engine is open and the first run is over. */
export interface Ready {
  readonly threads: number
  /** For people: what computes. */
  readonly detail: string
  /** The first run, warm-up included. */
  readonly milliseconds: number
  readonly peakMegabytes: number
}

/** Said after each request: the best of `runs`. */
export type Answer = Measurement

export interface Contestant {
  readonly ready: Ready
  /** Measures for so long, at least one run. Throws AppError engine-unavailable when the process fails. */
  measure(budgetMs: number): Promise<Answer>
  /** Ends the process. */
  close(): void
}

export interface Program {
  readonly command: string
  readonly parameters: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Beyond this a run hangs. */
const PATIENCE_MS = 240_000

/** @throws AppError engine-unavailable with the reason when it does not get ready */
export async function startContestant(program: Program, patienceMs: number = PATIENCE_MS): Promise<Contestant> {
  const child = spawn(program.command, program.parameters, {
    env: { ...process.env, ...program.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let complaint = ''
  let ending: string | undefined
  let settle: ((line: object | undefined) => void) | undefined
  const answerWith = (line: object | undefined): void => settle?.(line)
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-4_000)))
  // A process that is gone cannot be written to; its end is told by 'close'.
  child.stdin.on('error', () => undefined)
  child.on('error', (error) => {
    ending ??= `it could not be started: ${error.message}`
    answerWith(undefined)
  })
  child.on('close', (code, signal) => {
    ending ??= `it ended ${signal ? `by ${signal}` : `with code ${code}`}${quote(complaint)}`
    answerWith(undefined)
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    const value = parseLine(line)
    if (value) answerWith(value)
  })

  const listen = (): Promise<object> =>
    new Promise((resolve, reject) => {
      const fail = (reason: string): void => reject(new AppError('engine-unavailable', `Not measured: ${reason}.`))
      if (ending !== undefined) return fail(ending)
      const timer = setTimeout(() => {
        ending = `no answer within ${patienceMs / 1000} seconds`
        child.kill('SIGKILL')
      }, patienceMs)
      settle = (line) => {
        clearTimeout(timer)
        settle = undefined
        if (line === undefined) fail(ending ?? 'it ended')
        else if ('failed' in line) fail(String(line.failed).trim().replace(/\.$/, ''))
        else resolve(line)
      }
    })

  const measure = async (budgetMs: number): Promise<Answer> => {
    const answer = listen()
    child.stdin.write(`${budgetMs}\n`)
    return (await answer) as Answer
  }
  const close = (): void => void child.kill('SIGKILL')
  try {
    return { ready: (await listen()) as Ready, measure, close }
  } catch (error) {
    close()
    throw error
  }
}

/** Native libraries may print lines of their own. */
function parseLine(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value !== 'object' || value === null) return undefined
    return 'milliseconds' in value || 'failed' in value ? value : undefined
  } catch {
    return undefined
  }
}

/** The line that names the error, or the last one. */
function quote(complaint: string): string {
  const lines = complaint.trim().split('\n')
  const line = lines.findLast((text) => /\b\w*(error|abort|fatal|killed)/i.test(text)) ?? lines.at(-1)
  return line ? ` ("${line.trim().slice(0, 200)}")` : ''
}

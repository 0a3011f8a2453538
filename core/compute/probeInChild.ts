/**
 * Tries an engine in a process of its own. Native code may abort or hang; then that process is lost and not the program.
 */
import { fileURLToPath } from 'node:url'
import { moduleBeside } from '../domain/moduleBeside.ts'
import type { EngineCandidate } from './openCandidate.ts'
import { startInNode, type StartScript } from './startScript.ts'

export type ProbeResult =
  | { ok: true; version: string; threads: number; detail: string; software: boolean }
  | { ok: false; reason: string; hint?: string }

/** First use of a GPU may compile for its model; a disk may be slow. Beyond this the engine hangs. */
const probeTimeoutMs = 120_000

const probeFile = fileURLToPath(moduleBeside(import.meta.url, './probe'))

/** Never rejects: whatever happens to the child becomes a reason. */
export function probeInChild(
  candidate: EngineCandidate,
  options: { timeoutMs?: number; script?: string; start?: StartScript } = {},
): Promise<ProbeResult> {
  const timeoutMs = options.timeoutMs ?? probeTimeoutMs
  return new Promise((resolve) => {
    const child = (options.start ?? startInNode)(options.script ?? probeFile, JSON.stringify(candidate))
    let output = ''
    let complaint = ''
    let timedOut = false
    child.onOutput((text) => (output += text))
    child.onComplaint((text) => (complaint = (complaint + text).slice(-4_000)))
    const timer = setTimeout(() => {
      timedOut = true
      child.kill()
    }, timeoutMs)
    const settle = (result: ProbeResult): void => {
      clearTimeout(timer)
      resolve(result)
    }
    child.onEnd(({ code, signal, error }) => {
      if (error) return settle({ ok: false, reason: `its trial could not be started: ${error}` })
      if (timedOut) return settle({ ok: false, reason: `it did not answer within ${timeoutMs / 1000} seconds` })
      // The last line: native libraries may print before it.
      const answer = parseResult(output.trim().split('\n').at(-1))
      // Leaving is part of the trial: a crash on the way out would take the program's own ending down.
      if (signal) return settle({ ok: false, reason: `it ended by ${signal}${quote(complaint)}` })
      settle(answer ?? { ok: false, reason: `it ended with code ${code}${quote(complaint)}` })
    })
  })
}

function parseResult(line: string | undefined): ProbeResult | undefined {
  try {
    const value: unknown = JSON.parse(line ?? '')
    return typeof value === 'object' && value !== null && 'ok' in value ? (value as ProbeResult) : undefined
  } catch {
    return undefined
  }
}

function quote(complaint: string): string {
  const line = complaint.trim().split('\n').at(-1)
  return line ? ` ("${line.slice(0, 200)}")` : ''
}

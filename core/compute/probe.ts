/**
 * The program that `probeInChild` starts: opens one engine, lets it compute things whose answers are known, prints one line of JSON.
 */
import { AppError } from '../domain/errors.ts'
import { openCandidate, type EngineCandidate } from './openCandidate.ts'
import type { ProbeResult } from './probeInChild.ts'
import { proveEngine } from './proveEngine.ts'

async function probe(candidate: EngineCandidate): Promise<ProbeResult> {
  try {
    const { engine, software } = await openCandidate(candidate)
    const fault = await proveEngine()
    const { version, threads, detail } = engine
    engine.close()
    return fault ? { ok: false, reason: fault } : { ok: true, version, threads, detail, software }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { ok: false, reason, ...(error instanceof AppError && error.hint ? { hint: error.hint } : {}) }
  }
}

const candidate: EngineCandidate = JSON.parse(process.argv[2] ?? '{}')
process.stdout.write(JSON.stringify(await probe(candidate)) + '\n', () => {
  // Elsewhere the process ends by itself, which is part of the trial; Electron's may wait for messages.
  if ('parentPort' in process) process.exit()
})

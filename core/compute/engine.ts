/**
 * Which engine computes: the one the person named, or the fastest that works here: TensorFlow (GPU, then processor), WebGPU on a real
 * GPU, and the embedded WebAssembly engine, which works everywhere. A native engine is tried in a process of its own before it
 * is let into this one.
 */
import { availableParallelism } from 'node:os'
import { AppError } from '../domain/errors.ts'
import { openCandidate, type Engine, type EngineCandidate, type EngineKind } from './openCandidate.ts'
import { probeInChild, type ProbeResult } from './probeInChild.ts'
import { listBuilds, type TensorflowBuild } from './tensorflow/engineFolder.ts'
import { tensorflowHint } from './tensorflow/nvidia.ts'

export type { Engine, EngineKind } from './openCandidate.ts'

export interface EngineOptions {
  /** The fastest that works here when absent. */
  engine?: EngineKind
  /** Threads one operation may use; the number of processors when absent. */
  threads?: number
}

/** What the choice asks of the machine; tests bring their own. */
export interface Machine {
  /** TensorFlow's builds that are here, the one that suits first. */
  listBuilds(): TensorflowBuild[]
  probe(candidate: EngineCandidate): Promise<ProbeResult>
  open(candidate: EngineCandidate): Promise<Engine>
}

export const thisMachine: Machine = {
  listBuilds,
  probe: probeInChild,
  open: async (candidate) => (await openCandidate(candidate)).engine,
}

/** Where the engine was tried before, by somebody who can start processes. */
export const trustingMachine: Machine = {
  ...thisMachine,
  probe: ({ kind, threads }) => Promise.resolve({ ok: true, version: '', threads, detail: kind, software: false }),
}

const kinds: readonly EngineKind[] = ['tensorflow', 'webgpu', 'wasm']

/**
 * Opens one engine and makes it the current tfjs backend.
 * @throws AppError 'engine-unavailable' when the engine that was asked for (or every engine) does not work here, with the reason.
 */
export async function openEngine(options: EngineOptions = {}, machine: Machine = thisMachine): Promise<Engine> {
  const { engine, threads = availableParallelism() } = options
  if (engine !== undefined && !kinds.includes(engine))
    throw new RangeError(`engine must be one of ${kinds.join(', ')}, not ${engine}`)
  if (!Number.isInteger(threads) || threads < 1)
    throw new RangeError(`threads must be a positive integer, not ${threads}`)

  const refusals: Refusal[] = []
  for (const kind of engine ? [engine] : kinds) {
    for (const candidate of listCandidates(kind, threads, machine)) {
      const result = await tryCandidate(candidate, machine, engine !== undefined)
      if (result.ok) return result.engine
      refusals.push(result)
    }
    if (kind === 'tensorflow' && refusals.length === 0) refusals.push(notBrought)
  }
  const first = refusals[0]!
  throw new AppError(
    'engine-unavailable',
    engine
      ? `The engine "${engine}" is not available: ${refusals.map(({ reason }) => reason).join('; ')}.`
      : `No engine works here: ${refusals.map(({ kind, reason }) => `${kind}: ${reason}`).join('; ')}.`,
    first.hint === undefined ? {} : { hint: first.hint },
  )
}

interface Refusal {
  kind: EngineKind
  reason: string
  hint?: string
}

export const notBrought: Refusal = {
  kind: 'tensorflow',
  reason: 'it was not brought to this machine yet',
  hint: tensorflowHint,
}

/** In the order of trial. Empty where the engine's files are not here. */
export function listCandidates(kind: EngineKind, threads: number, machine: Machine): EngineCandidate[] {
  if (kind === 'wasm') return [{ kind, threads: Math.min(threads, mostWasmThreads) }]
  if (kind === 'webgpu') return [{ kind, threads }]
  return machine.listBuilds().map((build) => ({ kind, threads, build }))
}

const mostWasmThreads = 64

async function tryCandidate(
  candidate: EngineCandidate,
  machine: Machine,
  forced: boolean,
): Promise<{ ok: true; engine: Engine } | ({ ok: false } & Refusal)> {
  const { kind } = candidate
  // The embedded engine runs in WebAssembly's own walls.
  if (kind !== 'wasm') {
    const probe = await machine.probe(candidate)
    if (!probe.ok) return { ...probe, kind, reason: withoutStop(probe.reason) }
    if (probe.software && !forced) return { ok: false, kind, reason: `${probe.detail} is imitated by the processor` }
  }
  try {
    return { ok: true, engine: await machine.open(candidate) }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { ok: false, kind, reason: withoutStop(error.message), ...(error.hint ? { hint: error.hint } : {}) }
  }
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '')
}

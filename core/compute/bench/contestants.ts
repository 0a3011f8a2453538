/** Who can take part on this machine, and how each one is started. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../domain/errors.ts'
import { listCandidates, notBrought, thisMachine, type EngineKind } from '../engine.ts'
import type { EngineCandidate } from '../openCandidate.ts'
import type { Configuration } from './benchRow.ts'
import type { ChildOrder } from './benchChild.ts'
import { type Contestant, type Program, startContestant } from './contestant.ts'
import type { Work } from './works.ts'

export type EngineAnswer =
  | { readonly ok: true; readonly gpu: boolean; readonly software: boolean; readonly detail: string }
  | { readonly ok: false; readonly reason: string }

/** What the bench asks of the machine; tests bring their own. */
export interface BenchMachine {
  /** Whether an engine works here, and whether a GPU does the work. */
  tryEngine(engine: EngineKind): Promise<EngineAnswer>
  hasTorch(): boolean
  /** Throws AppError engine-unavailable when it does not get ready. */
  start(configuration: Configuration, work: Work): Promise<Contestant>
  freeMegabytes(): number
}

const childFile = fileURLToPath(new URL('./benchChild.ts', import.meta.url))
const torchFile = fileURLToPath(new URL('./torchBench.py', import.meta.url))

/** @param python the Python that may have PyTorch */
export function createBenchMachine(python = 'python3'): BenchMachine {
  return {
    tryEngine,
    hasTorch: () => spawnSync(python, ['-c', 'import torch'], { timeout: 60_000 }).status === 0,
    start: async (configuration, work) => startContestant(programOf(python, configuration, work)),
    freeMegabytes: () => process.availableMemory() / 1e6,
  }
}

async function tryEngine(engine: EngineKind): Promise<EngineAnswer> {
  const candidate = candidateOf(engine, 2)
  if (candidate === undefined) return { ok: false, reason: [notBrought.reason, notBrought.hint].join('. ') }
  const result = await thisMachine.probe(candidate)
  if (!result.ok) {
    const sentences = [result.reason, result.hint].filter((text) => text !== undefined)
    return { ok: false, reason: sentences.map((text) => text.replace(/\.$/, '')).join('. ') }
  }
  // An engine that was offered two threads and took one computes on a GPU; the embedded one falls back to one thread.
  const gpu = engine !== 'wasm' && result.threads === 1
  return { ok: true, gpu, software: result.software, detail: result.detail }
}

function candidateOf(engine: EngineKind, threads: number): EngineCandidate | undefined {
  return listCandidates(engine, threads, thisMachine)[0]
}

function programOf(python: string, { engine, threads, gpu }: Configuration, work: Work): Program {
  if (engine === 'torch') {
    const { solver, chain } = work.recipe
    const order = { recipe: { solver, chain }, batch: work.batch, threads, gpu }
    // Some of its libraries read the number of threads when they are loaded.
    const env = { OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) }
    return { command: python, parameters: [torchFile, JSON.stringify(order)], env }
  }
  const candidate = engine === 'stock' ? engine : candidateOf(engine, threads)
  if (candidate === undefined) throw new AppError('engine-unavailable', `Not measured: ${notBrought.reason}.`)
  const order: ChildOrder = { candidate, work: work.name }
  return { command: process.execPath, parameters: [childFile, JSON.stringify(order)] }
}

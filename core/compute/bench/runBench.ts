/**
 * Measures how fast and in how much memory the engines of this machine do the program's own work. Every engine, number of threads and work gets a
 * process of its own; on each work they take turns, round by round, so that whatever else the machine does meets all alike. The best run counts.
 */
import { availableParallelism } from 'node:os'
import { AppError } from '../../domain/errors.ts'
import type { EngineKind } from '../engine.ts'
import { addRatios, type BenchRow, type Configuration, createRow, type Measurement } from './benchRow.ts'
import type { Contestant } from './contestant.ts'
import { type BenchMachine, createBenchMachine } from './contestants.ts'
import { findWork, type Work, workNames } from './works.ts'

export interface BenchOptions {
  /** Those that work here when absent. `stock`, the embedded engine without our kernels, is always measured beside them. */
  engines?: EngineKind[]
  /** Numbers of threads, 1..256; one and all processors when absent. Of no matter on a GPU. */
  threads?: number[]
  /** Names from `workNames`; all when absent (in the quick bench those that take no minutes). */
  works?: string[]
  /** Measure PyTorch on the Langevin works too, if python3 has it. */
  torch?: boolean
  /** Fewer rounds, and without the slowest measurements. */
  quick?: boolean
  /** What happens, line by line. */
  onLine?: (line: string) => void
}

const FULL = { rounds: 5, budgetMs: 600 }
const QUICK = { rounds: 3, budgetMs: 250 }
/** A first run that takes longer is the measurement: others would take minutes. */
const SLOW_MS = 15_000
/** Beside the work: Node and the engine's library. */
const PROGRAM_MEGABYTES = 300

const engineKinds: readonly EngineKind[] = ['tensorflow', 'webgpu', 'wasm']

/**
 * Rows in the order of the works. A measurement that fails becomes a row with nulls and a note.
 * @throws AppError misuse for an engine, a number of threads or a work that does not exist
 */
export async function runBench(
  options: BenchOptions = {},
  machine: BenchMachine = createBenchMachine(),
): Promise<BenchRow[]> {
  const { quick = false, onLine = () => undefined } = options
  const threads = checkThreads(options.threads ?? [1, availableParallelism()])
  const works = (options.works ?? workNames).map(findWork)
  const chosen = options.works ? works : works.filter(({ slow }) => !(quick && slow === 'always'))
  const { configurations, refused } = await chooseConfigurations(options, threads, machine, onLine)
  const rows: BenchRow[] = []
  for (const work of chosen) {
    const taking = configurations.filter((configuration) => takesPart(configuration, work, quick))
    for (const group of work.large ? taking.map((one) => [one]) : [taking]) {
      onLine(`Measuring ${work.name}: ${group.map(nameOf).join(', ')}`)
      rows.push(...(await measureGroup(group, work, quick ? QUICK : FULL, machine)))
    }
    rows.push(...refused.map(({ configuration, reason }) => createRow(configuration, work, undefined, reason)))
  }
  return addRatios(rows)
}

function checkThreads(threads: readonly number[]): number[] {
  for (const count of threads) {
    if (!(Number.isInteger(count) && count >= 1 && count <= 256))
      throw new AppError('misuse', `A number of threads is a whole number from 1 to 256, not ${count}.`)
  }
  return [...new Set(threads)].sort((a, b) => a - b)
}

type Refusal = { readonly configuration: Configuration; readonly reason: string }

async function chooseConfigurations(
  { engines, torch = false }: BenchOptions,
  threads: readonly number[],
  machine: BenchMachine,
  onLine: (line: string) => void,
): Promise<{ configurations: Configuration[]; refused: Refusal[] }> {
  const configurations: Configuration[] = [{ engine: 'stock', threads: 1, gpu: false }]
  const refused: Refusal[] = []
  for (const engine of engines ?? engineKinds) {
    if (!engineKinds.includes(engine))
      throw new AppError('misuse', `There is no engine named "${engine}"; choose from ${engineKinds.join(', ')}.`)
    const answer = await machine.tryEngine(engine)
    if (!answer.ok) {
      onLine(`${engine} is not available: ${answer.reason}`)
      if (engines) refused.push({ configuration: { engine, threads: threads[0], gpu: false }, reason: answer.reason })
    } else if (answer.software && !engines) onLine(`${engine} is left out: the processor imitates the GPU`)
    else if (answer.gpu) configurations.push({ engine, threads: 1, gpu: true })
    else configurations.push(...threads.map((count) => ({ engine, threads: count, gpu: false })))
  }
  if (torch && machine.hasTorch()) {
    // The same numbers of threads; and the GPU where one of the engines has it.
    configurations.push(...threads.map((count) => ({ engine: 'torch' as const, threads: count, gpu: false })))
    if (configurations.some(({ gpu }) => gpu)) configurations.push({ engine: 'torch', threads: 1, gpu: true })
  } else if (torch) {
    onLine('PyTorch is not on this machine ("python3 -c \'import torch\'" fails), so nothing is compared with it.')
  }
  return { configurations, refused }
}

function takesPart({ engine }: Configuration, work: Work, quick: boolean): boolean {
  if (engine === 'torch') return work.kind === 'langevin'
  return !(engine === 'stock' && quick && work.slow !== 'never')
}

/** All at the start line first, then round by round. */
async function measureGroup(
  group: readonly Configuration[],
  work: Work,
  { rounds, budgetMs }: { rounds: number; budgetMs: number },
  machine: BenchMachine,
): Promise<BenchRow[]> {
  const entries: Entry[] = []
  try {
    for (const configuration of group) entries.push(await enter(configuration, work, machine))
    for (let round = 0; round < rounds; round++) for (const entry of entries) await takeTurn(entry, budgetMs)
    return entries.map(({ configuration, best, note }) => createRow(configuration, work, best, note))
  } finally {
    for (const { contestant } of entries) contestant?.close()
  }
}

interface Entry {
  readonly configuration: Configuration
  contestant?: Contestant
  best?: Measurement
  note?: string
}

async function enter(configuration: Configuration, work: Work, machine: BenchMachine): Promise<Entry> {
  const free = machine.freeMegabytes()
  const needed = work.needsMegabytes + PROGRAM_MEGABYTES
  if (free < needed)
    return {
      configuration,
      note: `not measured: it needs about ${needed} MB of free memory, and there are ${Math.floor(free)}`,
    }
  try {
    const contestant = await machine.start(configuration, work)
    const { milliseconds, peakMegabytes, threads } = contestant.ready
    const note =
      threads === configuration.threads ? undefined : `computed with ${threads} ${threads === 1 ? 'thread' : 'threads'}`
    if (milliseconds <= SLOW_MS) return { configuration, contestant, note }
    contestant.close()
    return { configuration, best: { milliseconds, peakMegabytes, runs: 1 }, note: 'one run only, without warm-up' }
  } catch (error) {
    return { configuration, note: reasonOf(error) }
  }
}

async function takeTurn(entry: Entry, budgetMs: number): Promise<void> {
  // It did not start, failed in an earlier round, or its first run was the measurement.
  if (entry.contestant === undefined) return
  try {
    const { milliseconds, runs, peakMegabytes } = await entry.contestant.measure(budgetMs)
    entry.best = {
      milliseconds: Math.min(milliseconds, entry.best?.milliseconds ?? Number.POSITIVE_INFINITY),
      runs: runs + (entry.best?.runs ?? 0),
      peakMegabytes,
    }
  } catch (error) {
    entry.note = reasonOf(error)
    entry.best = undefined
    entry.contestant.close()
    entry.contestant = undefined
  }
}

/** A failed measurement is a result; anything else is a defect of the program. */
function reasonOf(error: unknown): string {
  if (!(error instanceof AppError)) throw error
  return error.message.replace(/\.$/, '')
}

function nameOf({ engine, threads, gpu }: Configuration): string {
  if (engine === 'stock') return engine
  return gpu ? `${engine} GPU` : `${engine} ${threads} ${threads === 1 ? 'thread' : 'threads'}`
}

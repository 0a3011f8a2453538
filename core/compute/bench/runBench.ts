/**
 * Measures how fast and in how much memory the engines of this machine do the program's own work. Every engine, number of threads and work gets a
 * process of its own; on each work they take turns, round by round, so that whatever else the machine does meets all alike. The best run counts.
 */
import { availableParallelism } from 'node:os'
import { AppError } from '../../domain/errors.ts'
import type { EngineKind } from '../engine.ts'
import { addRatios, type BenchRow, type Configuration, createRow } from './benchRow.ts'
import { type BenchMachine, createBenchMachine } from './contestants.ts'
import { measureGroup, type Pace } from './measureGroup.ts'
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

const FULL: Pace = { rounds: 5, turnMs: 600, limitMs: 18_000 }
const QUICK: Pace = { rounds: 3, turnMs: 250, limitMs: 6_000 }
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
    const groups = work.large ? taking.map((one) => [one]) : [taking]
    for (const group of groups.filter(({ length }) => length > 0)) {
      onLine(`Measuring ${work.name}: ${group.map(nameOf).join(', ')}`)
      rows.push(...(await measureGroup(group, work, quick ? QUICK : FULL, machine)))
    }
    rows.push(
      ...refused.map(({ configuration, reason }) =>
        createRow(configuration, work, undefined, `Not measured: ${reason}`),
      ),
    )
  }
  return addRatios(rows)
}

function checkEngines(engines: readonly EngineKind[]): EngineKind[] {
  const unknown = engines.find((engine) => !engineKinds.includes(engine))
  if (unknown === undefined) return [...new Set(engines)]
  throw new AppError('misuse', `There is no engine named "${unknown}"; choose from ${engineKinds.join(', ')}.`)
}

function checkThreads(threads: readonly number[]): number[] {
  if (threads.length === 0) throw new AppError('misuse', 'The bench needs at least one number of threads.')
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
  for (const engine of checkEngines(engines ?? engineKinds)) {
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

function nameOf({ engine, threads, gpu }: Configuration): string {
  if (engine === 'stock') return engine
  return gpu ? `${engine} GPU` : `${engine} ${threads} ${threads === 1 ? 'thread' : 'threads'}`
}

/** One line of the bench's result, as plain data, and how it is reckoned from what a contestant measured. */
import type { EngineKind } from '../openCandidate.ts'
import { countWorkFlops } from './countFlops.ts'
import { langevinSteps, type Work } from './works.ts'

/** `stock` is the embedded engine with TensorFlow.js's own kernels; `torch` is PyTorch. */
export type BenchEngine = EngineKind | 'stock' | 'torch'

export interface Configuration {
  readonly engine: BenchEngine
  /** Threads of one operation; 1 on a GPU. */
  readonly threads: number
  readonly gpu: boolean
}

/** Null: not measured; `note` then says why. */
export interface BenchRow {
  engine: BenchEngine
  threads: number
  gpu: boolean
  work: string
  /** The best run, per step of the work: one Langevin step, or one whole cooperative step. */
  milliseconds: number | null
  /** The same divided by the Langevin steps in it. */
  millisecondsPerLangevinStep: number | null
  /** Steps of the work. */
  stepsPerSecond: number | null
  /** 10^9 operations a second, counted as countFlops.ts says. */
  gigaflops: number | null
  /** Peak resident memory that the work added to its process; a GPU's own memory is not in it. */
  peakMegabytes: number | null
  /** How many times faster than `stock` on the same work. */
  ratioToStock: number | null
  /** How many times faster than PyTorch with as many threads (on a GPU: PyTorch on the GPU) on the same work. */
  ratioToTorch: number | null
  /** Number of runs of which `milliseconds` is the best; 0 where not measured. */
  runs: number
  note: string | null
}

export interface Measurement {
  readonly milliseconds: number
  readonly runs: number
  readonly peakMegabytes: number
}

export function createRow(
  { engine, threads, gpu }: Configuration,
  work: Work,
  measured: Measurement | undefined,
  note?: string,
): BenchRow {
  const known = measured !== undefined && Number.isFinite(measured.milliseconds) && measured.milliseconds > 0
  const milliseconds = known ? measured.milliseconds : null
  return {
    engine,
    threads,
    gpu,
    work: work.name,
    milliseconds,
    millisecondsPerLangevinStep: milliseconds && milliseconds / langevinSteps(work),
    stepsPerSecond: milliseconds && 1000 / milliseconds,
    gigaflops: milliseconds && countWorkFlops(work) / milliseconds / 1e6,
    peakMegabytes: known ? measured.peakMegabytes : null,
    ratioToStock: null,
    ratioToTorch: null,
    runs: known ? measured.runs : 0,
    note: note ?? null,
  }
}

/** Compares rows of the same work with its `stock` and its `torch` row, where both were measured. */
export function addRatios(rows: readonly BenchRow[]): BenchRow[] {
  return rows.map((row) => {
    const find = (matches: (other: BenchRow) => boolean) =>
      rows.find((other) => other.work === row.work && other.milliseconds !== null && matches(other))
    const stock = find(({ engine }) => engine === 'stock')
    const torch = find(({ engine, gpu, threads }) => engine === 'torch' && gpu === row.gpu && threads === row.threads)
    return { ...row, ratioToStock: divide(stock, row), ratioToTorch: divide(torch, row) }
  })
}

function divide(reference: BenchRow | undefined, row: BenchRow): number | null {
  if (!reference?.milliseconds || !row.milliseconds) return null
  return reference.milliseconds / row.milliseconds
}

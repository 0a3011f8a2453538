/** What `tandem devices` tells: this machine, each engine's state on it, and which one would compute and why. Plain data. */
import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import * as tf from '@tensorflow/tfjs-core'
import { listCandidates, notBrought, thisMachine, type Machine } from './engine.ts'
import type { EngineKind } from './openCandidate.ts'
import type { ProbeResult } from './probeInChild.ts'
import { listNvidiaGpus, tensorflowHint, type NvidiaGpu } from './tensorflow/nvidia.ts'
import type { TensorflowBuild } from './tensorflow/engineFolder.ts'

export interface EngineState {
  kind: EngineKind
  /** TensorFlow only. */
  build?: TensorflowBuild
  available: boolean
  version?: string
  threads: number
  detail: string
  /** A GPU interface that the processor imitates: it works, but is never chosen unasked. */
  software: boolean
  /** Why it is not available, or would not be chosen unasked. */
  reason?: string
  /** The sentence that says what to do about it. */
  howToGet?: string
}

export interface DeviceReport {
  processor: { model: string; cores: number }
  memory: { totalMegabytes: number; freeMegabytes: number }
  node: string
  tensorflowJs: string
  gpus: NvidiaGpu[]
  engines: EngineState[]
  /** Absent when no engine works here. */
  chosen?: EngineKind
  why: string
}

/** Tries every engine in a process of its own; takes a few seconds. Never throws for an engine that fails. */
export async function describeDevices(
  machine: Machine = thisMachine,
  gpus: () => NvidiaGpu[] = listNvidiaGpus,
): Promise<DeviceReport> {
  const threads = availableParallelism()
  const engines: EngineState[] = []
  for (const kind of ['tensorflow', 'webgpu', 'wasm'] as const) {
    const candidates = listCandidates(kind, threads, machine)
    if (candidates.length === 0) {
      engines.push({
        ...{ kind, available: false, threads: 0, detail: '', software: false },
        ...{ reason: notBrought.reason, howToGet: tensorflowHint },
      })
    }
    for (const candidate of candidates) {
      const build = candidate.build ? { build: candidate.build } : {}
      const probe = await machine.probe(candidate)
      engines.push(
        probe.ok
          ? describeWorking(kind, build, probe)
          : {
              ...{ kind, ...build, available: false, threads: 0, detail: '', software: false, reason: probe.reason },
              ...(probe.hint ? { howToGet: probe.hint } : {}),
            },
      )
    }
  }
  const chosen = engines.find((engine) => engine.available && !engine.software)
  return {
    processor: { model: cpus()[0]?.model.trim() ?? 'unknown', cores: threads },
    memory: { totalMegabytes: toMegabytes(totalmem()), freeMegabytes: toMegabytes(freemem()) },
    node: process.versions.node,
    tensorflowJs: tf.version_core,
    gpus: gpus(),
    engines,
    ...(chosen ? { chosen: chosen.kind } : {}),
    why: chosen ? explainChoice(chosen, engines) : 'no engine works here',
  }
}

const softwareReason = 'imitated by the processor, so never chosen unasked'

function describeWorking(
  kind: EngineKind,
  build: { build?: TensorflowBuild },
  { version, threads, detail, software }: Extract<ProbeResult, { ok: true }>,
): EngineState {
  const reason = software ? { reason: softwareReason } : {}
  return { kind, ...build, available: true, version, threads, detail, software, ...reason }
}

function explainChoice(chosen: EngineState, engines: EngineState[]): string {
  const before = engines.slice(0, engines.indexOf(chosen))
  if (before.length === 0) return 'the fastest engine, and it works here'
  const passed = before.map(({ kind, build, reason }) => `${kind}${build ? ` (${build})` : ''}: ${reason}`)
  return `the fastest that works here (${passed.join('; ')})`
}

function toMegabytes(bytes: number): number {
  return Math.round(bytes / 1e6)
}

/** The report for a terminal, without a final line break. */
export function formatDevices(report: DeviceReport): string {
  const { processor, memory, gpus } = report
  const rows = [
    ['Processor', `${processor.model}, ${processor.cores} ${processor.cores === 1 ? 'core' : 'cores'}`],
    ['Memory', `${formatGigabytes(memory.totalMegabytes)}, ${formatGigabytes(memory.freeMegabytes)} free`],
    ...(gpus.length
      ? gpus.map(({ name, driver, memoryMegabytes }) => [
          'GPU',
          `${name}, ${formatGigabytes(memoryMegabytes)}, driver ${driver}`,
        ])
      : [['GPU', 'no NVIDIA GPU found']]),
    ['Software', `Node ${report.node}, TensorFlow.js ${report.tensorflowJs}`],
    ['', ''],
    ...report.engines.flatMap(formatEngine),
    ['', ''],
    ['Chosen', report.chosen ? `${report.chosen}, ${report.why}` : report.why],
  ]
  return rows.map(([label = '', text = '']) => `${label.padEnd(18)}${text}`.trimEnd()).join('\n')
}

function formatEngine(engine: EngineState): string[][] {
  const label = engine.build ? `${engine.kind} (${engine.build})` : engine.kind
  const facts = engine.available ? `works, ${engine.version}, ${engine.detail}` : 'not available'
  return [
    [label, engine.reason ? `${facts}: ${engine.reason}` : facts],
    ...(engine.howToGet ? [['', engine.howToGet]] : []),
  ]
}

function formatGigabytes(megabytes: number): string {
  return `${(megabytes / 1000).toFixed(1)} GB`
}

/** A dry run before a training: what a step takes in time and memory with these pictures on this machine, which batch fits, and what it comes to. */
import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Engine } from '../../../compute/engine.ts'
import { storedShapes } from '../../../compute/storedState.ts'
import { defaultSettings } from '../../../contract/studioTypes.ts'
import type { DataSet } from '../../../data/dataSet.ts'
import { AppError } from '../../../domain/errors.ts'
import type { PreflightReport } from '../../../domain/records.ts'
import type { Recipe } from '../../../domain/recipe.ts'
import { composeRecipe } from '../../composeRecipe.ts'
import { openStoredDataSet } from '../../dataSets/storedDataSet.ts'
import type { RunWork } from './context.ts'
import { exploreBatches, type Exploration } from './preflightBatches.ts'
import { createTrial } from './preflightTrial.ts'

/** Scores, saves and probes beside the steps take at most so much more time. */
const BESIDE = 1.13
/** Steps of the same run differ at least by so much from their median. */
const SPREAD = 0.1
const DAY_MS = 24 * 3600 * 1000
/** Share of the free memory that a training may take. */
const MEMORY_SHARE = 0.8
/** Addresses of the embedded engine's memory have 32 bits. */
const EMBEDDED_BYTES = 0.95 * 2 ** 32

export const runPreflight: RunWork<'preflight'> = async ({ order }, { engine, store, tell }, turn) => {
  const data = openStoredDataSet(store, order.dataSetId)
  const recipe = composeRecipe(order, data)
  const weightsBytes = bytesOf(recipe, 'weights')
  const checkpointBytes = bytesOf(recipe, 'training')
  const limitBytes = memoryLimit(engine)
  assertWeightsFit(checkpointBytes, limitBytes)
  const started = performance.now()
  const trial = createTrial({ recipe, data, conditionFromPhoto: order.conditionFromPhoto, seed: order.seed }, () =>
    turn.pause(),
  )
  try {
    const found = await exploreBatches(trial, { wanted: recipe.learning.batch, limitBytes }, (batch) => {
      const progress = { done: batch, total: 0, unit: 'pictures at once', elapsedMs: performance.now() - started }
      tell({ kind: 'progressed', jobId: turn.jobId, progress: { ...progress, remaining: null, note: null } })
    })
    const stepMs = summarise(found.steps)
    const durationMs = durationOf(recipe, data.count.train, stepMs)
    return {
      kind: 'preflown',
      engine: `${engine.kind} ${engine.version}, ${engine.detail}`,
      batch: { wanted: recipe.learning.batch, largest: found.largest },
      stepMs,
      peakMemoryBytes: Math.round(found.peakBytes),
      durationMs,
      checkpointBytes,
      warnings: [
        ...warnOfBatch(found, recipe.learning.batch, limitBytes),
        ...warnOfData(data, recipe.learning.batch),
        ...(durationMs.high > DAY_MS ? ['The training may take longer than a day.'] : []),
        ...warnOfDisk(store.file.path, checkpointBytes, weightsBytes),
      ],
    }
  } finally {
    trial.dispose()
  }
}

function bytesOf(recipe: Recipe, content: 'training' | 'weights'): number {
  const shapes = Object.values(storedShapes(recipe, content))
  const numbers = shapes.reduce((sum, shape) => sum + shape.reduce((product, length) => product * length, 1), 0)
  return numbers * Float32Array.BYTES_PER_ELEMENT
}

/** Of this process as a whole. A GPU has memory of its own, and says itself when it is full. */
function memoryLimit({ kind, detail }: Engine): number {
  if (kind !== 'wasm' && !detail.startsWith('processor')) return Number.POSITIVE_INFINITY
  const free = process.memoryUsage.rss() + MEMORY_SHARE * process.availableMemory()
  return kind === 'wasm' ? Math.min(EMBEDDED_BYTES, free) : free
}

/** Without even trying: what runs out of memory takes other work with it. */
function assertWeightsFit(checkpointBytes: number, limitBytes: number): void {
  const needed = process.memoryUsage.rss() + checkpointBytes
  if (needed <= limitBytes) return
  throw new AppError(
    'misuse',
    `This recipe does not fit into the memory of this machine: its weights alone need ${sizeOf(checkpointBytes)}.`,
    { hint: 'Choose a smaller size or another recipe, or close other programs.' },
  )
}

function summarise(steps: readonly number[]): PreflightReport['stepMs'] {
  const sorted = [...steps].sort((a, b) => a - b)
  const median = sorted[sorted.length >> 1]
  return {
    median,
    low: Math.min(sorted[0], median * (1 - SPREAD)),
    high: Math.max(sorted[sorted.length - 1], median * (1 + SPREAD)),
  }
}

/** The head start's steps take less than a cooperative step, at most nothing. */
function durationOf({ length, learning }: Recipe, pictures: number, stepMs: PreflightReport['stepMs']) {
  if ('minutes' in length) {
    const low = length.minutes * 60_000
    return { low, high: low * BESIDE }
  }
  const steps = 'steps' in length ? length.steps : Math.ceil((length.epochs * pictures) / learning.batch)
  return { low: steps * (1 - learning.prelude.share) * stepMs.low, high: steps * stepMs.high * BESIDE }
}

function warnOfBatch({ largest, guessed, diverged }: Exploration, wanted: number, limitBytes: number): string[] {
  const room = Number.isFinite(limitBytes) ? `the ${sizeOf(limitBytes)} of memory that it may take` : 'the GPU'
  return [
    ...(largest < wanted
      ? [`A batch of ${wanted} does not fit into ${room}; the largest that does is ${largest}.`]
      : []),
    ...(guessed ? ['Steps take so long here that their time was judged by smaller batches.'] : []),
    ...(diverged ? ['The recipe diverged within its first steps: try a lower rate of the solver.'] : []),
  ]
}

function warnOfData({ count }: DataSet, batch: number): string[] {
  if (count.train >= batch) return []
  return [
    `There are only ${count.train} pictures to train with, fewer than a batch of ${batch}: every step sees some twice.`,
  ]
}

function warnOfDisk(path: string, checkpointBytes: number, weightsBytes: number): string[] {
  if (path === ':memory:') return []
  const { last, best } = defaultSettings.retention
  // One more of each while the oldest is still there.
  const needed = (last + 1) * checkpointBytes + (best + 1) * weightsBytes
  const { bavail, bsize } = statfsSync(dirname(path))
  const free = bavail * bsize
  if (free >= needed) return []
  return [`Its checkpoints take up to ${sizeOf(needed)}, but the disk of the project has only ${sizeOf(free)} free.`]
}

function sizeOf(bytes: number): string {
  const megabytes = bytes / 1e6
  return megabytes < 1000 ? `${Math.ceil(megabytes)} MB` : `${(megabytes / 1000).toFixed(1)} GB`
}

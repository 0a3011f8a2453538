/**
 * What the host and its computing process say to each other. Pictures cross as raw bytes; tensors never do: the computing process reads
 * pictures from the project and writes checkpoints, metrics and probes into it by itself, under the host's lock.
 */
import { z } from 'zod'
import { drawSource, inferOrder, interpolateOrder, previewOrder, refineOrder, sampleOrder } from './drawOrders.ts'
import { count, hash, id, picture } from './fields.ts'
import { runLength, trainingOrder } from './trainingOrder.ts'

export const work = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('preview'), order: previewOrder }),
  z.strictObject({ kind: z.literal('refine'), order: refineOrder }),
  z.strictObject({ kind: z.literal('sample'), order: sampleOrder }),
  z.strictObject({ kind: z.literal('interpolate'), order: interpolateOrder }),
  z.strictObject({ kind: z.literal('infer'), order: inferOrder }),
  /** Draws one picture and compares it with the kept one. */
  z.strictObject({ kind: z.literal('reproduce'), resultId: id }),
  z.strictObject({ kind: z.literal('preflight'), order: trainingOrder }),
  z.strictObject({ kind: z.literal('evaluate'), source: drawSource, dataSetId: id }),
  /** The run's row is in the project; without a checkpoint it begins at its beginning. */
  z.strictObject({
    kind: z.literal('train'),
    runId: id,
    checkpointId: id.nullable(),
    length: runLength.nullable(),
    retention: z.strictObject({ last: count, best: count, everySteps: count }),
  }),
])
export type Work = z.infer<typeof work>

export const toCompute = z.discriminatedUnion('kind', [
  /** First of all; the engine is opened once. */
  z.strictObject({
    kind: z.literal('begin'),
    engine: z.enum(['tensorflow', 'webgpu', 'wasm']).nullable(),
    threads: z.number().int().min(1).max(256).nullable(),
  }),
  /** The project that all work is in. `holder` is the nonce of the host's lock; null is a read-only project. */
  z.strictObject({
    kind: z.literal('project'),
    path: z.string().min(1).max(32_768).nullable(),
    holder: z.string().max(100).nullable(),
  }),
  z.strictObject({ kind: z.literal('start'), jobId: id, work }),
  z.strictObject({ kind: z.literal('cancel'), jobId: id }),
  /** Training: a checkpoint, then the end as cancelled. */
  z.strictObject({ kind: z.literal('pause'), jobId: id }),
  z.strictObject({ kind: z.literal('checkpoint'), jobId: id }),
  z.strictObject({ kind: z.literal('ping') }),
  /** Ends the process after what is running was cancelled. */
  z.strictObject({ kind: z.literal('leave') }),
])
export type ToCompute = z.infer<typeof toCompute>

const measured = z.number().nullable()
const point = z.strictObject({
  step: count,
  elapsedMs: z.number().min(0),
  ...{ gap: measured, move: measured, gradientSize: measured, mappingError: measured },
  ...{ observedError: measured, meanPictureError: measured, solverGradient: measured, saturation: measured },
})
const progress = z.strictObject({
  done: z.number().min(0),
  total: z.number().min(0),
  unit: z.string().max(30),
  elapsedMs: z.number().min(0),
  remaining: z.strictObject({ lowMs: z.number().min(0), highMs: z.number().min(0) }).nullable(),
  note: z.string().max(300).nullable(),
})
const ending = z.discriminatedUnion('kind', [
  /** The outcome is checked by its shape in the host: it comes from our own program. */
  z.strictObject({ kind: z.literal('finished'), outcome: z.record(z.string(), z.unknown()).nullable() }),
  z.strictObject({ kind: z.literal('cancelled') }),
  z.strictObject({
    kind: z.literal('failed'),
    code: z.enum([
      'misuse',
      'bad-input',
      'not-found',
      'engine-unavailable',
      'mismatch',
      'diverged',
      'storage-failed',
      'interrupted',
      'internal',
    ]),
    message: z.string().max(4000),
    hint: z.string().max(4000).nullable(),
  }),
])
export const fromCompute = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('ready'),
    engine: z.enum(['tensorflow', 'webgpu', 'wasm']),
    version: z.string().max(100),
    detail: z.string().max(300),
    threads: count,
  }),
  /** No engine could be opened; the process leaves. */
  z.strictObject({ kind: z.literal('refused'), message: z.string().max(4000), hint: z.string().max(4000).nullable() }),
  /** Between two turns of work and in answer to a ping: the process is not hung. */
  z.strictObject({ kind: z.literal('alive'), memoryBytes: count.max(2 ** 50) }),
  z.strictObject({ kind: z.literal('begun'), jobId: id }),
  z.strictObject({ kind: z.literal('progressed'), jobId: id, progress }),
  z.strictObject({
    kind: z.literal('pictured'),
    jobId: id,
    index: count,
    step: count,
    steps: count,
    initial: picture.nullable(),
    picture,
    gain: z.number().nullable(),
  }),
  z.strictObject({ kind: z.literal('measured'), runId: id, points: z.array(point).max(10_000) }),
  z.strictObject({
    kind: z.literal('probed'),
    runId: id,
    probe: z.strictObject({ step: count, initial: hash, refined: hash }),
  }),
  z.strictObject({
    kind: z.literal('noted'),
    runId: id,
    note: z.strictObject({
      step: count,
      at: z.string().max(40),
      kind: z.enum(['rolledBack', 'scored', 'leftOut', 'interrupted', 'resumed', 'ended']),
      message: z.string().max(2000),
    }),
  }),
  z.strictObject({ kind: z.literal('saved'), runId: id, checkpointId: id }),
  z.strictObject({ kind: z.literal('ended'), jobId: id, ending }),
])
export type FromCompute = z.infer<typeof fromCompute>

/** Runs: what they would take, start, pause, resume, and everything they leave behind. */
import { z } from 'zod'
import type { Recipe } from '../../domain/recipe.ts'
import type {
  CheckpointRecord,
  Id,
  MetricPoint,
  ProbeRecord,
  ProbeTargets,
  RunNote,
  RunRecord,
} from '../../domain/records.ts'
import { count, id, name, nothing } from '../fields.ts'
import { asks, type Done } from '../table.ts'
import { runLength, trainingOrder } from '../trainingOrder.ts'
import type { Download } from './projects.ts'

/** One number or switch of a recipe, with what a person needs to turn it. */
export interface RecipeOptionRow {
  readonly path: string
  readonly value: string
  readonly kind: 'number' | 'flag' | 'choice' | 'form'
  readonly minimum: number | null
  readonly maximum: number | null
  readonly whole: boolean
  readonly unit: string | null
  readonly choices: readonly string[]
  readonly about: string
  readonly source: string
}

const runId = z.strictObject({ runId: id })
const checkpointId = z.strictObject({ checkpointId: id })

export const trainingRequests = {
  /** The recipe that an order means, with every number that can be turned. */
  'recipe:compose': asks(trainingOrder).answers<{
    readonly recipe: Recipe
    readonly options: readonly RecipeOptionRow[]
    readonly parameters: { readonly initializer: number; readonly solver: number }
  }>(),
  /** A dry run; its outcome is the job's. */
  'training:measure': asks(trainingOrder).answers<{ readonly jobId: Id }>(),
  'training:start': asks(trainingOrder.extend({ name: name.optional() })).answers<{
    readonly jobId: Id
    readonly runId: Id
  }>(),
  /** A checkpoint, then the job ends as cancelled. */
  'training:pause': asks(z.strictObject({ jobId: id })).answers<Done>(),
  /** A new job from the newest (or the named) checkpoint of the run; steps beyond it are taken again. */
  'training:resume': asks(
    z.strictObject({ runId: id, checkpointId: id.optional(), length: runLength.optional() }),
  ).answers<{ readonly jobId: Id }>(),
  'training:checkpoint': asks(z.strictObject({ jobId: id })).answers<Done>(),
  'runs:list': asks(nothing).answers<readonly RunRecord[]>(),
  'run:get': asks(runId).answers<RunRecord>(),
  'run:rename': asks(z.strictObject({ runId: id, name })).answers<RunRecord>(),
  'run:metrics': asks(
    z.strictObject({
      runId: id,
      from: count.default(0),
      to: count.optional(),
      points: z.number().int().min(2).max(20_000).default(2000),
    }),
  ).answers<readonly MetricPoint[]>(),
  'run:notes': asks(runId).answers<readonly RunNote[]>(),
  'run:probes': asks(runId).answers<{
    readonly targets: ProbeTargets | null
    readonly probes: readonly ProbeRecord[]
  }>(),
  'run:checkpoints': asks(runId).answers<readonly CheckpointRecord[]>(),
  'checkpoint:pin': asks(z.strictObject({ checkpointId: id, pinned: z.boolean() })).answers<CheckpointRecord>(),
  'checkpoint:remove': asks(checkpointId).answers<Done>(),
  /** The weights alone as safetensors. */
  'model:export': asks(checkpointId).answers<Download>(),
  'model:import': asks(z.strictObject({ uploadId: id, name: name.optional() })).answers<RunRecord>(),
}

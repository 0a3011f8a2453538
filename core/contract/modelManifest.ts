/** What a model file says about itself, next to its tensors: enough to sample, to resume exactly, and to know where it came from. */
import { z } from 'zod'
import { AppError } from '../domain/errors.ts'
import type { Recipe } from '../domain/recipe.ts'
import { parseRecipe } from './recipeSchema.ts'

const count = z.number().int().min(0)
const measured = z.number().nullable()

/** One line of the chart; null where a number was not finite. */
export const metricPoint = z.strictObject({
  step: count,
  elapsedMs: z.number().min(0),
  gap: measured,
  move: measured,
  gradientSize: measured,
  mappingError: measured,
  observedError: measured,
  meanPictureError: measured,
  solverGradient: measured,
  saturation: measured,
})
export type MetricPoint = z.infer<typeof metricPoint>

const stateNumbers = z.strictObject({
  solverUpdates: count,
  initializerUpdates: count,
  /** Scale of the chain's gradient; null before the first normalised step. */
  gradientScale: z.number().positive().nullable(),
  move: z.number().min(0),
  gap: z.number(),
})

const manifestSchema = z.strictObject({
  /** `training`: everything to go on; `weights`: the averages alone, to sample. */
  content: z.enum(['training', 'weights']),
  recipe: z.unknown(),
  /** Seed, step and what roll-backs changed. All random numbers and the data cursor follow from seed and step. */
  position: z.strictObject({
    seed: z.number().int(),
    step: count,
    cooperativeSteps: count,
    elapsedMs: z.number().min(0),
    solverFactor: z.number().min(0).max(1),
    rollbacks: count,
  }),
  state: stateNumbers,
  /** The best weights so far by the held-out score, and when; sampling uses them. Null before the first score. */
  best: z.strictObject({ step: count, score: z.number(), state: stateNumbers }).nullable(),
  /** Held-out pictures that these weights were chosen on among those of their run; null where they were not chosen. Outlives an export. */
  chosenOn: count.nullable().default(null),
  data: z.strictObject({
    description: z.string().max(2000),
    pictures: count,
    /** Which pictures exactly; null after an export, and in files from before it was noted. */
    fingerprint: z.string().max(64).nullable().default(null),
    /** Where the training pictures were; null after an export. */
    folder: z.string().max(4096).nullable(),
    conditionSide: z.enum(['left', 'right']).nullable(),
    conditionFromPhoto: z.enum(['edges']).nullable(),
  }),
  engine: z.string().max(200),
  program: z.string().max(100),
  savedAt: z.string().max(40),
  /** The end of the chart. */
  metrics: z.array(metricPoint).max(5000),
  /** Roll-backs and other things a person should know. */
  log: z.array(z.string().max(1000)).max(1000),
})
export type ModelManifest = Omit<z.infer<typeof manifestSchema>, 'recipe'> & { readonly recipe: Recipe }

/** @throws AppError bad-input naming the first field that is not as it should be */
export function parseModelManifest(value: unknown): ModelManifest {
  const parsed = manifestSchema.safeParse(value)
  if (parsed.success) return { ...parsed.data, recipe: parseRecipe(parsed.data.recipe) }
  const [issue] = parsed.error.issues
  throw new AppError(
    'bad-input',
    `The model's description is not valid: ${issue.path.join('.') || 'manifest'}: ${issue.message}.`,
  )
}

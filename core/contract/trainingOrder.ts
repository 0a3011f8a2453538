/** What a person asks a training to be. */
import { z } from 'zod'
import { id } from './fields.ts'

const length = z.union([
  z.strictObject({ minutes: z.number().min(0.01).max(100_000) }),
  z.strictObject({ steps: z.number().int().min(1).max(100_000_000) }),
  z.strictObject({ epochs: z.number().min(0.001).max(1_000_000) }),
])

export const runLength = length
export const trainingOrder = z.strictObject({
  dataSetId: id,
  recipe: z.enum(['paper', 'studio', 'quick']),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1),
  /** What the pictures suggest when absent. */
  task: z.enum(['class', 'picture', 'inpaint']).optional(),
  size: z.number().int().min(8).max(1024).optional(),
  length: length.optional(),
  conditionFromPhoto: z.enum(['edges']).optional(),
  variant: z
    .strictObject({
      outputs: z.literal([1, 100]).optional(),
      template: z.boolean().optional(),
      early: z.boolean().optional(),
      naive: z.boolean().optional(),
    })
    .optional(),
  /** Single options, `path=value`. */
  set: z.array(z.string().max(200)).max(200).optional(),
})
export type StoredTrainingOrder = z.infer<typeof trainingOrder>

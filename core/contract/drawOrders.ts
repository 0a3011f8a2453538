/** What is to be drawn, with which model: the same words from the page to the computing process. */
import { z } from 'zod'
import { id, picture, seed } from './fields.ts'

/** A run means its best weights so far; a checkpoint means itself. */
export const drawSource = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('run'), runId: id }),
  z.strictObject({ kind: z.literal('checkpoint'), checkpointId: id }),
])
export type DrawSource = z.infer<typeof drawSource>

const shares = z.array(z.number().min(0).max(1)).min(1).max(10_000)
const latent = z.array(z.number().min(-100).max(100)).min(1).max(4096)

/** Pictures of another size than the model's are brought to it. In a mask every pixel above 0 is hidden. */
export const drawCondition = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('labels'), weights: shares, latent: latent.optional() }),
  z.strictObject({ kind: z.literal('picture'), picture }),
  z.strictObject({ kind: z.literal('masked'), observed: picture, mask: picture }),
])
export type DrawCondition = z.infer<typeof drawCondition>

const chain = {
  /** As trained when absent; more than twice as many only with `beyond`. */
  steps: z.number().int().min(0).max(4096).optional(),
  beyond: z.boolean().optional(),
  noise: z.boolean().optional(),
  guidance: z.number().min(0).max(20).optional(),
}

/** The fast guess alone. */
export const previewOrder = z.strictObject({ source: drawSource, condition: drawCondition, seed })
export type PreviewOrder = z.infer<typeof previewOrder>

/** One picture, step by step. `from` goes on from a picture of the timeline instead of the fast guess; then `steps` are further ones. */
export const refineOrder = z.strictObject({
  source: drawSource,
  condition: drawCondition,
  seed,
  ...chain,
  from: z.strictObject({ picture, step: z.number().int().min(0).max(4096) }).optional(),
})
export type RefineOrder = z.infer<typeof refineOrder>

/** Many pictures: every condition with every seed, condition by condition. */
export const sampleOrder = z.strictObject({
  source: drawSource,
  conditions: z.array(drawCondition).min(1).max(256),
  seeds: z.array(seed).min(1).max(256),
  ...chain,
})
export type SampleOrder = z.infer<typeof sampleOrder>

/** Borrow a style: the latent behind a picture, and its label where none is given (P1 4.1.4). */
export const inferOrder = z.strictObject({
  source: drawSource,
  picture,
  label: shares.optional(),
  seed,
  steps: z.number().int().min(1).max(2000).optional(),
})
export type InferOrder = z.infer<typeof inferOrder>

/** Between two sketches with one latent (P1 4.2.3). */
export const interpolateOrder = z.strictObject({
  source: drawSource,
  from: picture,
  to: picture,
  shares: z.array(z.number().min(0).max(1)).min(1).max(64),
  seed,
  ...chain,
})
export type InterpolateOrder = z.infer<typeof interpolateOrder>

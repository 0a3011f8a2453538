/** A recipe from a file of unknown origin: checked field by field before any network is built from it. */
import { z } from 'zod'
import { AppError } from '../domain/errors.ts'
import type { Recipe } from '../domain/recipe.ts'
import { type RecipeOption, recipeOptions } from '../domain/recipeOptions.ts'
import { findDisagreement } from './recipeAgreement.ts'

/** Numbers take their range from the table of options. */
function ranged(path: string): z.ZodNumber {
  const option: RecipeOption = recipeOptions[path]
  if (option.kind !== 'number') throw new TypeError(`${path} is not a number`)
  const schema = z.number().min(option.minimum).max(option.maximum)
  return option.whole ? schema.int() : schema
}

/** Factors of labels and values: the recipes have 1 to 10. */
const scale = z.number().min(0.001).max(1000)
const side = z.number().int().min(1).max(1024)
const channels = z.number().int().min(1).max(4096)
const kernel = z.number().int().min(1).max(15)
const labelCount = z.number().int().min(2).max(10_000)
const few = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(16)
const normalisation = z.enum(['batch', 'group', 'instance', 'none'])
const upsampling = z.enum(['transposed', 'resize'])

const initializer = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('classDecoder'),
    latent: channels,
    labels: labelCount,
    labelScale: scale,
    joinAt: z.number().int().min(0).max(15),
    layers: few(z.strictObject({ kernel, size: side, channels })),
    normalisation,
    upsampling,
  }),
  z.strictObject({
    kind: z.literal('uNet'),
    size: side,
    conditionChannels: channels,
    channels: few(channels),
    outputChannels: channels,
    latent: z.union([z.literal('dropout'), channels]),
    dropout: z.number().min(0).max(0.95),
    dropoutLayers: z.number().int().min(0).max(16),
    normalisation,
    normaliseBottleneck: z.boolean(),
    upsampling,
    detail: channels.optional(),
  }),
])

const solver = z.strictObject({
  size: side,
  channels,
  convolutions: few(z.strictObject({ kernel, stride: z.number().int().min(1).max(4), channels })),
  activation: z.enum(['linear', 'relu', 'leakyRelu', 'silu']),
  condition: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('concatenate'),
      labels: labelCount,
      scale,
      joinAt: z.number().int().min(0).max(15),
    }),
    z.strictObject({ kind: z.literal('projection'), labels: labelCount, scale }),
    z.strictObject({ kind: z.literal('template'), labels: labelCount, channels: few(channels) }),
    z.strictObject({ kind: z.literal('picture'), channels }),
  ]),
  head: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('dense'), outputs: channels }),
    z.strictObject({ kind: z.literal('patch') }),
  ]),
  scales: z.number().int().min(1).max(4),
  initialisation: z.enum(['narrow', 'kaiming']),
  outputScale: scale,
  units: z.enum(['phi', 'natural']),
})

const chain = z.strictObject({
  steps: ranged('chain.steps'),
  stepSize: ranged('chain.stepSize'),
  referenceDeviation: ranged('chain.referenceDeviation'),
  pull: z.boolean(),
  noise: z.union([z.enum(['on', 'off']), z.strictObject({ untilEpoch: z.number().int().min(0) })]),
  metropolis: z.boolean(),
  bound: ranged('chain.bound'),
  normalised: z
    .strictObject({
      move: ranged('chain.normalised.move'),
      smooth: z.boolean(),
      targetGap: ranged('chain.normalised.targetGap'),
    })
    .optional(),
})

const learning = z.strictObject({
  batch: ranged('learning.batch'),
  solverRate: ranged('learning.solverRate'),
  initializerRate: ranged('learning.initializerRate'),
  beta1: ranged('learning.beta1'),
  solverBeta2: ranged('learning.solverBeta2'),
  initializerBeta2: ranged('learning.initializerBeta2'),
  solverClip: ranged('learning.solverClip'),
  initializerClip: ranged('learning.initializerClip'),
  residualDeviation: ranged('learning.residualDeviation'),
  residualNoise: z.boolean(),
  mappingReduction: z.enum(['sum', 'mean']),
  mappingWeight: ranged('learning.mappingWeight'),
  observedWeight: ranged('learning.observedWeight'),
  initializerLearning: z.enum(['mapping', 'alternating']),
  initializerEvery: ranged('learning.initializerEvery'),
  objective: z.enum(['difference', 'hinge']),
  valuePenalty: ranged('learning.valuePenalty'),
  instanceNoise: ranged('learning.instanceNoise'),
  average: ranged('learning.average'),
  warmUpSteps: ranged('learning.warmUpSteps'),
  decay: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({ kind: z.literal('linear'), from: z.number().min(0).max(1), to: z.number().min(0).max(1) }),
    z.strictObject({
      kind: z.literal('exponential'),
      factor: z.number().min(0).max(1),
      epochs: z.number().int().min(1),
    }),
  ]),
  prelude: z.strictObject({ share: ranged('learning.prelude.share'), rate: ranged('learning.prelude.rate') }),
  labelDropout: ranged('learning.labelDropout'),
})

export const recipeSchema = z.strictObject({
  name: z.enum(['paper', 'studio', 'quick']),
  task: z.enum(['class', 'picture', 'inpaint']),
  size: side,
  channels: z.union([z.literal(1), z.literal(3)]),
  labels: z.array(z.string().max(255)).max(10_000),
  initializer,
  solver,
  chain,
  learning,
  data: z.strictObject({
    mirror: z.boolean(),
    jitterCrop: z.boolean(),
    mask: z.enum(['centre', 'rectangles', 'brush']),
    maskChannel: z.boolean(),
  }),
  length: z.union([
    z.strictObject({ minutes: z.number().positive().max(1_000_000) }),
    z.strictObject({ steps: z.number().int().positive().max(1_000_000_000) }),
    z.strictObject({ epochs: z.number().positive().max(1_000_000) }),
  ]),
})

/** @throws AppError bad-input naming the first field that is not as it should be, or the first two parts that do not fit each other */
export function parseRecipe(value: unknown): Recipe {
  const parsed = recipeSchema.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw notValid(`${issue.path.join('.') || 'recipe'}: ${issue.message}`)
  }
  const disagreement = findDisagreement(parsed.data)
  if (disagreement) throw notValid(disagreement)
  return parsed.data
}

function notValid(reason: string): AppError {
  return new AppError('bad-input', `The model's recipe is not valid: ${reason}.`)
}

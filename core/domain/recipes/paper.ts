/**
 * The papers' own settings, number by number (P1 = the journal paper, P2 = the earlier one). Every deviation is said at its place; the one from
 * Algorithm 1 itself: chains start at g, not at g + eps, because the published code never adds eps (learning.residualNoise=true does).
 */
import type { ClassInitializer, Deconvolution, SolverNetwork, UNetInitializer } from '../networks.ts'
import type { ChainRecipe, LearningRecipe, Recipe } from '../recipe.ts'
import type { RecipeRequest } from './request.ts'

/** P1 4.1.2: reference deviation of every experiment. */
const REFERENCE = { referenceDeviation: 0.016, pull: true, metropolis: false, bound: 0 } as const

/** The solver's convolutions are the same in P1 4.1.2, 4.1.3 and 4.2.2. */
const CONVOLUTIONS = [
  { kernel: 5, stride: 2, channels: 64 },
  { kernel: 3, stride: 2, channels: 128 },
  { kernel: 3, stride: 1, channels: 256 },
] as const

/** P1 4.1.2; batch statistics are used while learning, running averages when sampling. */
const LEARNING: LearningRecipe = {
  batch: 300,
  solverRate: 0.0008,
  initializerRate: 0.0001,
  beta1: 0.5,
  solverBeta2: 0.999,
  initializerBeta2: 0.999,
  solverClip: 0,
  initializerClip: 0,
  residualDeviation: 0.3,
  residualNoise: false,
  mappingReduction: 'sum',
  mappingWeight: 1,
  observedWeight: 0,
  initializerLearning: 'mapping',
  initializerEvery: 1,
  objective: 'difference',
  valuePenalty: 0,
  instanceNoise: 0,
  average: 0,
  warmUpSteps: 0,
  decay: { kind: 'none' },
  prelude: { share: 0, rate: 0 },
  labelDropout: 0,
}

export function createPaperRecipe(request: RecipeRequest): Recipe {
  const { task } = request
  if (task === 'class') return request.template ? templateRecipe(request) : classRecipe(request)
  return pictureRecipe(request)
}

/**
 * P1 4.1.2 (28x28, early concatenation) and P1 4.1.3 (32x32x3, late concatenation). P1 4.1.4's style transfer on SVHN is 4.1.2 at 32x32x3: `early`.
 * 64x64 continues either by one more doubling.
 */
function classRecipe({ size, channels, labels, outputs = 100, early = size < 32 }: RecipeRequest): Recipe {
  const late = !early
  const layers: Deconvolution[] = late
    ? [
        { kernel: 4, size: 4, channels: 256 },
        { kernel: 5, size: 8, channels: 128 },
        { kernel: 5, size: 16, channels: 64 },
        ...(size === 64 ? [{ kernel: 5, size: 32, channels: 64 }] : []),
        { kernel: 5, size, channels },
      ]
    : [
        // Up-sampling factors 1, 2, 2, 2 do not reach 28 from 4; there the second layer grows 4 -> 7 ("same" of a stride-2 map of 7).
        { kernel: 4, size: 4, channels: 256 },
        ...(size === 64 ? [{ kernel: 4, size: 8, channels: 256 }] : []),
        { kernel: 4, size: size / 4, channels: 128 },
        { kernel: 4, size: size / 2, channels: 64 },
        { kernel: 4, size, channels },
      ]
  const initializer: ClassInitializer = {
    kind: 'classDecoder',
    latent: late ? 100 : 128,
    labels: labels.length,
    labelScale: 1,
    joinAt: late ? 2 : 0,
    layers,
    normalisation: 'batch',
    upsampling: 'transposed',
  }
  const solver: SolverNetwork = {
    size,
    channels,
    convolutions: CONVOLUTIONS,
    activation: 'relu',
    condition: { kind: 'concatenate', labels: labels.length, scale: 1, joinAt: 2 },
    head: { kind: 'dense', outputs },
    scales: 1,
    initialisation: 'narrow',
    outputScale: 1,
    units: 'phi',
  }
  // P1 4.1.3's initializer rate 0.0064 is taken literally; it is probably a misprint of 0.00064 (models.md).
  const learning: LearningRecipe = late ? { ...LEARNING, solverRate: 0.002, initializerRate: 0.0064 } : LEARNING
  const chain: ChainRecipe = {
    ...REFERENCE,
    steps: late ? 8 : 16,
    stepSize: 0.0008,
    noise: { untilEpoch: late ? 500 : 100 },
  }
  return {
    name: 'paper',
    task: 'class',
    size,
    channels,
    labels,
    initializer,
    solver,
    chain,
    learning,
    data: { mirror: false, jitterCrop: false, mask: 'centre', maskChannel: false },
    length: { epochs: late ? 2000 : 1600 },
  }
}

/**
 * P2's digits, there 64x64: latent 100, early concatenation, batch 100, convolutions k4 s2, and a decoder like the initializer draws a template
 * picture of the label that joins Y. What P2 leaves open is P1 4.1.2's.
 */
function templateRecipe(request: RecipeRequest): Recipe {
  const base = classRecipe({ ...request, early: true })
  const initializer = base.initializer as ClassInitializer
  return {
    ...base,
    initializer: { ...initializer, latent: 100 },
    solver: {
      ...base.solver,
      convolutions: [64, 128, 256].map((channels) => ({ kernel: 4, stride: 2, channels })),
      condition: { kind: 'template', labels: request.labels.length, channels: [256, 128, 64, 64] },
    },
    learning: { ...base.learning, batch: 100 },
  }
}

/** P1 4.2.2 (picture -> picture) and 4.2.4 (inpainting), given there for 256x256; smaller sizes drop the innermost levels. */
function pictureRecipe(request: RecipeRequest): Recipe {
  const { task, size, channels, outputs = 1, naive } = request
  // The condition of inpainting is the picture itself.
  const conditionChannels = task === 'inpaint' ? channels : (request.conditionChannels ?? channels)
  const levels = Math.log2(size)
  const initializer: UNetInitializer = {
    kind: 'uNet',
    size,
    conditionChannels,
    channels: [64, 128, 256, 512, 512, 512, 512, 512].slice(0, levels),
    outputChannels: channels,
    latent: naive ? 128 : 'dropout',
    dropout: 0.5,
    // "Batch normalization, dropout and ReLU between two consecutive deconvolutional layers": every layer but the last.
    dropoutLayers: levels - 1,
    // At batch 1 the batch's statistics are the picture's own.
    normalisation: 'instance',
    normaliseBottleneck: false,
    upsampling: 'transposed',
  }
  const solver: SolverNetwork = {
    size,
    channels,
    convolutions: CONVOLUTIONS,
    activation: 'leakyRelu',
    condition: { kind: 'picture', channels: conditionChannels },
    // Table 6 counts 55.84M parameters, which is one output; the text's 100 would be 159.7M at 256x256.
    head: { kind: 'dense', outputs },
    scales: 1,
    initialisation: 'narrow',
    outputScale: 1,
    units: 'phi',
  }
  return {
    name: 'paper',
    task,
    size,
    channels,
    labels: [],
    initializer,
    solver,
    chain: { ...REFERENCE, steps: 15, stepSize: 0.002, noise: 'on' },
    // The weights of the L1 term are the published code's: 0.8 and 0.2 of means. P1's faces alone have batch 4: --set learning.batch=4.
    learning: {
      ...LEARNING,
      batch: 1,
      solverRate: 0.007,
      mappingReduction: 'mean',
      mappingWeight: 0.8,
      observedWeight: 0.2,
    },
    data: { mirror: true, jitterCrop: true, mask: 'centre', maskChannel: false },
    length: { epochs: 3000 },
  }
}

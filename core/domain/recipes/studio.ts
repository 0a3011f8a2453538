/**
 * The studio's own recipes, measured to learn in minutes (quick) or up to an hour (studio) on a desktop's processor. They keep Algorithm 1 and depart
 * from the papers' numbers, and where marked from their forms; docs/results.md has the runs behind them.
 */
import type { ClassInitializer, SolverNetwork, UNetInitializer } from '../networks.ts'
import type { ChainRecipe, LearningRecipe, Recipe, RunLength } from '../recipe.ts'
import type { RecipeRequest } from './request.ts'

type Pace = 'studio' | 'quick'

export function createStudioRecipe(pace: Pace, request: RecipeRequest): Recipe {
  return request.task === 'class' ? classRecipe(pace, request) : pictureRecipe(pace, request)
}

/** Both networks in minutes: no noise, both gradients clipped, an average to sample with, rates that end at a tenth. */
const LEARNING = {
  beta1: 0.5,
  initializerBeta2: 0.999,
  initializerClip: 1,
  residualDeviation: 0.3,
  residualNoise: false,
  mappingReduction: 'mean',
  mappingWeight: 1,
  initializerLearning: 'mapping',
  valuePenalty: 0,
  average: 0.995,
  warmUpSteps: 0,
  labelDropout: 0,
} as const

/**
 * Class -> picture. Departures: the value is trained in natural units (F itself, He initialisation, SiLU), the label enters as class weights on
 * the last features (projection), group instead of batch normalisation, moves bounded per pixel.
 */
function classRecipe(pace: Pace, { size, channels, labels }: RecipeRequest): Recipe {
  const quick = pace === 'quick'
  const width = quick ? 24 : 32
  const halvings = size >= 64 ? 3 : 2
  const solver: SolverNetwork = {
    size,
    channels,
    convolutions: [
      { kernel: 5, stride: 2, channels: width },
      ...Array.from({ length: halvings - 1 }, (_, index) => ({
        kernel: 3,
        stride: 2,
        channels: width * 2 ** (index + 1),
      })),
      { kernel: 3, stride: 1, channels: width * 4 },
    ],
    activation: 'silu',
    condition: { kind: 'projection', labels: labels.length, scale: 1 },
    head: { kind: 'dense', outputs: 1 },
    scales: 1,
    initialisation: 'kaiming',
    outputScale: 10,
    units: 'natural',
  }
  const sizes = [4, ...[4, 3, 2, 1].map((power) => Math.ceil(size / 2 ** (power - 1))).filter((side) => side > 4)]
  const base = quick ? 32 : 48
  const initializer: ClassInitializer = {
    kind: 'classDecoder',
    latent: 128,
    labels: labels.length,
    labelScale: 3,
    joinAt: 0,
    layers: sizes.map((side, index) => {
      const last = index === sizes.length - 1
      return { kernel: 4, size: side, channels: last ? channels : base * 2 ** Math.min(2, sizes.length - 2 - index) }
    }),
    normalisation: 'group',
    upsampling: 'transposed',
  }
  const chain: ChainRecipe = {
    steps: 8,
    // With s = 0.016 this is c = delta^2 / (2 s^2) = 0.0156.
    stepSize: 0.002826,
    referenceDeviation: 0.016,
    pull: true,
    noise: 'off',
    metropolis: false,
    bound: 0.1,
  }
  const learning: LearningRecipe = {
    ...LEARNING,
    batch: 50,
    solverRate: 0.0002,
    initializerRate: 0.0004,
    solverBeta2: 0.999,
    solverClip: 1,
    observedWeight: 0,
    initializerEvery: 1,
    objective: 'difference',
    instanceNoise: 0,
    decay: { kind: 'linear', from: 0.5, to: 0.1 },
    prelude: { share: 0, rate: 0 },
  }
  return {
    name: pace,
    task: 'class',
    size,
    channels,
    labels,
    initializer,
    solver,
    chain,
    learning,
    data: { mirror: false, jitterCrop: false, mask: 'centre', maskChannel: false },
    length: lengthOf(pace, 'class'),
  }
}

/**
 * Picture -> picture and inpainting. Departures: a patch energy at two scales instead of a dense head, no pull to grey, smoothed and normalised
 * steps whose move a controller keeps in step with the value gap, a hinge per position, a head start for the initializer.
 */
function pictureRecipe(
  pace: Pace,
  { task, size, channels, conditionChannels: drawn = channels }: RecipeRequest,
): Recipe {
  const quick = pace === 'quick'
  const maskChannel = task === 'inpaint'
  const conditionChannels = maskChannel ? channels + 1 : drawn
  const levels = Math.log2(size) - 1
  const width = 24
  const initializer: UNetInitializer = {
    kind: 'uNet',
    size,
    conditionChannels,
    channels: Array.from({ length: levels }, (_, level) => Math.min(width * 2 ** level, width * 8)),
    outputChannels: channels,
    latent: 'dropout',
    dropout: 0.5,
    dropoutLayers: 2,
    normalisation: 'group',
    normaliseBottleneck: true,
    upsampling: 'resize',
    detail: 16,
  }
  const solverWidth = quick ? 24 : 32
  const solver: SolverNetwork = {
    size,
    channels,
    convolutions: [
      { kernel: 4, stride: 2, channels: solverWidth },
      { kernel: 4, stride: 2, channels: solverWidth * 2 },
      { kernel: 3, stride: 1, channels: solverWidth * 4 },
    ],
    activation: 'silu',
    condition: { kind: 'picture', channels: conditionChannels },
    head: { kind: 'patch' },
    scales: 3,
    initialisation: 'kaiming',
    outputScale: 1,
    units: 'natural',
  }
  const chain: ChainRecipe = {
    steps: 5,
    stepSize: 0.002,
    referenceDeviation: 0.016,
    pull: false,
    noise: 'off',
    metropolis: false,
    bound: 0.1,
    normalised: { move: 0.1, smooth: true, targetGap: 0.6 },
  }
  const learning: LearningRecipe = {
    ...LEARNING,
    batch: 8,
    solverRate: 0.001,
    initializerRate: 0.0001,
    solverBeta2: 0.99,
    solverClip: 5,
    observedWeight: 0.2,
    initializerEvery: 2,
    objective: 'hinge',
    instanceNoise: 0.03,
    decay: { kind: 'none' },
    prelude: { share: quick ? 0.2 : 0.1, rate: 0.0004 },
  }
  return {
    name: pace,
    task,
    size,
    channels,
    labels: [],
    initializer,
    solver,
    chain,
    learning,
    data: { mirror: true, jitterCrop: false, mask: 'centre', maskChannel },
    length: lengthOf(pace, task),
  }
}

function lengthOf(pace: Pace, task: Recipe['task']): RunLength {
  if (pace === 'quick') return { minutes: task === 'class' ? 10 : 5 }
  return { minutes: task === 'class' ? 60 : 30 }
}

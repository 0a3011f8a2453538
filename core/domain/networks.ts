/**
 * Networks as data: what an initializer and a solver look like. core/ebm builds plain functions from these descriptions;
 * nothing else in the program knows a layer. Sizes are pixels, convolutions are TensorFlow's `same`.
 */
export type Activation = 'linear' | 'relu' | 'leakyRelu' | 'silu'
/**
 * How activations are normalised. `batch` shares statistics between batch mates while learning and uses running averages when
 * sampling; `group` (groups of channels) and `instance` (each channel alone) look at one example only.
 */
export type Normalisation = 'batch' | 'group' | 'instance' | 'none'
/** How a decoder doubles its size: transposed convolution (the papers) or nearest-neighbour copy + convolution (no checkerboard). */
export type Upsampling = 'transposed' | 'resize'

export interface Deconvolution {
  readonly kernel: number
  /** Height and width of this layer's output. From 1x1 it is a `valid` transposed convolution, else `same`. */
  readonly size: number
  readonly channels: number
}

/** Latent vector and label -> picture (P1 4.1.2, 4.1.3). tanh at the end, ReLU and normalisation between. */
export interface ClassInitializer {
  readonly kind: 'classDecoder'
  /** d, the length of the latent vector X. */
  readonly latent: number
  readonly labels: number
  /** The one-hot label is multiplied by this where it joins. */
  readonly labelScale: number
  /** Number of layers before the label joins: 0 is early concatenation (P1 4.1.1). */
  readonly joinAt: number
  readonly layers: readonly Deconvolution[]
  readonly normalisation: Normalisation
  readonly upsampling: Upsampling
}

/** Condition picture -> picture, encoder and decoder with skips (P1 4.2.2). */
export interface UNetInitializer {
  readonly kind: 'uNet'
  readonly size: number
  readonly conditionChannels: number
  readonly channels: readonly number[]
  readonly outputChannels: number
  /** X: `dropout` (P1 4.2.2) or a Gaussian vector of this length at the bottleneck (the naive design). */
  readonly latent: 'dropout' | number
  /** Share of activations that dropout removes, in the `dropoutLayers` innermost decoder layers. */
  readonly dropout: number
  readonly dropoutLayers: number
  readonly normalisation: Normalisation
  /** The 1x1 bottleneck normalised too (the paper's Table 6 counts it so; per picture it would be identically zero). */
  readonly normaliseBottleneck: boolean
  readonly upsampling: Upsampling
  /**
   * Channels of an extra layer at full size that sees the condition itself, so that edges fall where the sketch has them. None when absent. A
   * departure from the papers.
   */
  readonly detail?: number
}

export type InitializerNetwork = ClassInitializer | UNetInitializer

export interface Convolution {
  readonly kernel: number
  readonly stride: number
  readonly channels: number
}

/** How the condition enters the solver. */
export type SolverCondition =
  /** One-hot planes, times `scale`, concatenated before layer `joinAt` (late concatenation, P1 4.1.1). */
  | { readonly kind: 'concatenate'; readonly labels: number; readonly scale: number; readonly joinAt: number }
  /** Class weights on the flattened last features (projection discriminator). A departure from the papers. */
  | { readonly kind: 'projection'; readonly labels: number; readonly scale: number }
  /** A decoder draws a template picture of the label, concatenated with Y (P2). `channels` of its hidden layers. */
  | { readonly kind: 'template'; readonly labels: number; readonly channels: readonly number[] }
  /** The condition picture concatenated with Y (P1 4.2.2). */
  | { readonly kind: 'picture'; readonly channels: number }

export interface SolverNetwork {
  readonly size: number
  readonly channels: number
  readonly convolutions: readonly Convolution[]
  readonly activation: Activation
  readonly condition: SolverCondition
  /**
   * `dense`: fully connected over the whole map, `outputs` of them, summed (P1: 100). `patch`: a convolution k3 to one value per position,
   * averaged: a patch energy. A departure from the papers.
   */
  readonly head: { readonly kind: 'dense'; readonly outputs: number } | { readonly kind: 'patch' }
  /** Unshared copies that see the picture at full, half, ... size; their values are added. The papers have 1. */
  readonly scales: number
  /** `narrow`: standard deviation 0.01 (published code); `kaiming`: He initialisation, the head's standard deviation 1 / sqrt(fan-in). */
  readonly initialisation: 'narrow' | 'kaiming'
  /** The network's output is multiplied by this. */
  readonly outputScale: number
  /**
   * What the scaled output is: `phi` as in the papers (F = s^2 phi drives the chain), or F itself, trained directly (`natural`; a departure).
   */
  readonly units: 'phi' | 'natural'
}

/**
 * Drawing pictures with a trained pair: the initializer's fast guess, then the solver's refinement. Each example has its own seed, and nothing that
 * its batch mates do reaches it: the same seed gives the same picture alone or among others.
 */
import * as tf from '@tensorflow/tfjs-core'
import { Random } from '../domain/random.ts'
import type { Recipe } from '../domain/recipe.ts'
import type { Chain } from './chain.ts'
import { type Condition, drawLatent, type Latent } from './condition.ts'
import { initialize, keepObserved } from './initializer.ts'
import type { BatchMode } from './layers/normalise.ts'
import type { LearningState } from './learningState.ts'
import { chainNoise } from './noise.ts'
import { decodeCondition, encodeCondition } from './uNet.ts'

const LATENT_STREAM = 21
const CHAIN_STREAM = 22

/** A trained (or half trained) pair. */
export interface Model {
  readonly recipe: Recipe
  readonly state: LearningState
}

export interface SampleOptions {
  /** Langevin steps; the recipe's l when absent. */
  readonly steps?: number
  /** Add the noise term; default: only when the recipe says always. */
  readonly noise?: boolean
  /** See Chain.guidance. */
  readonly guidance?: number
}

/** How samples are normalised: running averages for batch normalisation, so that no batch mate matters. */
export function samplingMode({ state }: Model): BatchMode {
  return { kind: 'running', statistics: state.statistics }
}

/** X for each seed. */
export function latentOf({ recipe }: Model, seeds: readonly number[]): tf.Tensor[] {
  return drawLatent(
    recipe.initializer,
    seeds.map((seed) => new Random(seed, LATENT_STREAM)),
  )
}

/** The fast guess g(X, C), [batch, size, size, channels]. */
export function drawInitial(model: Model, latent: Latent, condition: Condition): tf.Tensor4D {
  const { recipe, state } = model
  return tf.tidy(() =>
    initialize(recipe.initializer, state.initializer.average, latent, condition, samplingMode(model)),
  )
}

/** The chain that refines such guesses; run it with runChain or refine. */
export function samplingChain(
  { recipe, state }: Model,
  condition: Condition,
  seeds: readonly number[],
  like: tf.Tensor4D,
  options: SampleOptions = {},
): Chain {
  const noisy = options.noise ?? recipe.chain.noise === 'on'
  return {
    network: recipe.solver,
    parameters: state.solver.average,
    recipe: recipe.chain,
    condition,
    steps: options.steps,
    noise: noisy
      ? chainNoise(
          seeds.map((seed) => new Random(seed, CHAIN_STREAM)),
          like,
        )
      : undefined,
    normaliser: state.normaliser.frozen,
    move: state.move,
    guidance: options.guidance,
  }
}

/**
 * Between two condition pictures (P1 4.2.3): blends the embeddings Phi(C) with one latent, so that only the condition changes.
 * @param shares 0 is `from`, 1 is `to`; one result each
 * @returns initial pictures, and the blended conditions to refine them under (with `from`'s mask); the caller owns both
 */
export function interpolatePictures(
  model: Model,
  from: Condition,
  to: Condition,
  seed: number,
  shares: readonly number[],
): { initial: tf.Tensor4D; condition: Condition } {
  const { recipe, state } = model
  const network = recipe.initializer
  const [first, second] = [from.picture, to.picture]
  if (network.kind !== 'uNet' || first === undefined || second === undefined)
    throw new RangeError('interpolation needs two condition pictures')
  return tf.tidy(() => {
    const mode = samplingMode(model)
    const embed = (picture: tf.Tensor4D) => encodeCondition(network, state.initializer.average, picture, mode)
    const [embeddedFirst, embeddedSecond] = [embed(first), embed(second)]
    const blend = (a: tf.Tensor4D, b: tf.Tensor4D) =>
      tf.concat4d(
        shares.map((share) => tf.add(tf.mul(a, 1 - share), tf.mul(b, share))),
        0,
      )
    const maps = embeddedFirst.map((map, level) => blend(map, embeddedSecond[level]))
    const condition: Condition = { picture: blend(first, second), mask: from.mask && tf.clone(from.mask) }
    const initial = decodeCondition(
      network,
      state.initializer.average,
      maps,
      latentOf(
        model,
        shares.map(() => seed),
      ),
      mode,
    )
    return { initial: keepObserved(initial, condition), condition }
  })
}

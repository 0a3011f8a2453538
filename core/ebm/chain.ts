/** What a Langevin chain climbs: the solver's value for one condition, f = Phi - |Y|^2 / (2 s^2) (P1 Eq. 3), scaled by s^2: F = s^2 Phi. */
import * as tf from '@tensorflow/tfjs-core'
import type { SolverNetwork } from '../domain/networks.ts'
import type { ChainRecipe } from '../domain/recipe.ts'
import type { Condition } from './condition.ts'
import type { GradientScale } from './normaliser.ts'
import type { Parameters } from './parameters.ts'
import { combineResponses, potentialScale, prepareSolver, type PreparedSolver, respond } from './solver.ts'

/** Random numbers of one chain; step counts from 1. */
export interface ChainNoise {
  /** U ~ N(0, I), [batch, size, size, channels] */
  normal(step: number): tf.Tensor4D
  /** Uniform in (0, 1), [batch]; for the Metropolis decision. */
  uniform(step: number): tf.Tensor1D
}

export interface Chain {
  readonly network: SolverNetwork
  readonly parameters: Parameters
  readonly recipe: ChainRecipe
  readonly condition: Condition
  /** Number of steps; l of the recipe when absent. */
  readonly steps?: number
  /** Given: the term delta U is added. */
  readonly noise?: ChainNoise
  /** Scale of the gradient, for normalised steps. */
  readonly normaliser?: GradientScale
  /** Moves about so far in 8 steps, for normalised steps; the recipe's when absent. */
  readonly move?: number
  /** Push away from the unconditional value: gradient + guidance (gradient - gradient without label). Needs label dropout in training. */
  readonly guidance?: number
}

/** What stays the same along one chain. */
export type PreparedChain = {
  readonly conditional: PreparedSolver[]
  readonly unconditional?: PreparedSolver[]
}

export function prepareChain(chain: Chain): PreparedChain {
  const { network, parameters, condition, guidance } = chain
  const conditional = prepareSolver(network, parameters, condition)
  if (!guidance || condition.label === undefined) return { conditional }
  const hidden = { ...condition, label: tf.zerosLike(condition.label) }
  return { conditional, unconditional: prepareSolver(network, parameters, hidden) }
}

/** c = delta^2 / (2 s^2) */
export function relaxation({ stepSize, referenceDeviation }: ChainRecipe): number {
  return stepSize ** 2 / (2 * referenceDeviation ** 2)
}

/** F = s^2 Phi, [batch]. */
export function scaledPotential(chain: Chain, prepared: PreparedChain, picture: tf.Tensor4D): tf.Tensor1D {
  const { network, parameters, guidance } = chain
  const scale = potentialScale(network, chain.recipe.referenceDeviation)
  const value = combineResponses(
    network,
    prepared.conditional,
    respond(network, parameters, prepared.conditional, picture),
  )
  if (!prepared.unconditional || !guidance) return tf.mul(value, scale)
  const free = combineResponses(
    network,
    prepared.unconditional,
    respond(network, parameters, prepared.unconditional, picture),
  )
  return tf.mul(tf.sub(tf.mul(value, 1 + guidance), tf.mul(free, guidance)), scale)
}

/** s^2 f = F - |Y|^2 / 2 (without the pull, F itself), [batch]. */
export function scaledValue(chain: Chain, prepared: PreparedChain, picture: tf.Tensor4D): tf.Tensor1D {
  const potential = scaledPotential(chain, prepared, picture)
  if (!chain.recipe.pull) return potential
  return tf.sub(potential, tf.mul(tf.sum(tf.square(picture), [1, 2, 3]), 0.5))
}

/** dF/dY, [batch, size, size, channels]. */
export function potentialGradient(chain: Chain, prepared: PreparedChain, picture: tf.Tensor4D): tf.Tensor4D {
  const gradient = tf.grad((y) => tf.sum(scaledPotential(chain, prepared, y as tf.Tensor4D)))
  return gradient(picture) as tf.Tensor4D
}

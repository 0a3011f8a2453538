/**
 * Everything that a training run changes: both learners, running averages of batch normalisation, the chain's normaliser and move. What is here
 * plus (recipe, seed, step) is a checkpoint; all randomness is a function of seed and step.
 */
import * as tf from '@tensorflow/tfjs-core'
import { Random } from '../domain/random.ts'
import type { Recipe } from '../domain/recipe.ts'
import { initializerShapes, statisticsShapes } from './initializer.ts'
import { Learner, type LearnerTables, lerp } from './learner.ts'
import { GradientNormaliser } from './normaliser.ts'
import { initialiseParameters, type Parameters, type ParameterShapes } from './parameters.ts'
import { copyTensors, type StoredTensors } from './readTensors.ts'
import { solverShapes } from './solver.ts'

/** Weight of the newest batch in the running averages of batch normalisation. */
const STATISTICS_WEIGHT = 0.05

export interface LearningState {
  readonly solver: Learner
  readonly initializer: Learner
  /** Running averages of batch normalisation: `layer/mean`, `layer/variance`. */
  readonly statistics: Record<string, tf.Tensor>
  readonly normaliser: GradientNormaliser
  /** How far a normalised chain moves now; the controller changes it. */
  move: number
  /** Running value gap that the controller steers by. */
  gap: number
}

/** Plain data of a state: tensors as arrays, by name, and a few numbers. */
export interface StoredState {
  readonly tensors: StoredTensors
  readonly solverUpdates: number
  readonly initializerUpdates: number
  readonly gradientScale: number | undefined
  readonly move: number
  readonly gap: number
}

const PARTS = ['parameters', 'first', 'second', 'average'] as const

export function createLearningState(recipe: Recipe, seed: number): LearningState {
  const initialise = (shapes: ParameterShapes, stream: number) =>
    Learner.fresh(initialiseParameters(shapes, new Random(seed, stream)))
  const statistics = Object.entries(statisticsShapes(recipe.initializer)).map(([name, length]) => [
    name,
    name.endsWith('/mean') ? tf.zeros([length]) : tf.ones([length]),
  ])
  return {
    solver: initialise(solverShapes(recipe.solver), 101),
    initializer: initialise(initializerShapes(recipe.initializer), 102),
    statistics: Object.fromEntries(statistics) as Record<string, tf.Tensor>,
    normaliser: new GradientNormaliser({ learning: true }),
    move: recipe.chain.normalised?.move ?? 0,
    gap: 0,
  }
}

/** Copies the whole state out of the engine, as it is at the moment of the call. */
export function storeState(state: LearningState): Promise<StoredState> {
  return storeParts(state, PARTS)
}

/** Copies what sampling needs: the averages, the running statistics, the chain's numbers. */
export function storeWeights(state: LearningState): Promise<StoredState> {
  return storeParts(state, ['average'])
}

async function storeParts(state: LearningState, parts: readonly (typeof PARTS)[number][]): Promise<StoredState> {
  const table: Record<string, tf.Tensor> = {}
  const add = (prefix: string, part: Parameters) => {
    for (const [name, tensor] of Object.entries(part)) table[`${prefix}/${name}`] = tensor
  }
  for (const part of parts) {
    add(`solver.${part}`, state.solver.tables[part])
    add(`initializer.${part}`, state.initializer.tables[part])
  }
  add('statistics', state.statistics)
  // All of one moment: nothing of the state is looked at after the first wait.
  const { move, gap } = state
  const updates = { solverUpdates: state.solver.updates, initializerUpdates: state.initializer.updates }
  const [tensors, gradientScale] = await Promise.all([copyTensors(table), state.normaliser.read()])
  return { tensors, ...updates, gradientScale, move, gap }
}

/**
 * The names and shapes that a stored state of this recipe has, whole or the weights alone; a stranger's file is checked against it.
 */
export function storedShapes(recipe: Recipe, content: 'training' | 'weights'): Record<string, readonly number[]> {
  const parts = content === 'training' ? PARTS : (['average'] as const)
  const learners = { solver: solverShapes(recipe.solver), initializer: initializerShapes(recipe.initializer) }
  const shapes: Record<string, readonly number[]> = {}
  for (const [learner, table] of Object.entries(learners))
    for (const part of parts)
      for (const [name, { shape }] of Object.entries(table)) shapes[`${learner}.${part}/${name}`] = shape
  for (const [name, length] of Object.entries(statisticsShapes(recipe.initializer)))
    shapes[`statistics/${name}`] = [length]
  return shapes
}

/**
 * Puts a stored state on the engine; weights alone can be sampled but not trained. Its shapes must have been checked (storedShapes).
 * @param learning false freezes the chain's normaliser, for sampling
 */
export function restoreState(stored: StoredState, options: { learning: boolean }): LearningState {
  const learner = (name: string, updates: number) => {
    const part = (kind: (typeof PARTS)[number]) => tableUnder(stored, `${name}.${kind}/`)
    const tables: LearnerTables = {
      parameters: part('parameters'),
      first: part('first'),
      second: part('second'),
      average: part('average'),
    }
    return new Learner(tables, updates)
  }
  return {
    solver: learner('solver', stored.solverUpdates),
    initializer: learner('initializer', stored.initializerUpdates),
    statistics: tableUnder(stored, 'statistics/'),
    normaliser: new GradientNormaliser({ scale: stored.gradientScale, learning: options.learning }),
    move: stored.move,
    gap: stored.gap,
  }
}

function tableUnder(stored: StoredState, prefix: string): Record<string, tf.Tensor> {
  const entries = Object.entries(stored.tensors).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(
    entries.map(([name, { data, shape }]) => [name.slice(prefix.length), tf.tensor(data, [...shape])]),
  )
}

export function disposeState(state: LearningState): void {
  state.solver.dispose()
  state.initializer.dispose()
  state.normaliser.dispose()
  tf.dispose(state.statistics)
}

export type Statistics = Record<string, tf.Tensor>

/** A recorder for the batch statistics of one forward pass. */
export function takeStatistics(): {
  taken: Statistics
  record: (layer: string, mean: tf.Tensor1D, variance: tf.Tensor1D) => void
} {
  const taken: Statistics = {}
  return {
    taken,
    record: (layer, mean, variance) => {
      taken[`${layer}/mean`] = tf.keep(tf.clone(mean))
      taken[`${layer}/variance`] = tf.keep(tf.clone(variance))
    },
  }
}

/** Moves the running averages towards what was taken, and frees it. */
export function recordStatistics(state: LearningState, taken: Statistics): void {
  for (const [name, tensor] of Object.entries(taken)) {
    const old = state.statistics[name]
    state.statistics[name] = tf.keep(lerp(old, tensor, STATISTICS_WEIGHT))
    tf.dispose([old, tensor])
  }
}

/** A work made ready on the current engine: tensors in place, one call per run. */
import * as tf from '@tensorflow/tfjs-core'
import type { Batch, Pictures } from '../../domain/picture.ts'
import { Random } from '../../domain/random.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { cooperativeStep } from '../../ebm/cooperativeStep.ts'
import { runChain } from '../../ebm/langevin.ts'
import { createLearningState } from '../../ebm/learningState.ts'
import { GradientNormaliser } from '../../ebm/normaliser.ts'
import { initialiseParameters } from '../../ebm/parameters.ts'
import { solverShapes } from '../../ebm/solver.ts'
import { batchToTensors } from '../batchTensors.ts'
import { drive } from '../drive.ts'
import type { Work } from './works.ts'

const SEED = 1

export interface PreparedWork {
  /** Steps of the work in one run: learning that happens in every n-th step needs n of them. */
  readonly steps: number
  /** Ends when the results are there. */
  run(): Promise<void>
}

/** Tensors live until the process ends. */
export function prepareWork(work: Work): PreparedWork {
  return work.kind === 'langevin' ? prepareLangevin(work) : prepareCooperative(work)
}

function prepareLangevin({ recipe, batch }: Work): PreparedWork {
  const { condition, observed } = batchToTensors(createBatch(recipe, batch), recipe)
  const chain = runChain(
    {
      network: recipe.solver,
      parameters: initialiseParameters(solverShapes(recipe.solver), new Random(SEED)),
      recipe: recipe.chain,
      condition,
      // Whoever measures decides when to stop.
      steps: Number.MAX_SAFE_INTEGER,
      normaliser: new GradientNormaliser({ learning: true }),
    },
    observed,
  )
  return {
    steps: 1,
    async run() {
      const next = chain.next()
      if (!next.done) await finish(next.value.picture)
    },
  }
}

function prepareCooperative({ recipe, batch }: Work): PreparedWork {
  const tensors = batchToTensors(createBatch(recipe, batch), recipe)
  const state = createLearningState(recipe, SEED)
  const { solverRate, initializerRate, initializerEvery: steps } = recipe.learning
  let step = 0
  return {
    steps,
    async run() {
      for (let i = 0; i < steps; i++) {
        const noisy = recipe.chain.noise !== 'off'
        const learning = cooperativeStep({
          ...{ recipe, state, ...tensors, seed: SEED, step: step++, noisy, solverRate, initializerRate },
        })
        tf.dispose(await drive(learning, undefined))
      }
      await finish(Object.values(state.initializer.parameters)[0])
    },
  }
}

/** Engines may answer before they are done; one number read back makes them finish. */
async function finish(result: tf.Tensor): Promise<void> {
  const one = tf.tidy(() => tf.slice(tf.reshape(result, [-1]), 0, 1))
  await one.data()
  one.dispose()
}

/** Pictures of noise: what they show does not change the time. */
function createBatch(recipe: Recipe, count: number): Batch {
  const random = new Random(SEED, 7)
  const draw = (channels: number): Pictures => ({
    ...{ count, height: recipe.size, width: recipe.size, channels },
    data: Float32Array.from({ length: count * recipe.size ** 2 * channels }, () => 2 * random.uniform() - 1),
  })
  const observed = draw(recipe.channels)
  if (recipe.task === 'class')
    return { observed, labels: Int32Array.from({ length: count }, (_, index) => index % recipe.labels.length) }
  return {
    observed,
    condition: draw(recipe.solver.condition.kind === 'picture' ? recipe.solver.condition.channels : 0),
  }
}

/** cooperativeStep() against P1 Algorithm 1 written out line by line from the functions that the reference vectors check. */
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ChainRecipe, LearningRecipe, Recipe } from '../domain/recipe.ts'
import { ALTERNATING, learnAlternating } from './alternating.ts'
import { drawLatent, drawNoise, type Latent } from './condition.ts'
import { cooperativeStep, readMetrics, type StepInputs } from './cooperativeStep.ts'
import { initialize } from './initializer.ts'
import { refine } from './langevin.ts'
import { createLearningState, storeState } from './learningState.ts'
import { chainNoise, randomsOf, STREAMS } from './noise.ts'
import { mappingShift, objectiveShift } from './objectives.ts'
import type { Parameters } from './parameters.ts'
import { runToEnd } from './runToEnd.ts'
import { fakeTensors, requestOf, smallRecipe, useCpu } from './testing.ts'

beforeAll(useCpu)

const BATCH = 4
const papers = {
  class: smallRecipe('paper', requestOf('class')),
  picture: smallRecipe('paper', requestOf('picture')),
  inpaint: smallRecipe('paper', requestOf('inpaint')),
}

function change(recipe: Recipe, chain: Partial<ChainRecipe>, learning: Partial<LearningRecipe> = {}): Recipe {
  return { ...recipe, chain: { ...recipe.chain, ...chain }, learning: { ...recipe.learning, ...learning } }
}

function inputsOf(recipe: Recipe, step = 7): StepInputs {
  const state = createLearningState(recipe, 1)
  return {
    recipe,
    state,
    ...fakeTensors(recipe, BATCH, 2),
    seed: 3,
    step,
    noisy: true,
    solverRate: 0.01,
    initializerRate: 0.01,
  }
}

/** Algorithm 1. `other`: the mapping shift with another latent, or the chain on the solver that has learnt already; both wrong. */
function takeByHand(inputs: StepInputs, other?: 'latent' | 'order'): void {
  const { recipe, state, condition, observed, seed, step } = inputs
  const { learning, initializer } = recipe
  const randoms = (stream: number) => randomsOf(seed, stream, step, BATCH)
  const options = (rate: number, beta2: number) => ({ rate, beta1: learning.beta1, beta2, clip: 0, average: 0 })
  const draw = (parameters: Parameters, latent: Latent) =>
    initialize(initializer, parameters, latent, condition, { kind: 'batch' })
  const solve = (start: tf.Tensor4D) => {
    const noise = chainNoise(randoms(STREAMS.chain), start)
    const { parameters } = state.solver
    return refine({ network: recipe.solver, parameters, recipe: recipe.chain, condition, noise }, start)
  }
  // 1. Initialize by mapping.
  const latent = drawLatent(initializer, randoms(STREAMS.latent))
  const proposed = draw(state.initializer.parameters, latent)
  const residual = tf.mul(drawNoise(proposed, randoms(STREAMS.residual)), learning.residualDeviation)
  const start = learning.residualNoise ? tf.add<tf.Tensor4D>(proposed, residual) : proposed
  // 2. Solve by objective.
  let refined = solve(start)
  // 3. Objective shift.
  const shift = state.solver.differentiate(
    (parameters) => objectiveShift({ network: recipe.solver, condition, observed, refined }, parameters, learning).loss,
  )
  state.solver.update(shift.gradients, options(inputs.solverRate, learning.solverBeta2))
  if (other === 'order') refined = solve(start)
  // 4. Mapping shift, with the latent of 1.
  const same = other === 'latent' ? drawLatent(initializer, randoms(99)) : latent
  const mapping = state.initializer.differentiate((parameters) =>
    mappingShift(draw(parameters, same), refined, observed, learning),
  )
  state.initializer.update(mapping.gradients, options(inputs.initializerRate, learning.initializerBeta2))
}

async function learntBy(recipe: Recipe, take: (inputs: StepInputs) => unknown): Promise<Record<string, number[]>> {
  const inputs = inputsOf(recipe)
  take(inputs)
  const { tensors } = await storeState(inputs.state)
  const learnt = Object.entries(tensors).filter(([name]) => !name.startsWith('statistics'))
  return Object.fromEntries(learnt.map(([name, { data }]) => [name, [...data]]))
}

const take = (inputs: StepInputs) => runToEnd(cooperativeStep(inputs))
const measure = (inputs: StepInputs) => readMetrics(take(inputs))

describe('Algorithm 1', () => {
  it.each<[string, Recipe]>([
    ['class', papers.class],
    ['class, with the residual noise', change(papers.class, {}, { residualNoise: true })],
    ['picture', papers.picture],
  ])('is what a cooperative step does, and the comparison would tell: %s', async (_, small) => {
    // Large enough steps that every part is felt.
    const recipe = change(small, { stepSize: 0.01, noise: 'on' })
    const learnt = await learntBy(recipe, take)
    expect(learnt).toEqual(await learntBy(recipe, (inputs) => takeByHand(inputs)))
    for (const wrong of ['latent', 'order'] as const)
      expect(learnt).not.toEqual(await learntBy(recipe, (inputs) => takeByHand(inputs, wrong)))
  })
})

describe('residual noise', () => {
  // Steps so small that the refined picture is where the chain started.
  const still = (recipe: Recipe, residualNoise: boolean) => change(recipe, { stepSize: 1e-6 }, { residualNoise })

  it.each(['class', 'picture'] as const)(
    'starts the chain sigma away from g, and changes nothing else: %s',
    async (task) => {
      const without = await measure(inputsOf(still(papers[task], false)))
      const noisy = await measure(inputsOf(still(papers[task], true)))
      expect(without.mappingError).toBeLessThan(1e-6)
      // sigma^2 of 768 and more numbers: deviation under 5 %.
      expect(Math.abs(noisy.mappingError / 0.09 - 1)).toBeLessThan(0.15)
      expect(noisy.move).toBeLessThan(1e-3)
      expect(noisy.observedError).toBe(without.observedError)
      expect((await measure(inputsOf(still(papers[task], true), 8))).mappingError).not.toBe(noisy.mappingError)
    },
  )

  it('leaves the observed pixels of inpainting alone', async () => {
    const inputs = inputsOf(still(papers.inpaint, true))
    const share = tf.mean(inputs.condition.mask as tf.Tensor).dataSync()[0]
    // Few numbers are hidden: deviation 10 %.
    expect(Math.abs((await measure(inputs)).mappingError / share / 0.09 - 1)).toBeLessThan(0.35)
  })
})

describe('alternating back-propagation', () => {
  const recipe = smallRecipe('quick', requestOf('class'))

  function infer(seed: number, count = BATCH): Float32Array {
    const inputs = inputsOf(recipe)
    const first = <T extends tf.Tensor>(tensor: T) => tf.slice(tensor, 0, count)
    const latent = drawLatent(recipe.initializer, randomsOf(1, STREAMS.latent, 1, count))
    const label = first(inputs.condition.label as tf.Tensor2D)
    return learnAlternating(
      { ...inputs, seed, observed: first(inputs.observed) },
      { label },
      latent,
    )[0].dataSync<'float32'>()
  }

  it('samples the posterior: noise of the step size enters in every step', () => {
    const [one, two] = [infer(1), infer(2)]
    expect(infer(1)).toEqual(one)
    const squares = one.reduce((sum, value, index) => sum + (value - two[index]) ** 2, 0) / one.length
    // Two independent walks of l steps; 24 numbers, and the posterior pulls a little.
    const expected = 2 * ALTERNATING.steps * ALTERNATING.stepSize ** 2
    expect(squares / expected).toBeGreaterThan(0.4)
    expect(squares / expected).toBeLessThan(2)
  })

  it('infers each picture by itself', () => {
    const [alone, together] = [infer(1, 1), infer(1)]
    expect(Math.max(...alone.map((value, index) => Math.abs(value - together[index])))).toBeLessThan(1e-5)
  })
})

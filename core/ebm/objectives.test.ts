import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import type { SolverNetwork } from '../domain/networks.ts'
import { drawLatent, type Latent, oneHot } from './condition.ts'
import { randomsOf } from './noise.ts'
import { initialize, initializerShapes } from './initializer.ts'
import { Learner, type UpdateOptions } from './learner.ts'
import { mappingShift, type ObjectiveInputs, objectiveShift } from './objectives.ts'
import { solverShapes } from './solver.ts'
import { livelyParameters, randomTensor, requestOf, smallRecipe, useCpu } from './testing.ts'

beforeAll(useCpu)

type Map4 = tf.Tensor4D
const adam: UpdateOptions = { rate: 1e-3, beta1: 0.5, beta2: 0.999, clip: 0, average: 0 }
const number = (tensor: tf.Tensor) => tensor.dataSync()[0]

const networks: [string, SolverNetwork][] = [
  ['class, papers', smallRecipe('paper', requestOf('class')).solver],
  ['class, template', smallRecipe('paper', requestOf('class', { template: true })).solver],
  ['class, quick', smallRecipe('quick', requestOf('class')).solver],
  ['picture, papers', smallRecipe('paper', requestOf('picture')).solver],
  ['picture, quick', smallRecipe('quick', requestOf('picture')).solver],
]

function inputsFor(network: SolverNetwork): ObjectiveInputs {
  const { condition } = network
  return {
    network,
    condition:
      condition.kind === 'picture'
        ? { picture: randomTensor([4, 8, 8, condition.channels], 3) as Map4 }
        : { label: oneHot([0, 1, 2, 0], 3) },
    observed: randomTensor([4, 8, 8, 3], 1, 0.5) as Map4,
    refined: randomTensor([4, 8, 8, 3], 2, 0.5) as Map4,
  }
}

describe.each(networks)('objective shift: %s', (_, network) => {
  it('is zero, with zero gradients, when refined = observed', () =>
    tf.tidy(() => {
      const inputs = inputsFor(network)
      const learner = Learner.fresh(livelyParameters(solverShapes(network), 5))
      const { loss, gradients } = learner.differentiate((parameters) => {
        const shift = objectiveShift({ ...inputs, refined: inputs.observed }, parameters, {
          objective: 'difference',
          valuePenalty: 0,
        })
        expect(number(shift.gap)).toBe(0)
        return shift.loss
      })
      expect(Math.abs(number(loss))).toBe(0)
      const real = learner.differentiate(
        (parameters) => objectiveShift(inputs, parameters, { objective: 'difference', valuePenalty: 0 }).loss,
      )
      for (const [name, gradient] of Object.entries(gradients)) {
        const size = number(tf.max(tf.abs(real.gradients[name])))
        expect(number(tf.max(tf.abs(gradient))), name).toBeLessThanOrEqual(1e-5 * size)
      }
    }))

  it.each(['difference', 'hinge'] as const)('one step of %s raises value(observed) - value(refined)', (objective) =>
    tf.tidy(() => {
      const inputs = inputsFor(network)
      const learner = Learner.fresh(livelyParameters(solverShapes(network), 5))
      const gapNow = () => number(objectiveShift(inputs, learner.parameters, { objective, valuePenalty: 0 }).gap)
      let gap = gapNow()
      for (let step = 0; step < 3; step++) {
        const { gradients } = learner.differentiate(
          (parameters) => objectiveShift(inputs, parameters, { objective, valuePenalty: 0 }).loss,
        )
        learner.update(gradients, adam)
        expect(gapNow()).toBeGreaterThan(gap)
        gap = gapNow()
      }
    }),
  )
})

describe('objective shift', () => {
  const dense = networks[2][1]
  const patch = networks[4][1]

  const options = { objective: 'hinge', valuePenalty: 0 } as const

  it.each([
    ['dense', dense],
    ['patch', patch],
  ])('hinge (%s): 1 at each position and scale where nothing is told apart', (_, network) =>
    tf.tidy(() => {
      const inputs = inputsFor(network)
      const parameters = livelyParameters(solverShapes(network), 5)
      const { loss } = objectiveShift({ ...inputs, refined: inputs.observed }, parameters, options)
      expect(number(loss)).toBeCloseTo(network.scales, 5)
    }),
  )

  it('hinge: zero with zero gradients when told apart by more than 1, else what is missing', () =>
    tf.tidy(() => {
      // One example, the better picture being whichever the network prefers.
      const one = (tensor: tf.Tensor4D) => tf.slice(tensor, [0], [1]) as Map4
      const { observed, refined } = inputsFor(dense)
      const pictures = { observed: one(observed), refined: one(refined) }
      const inputs = { network: { ...dense, outputScale: 1e4 }, condition: { label: oneHot([1], 3) }, ...pictures }
      const learner = Learner.fresh(livelyParameters(solverShapes(dense), 5))
      const prefers = number(objectiveShift(inputs, learner.parameters, options).gap) > 0
      const swapped = { ...inputs, observed: inputs.refined, refined: inputs.observed }
      const [apart, wrong] = prefers ? [inputs, swapped] : [swapped, inputs]
      const { loss, gradients } = learner.differentiate((table) => objectiveShift(apart, table, options).loss)
      expect(number(loss)).toBe(0)
      for (const gradient of Object.values(gradients)) expect(number(tf.max(tf.abs(gradient)))).toBe(0)
      const missing = objectiveShift(wrong, learner.parameters, options)
      expect(number(missing.loss) / (1 - number(missing.gap))).toBeCloseTo(1, 5)
    }))

  it('adds the penalty on squared values', () =>
    tf.tidy(() => {
      const inputs = inputsFor(dense)
      const parameters = livelyParameters(solverShapes(dense), 5)
      const shift = (valuePenalty: number, pictures: Partial<ObjectiveInputs> = {}) =>
        number(objectiveShift({ ...inputs, ...pictures }, parameters, { objective: 'difference', valuePenalty }).loss)
      const added = shift(0.5) - shift(0)
      const alone = (picture: Map4) => shift(0.5, { observed: picture, refined: picture }) / 2
      expect(added).toBeGreaterThan(0)
      expect(added / (alone(inputs.observed) + alone(inputs.refined))).toBeCloseTo(1, 3)
    }))
})

describe('mapping shift', () => {
  const weights = { residualDeviation: 0.3, mappingReduction: 'sum', mappingWeight: 1, observedWeight: 0 } as const

  it('is |refined - g|^2 / (2 sigma^2) per picture, plus the weighted L1 term', () =>
    tf.tidy(() => {
      const [initial, refined, observed] = [1, 2, 3].map((seed) => randomTensor([2, 3, 3, 3], seed) as Map4)
      const [g, y, o] = [initial, refined, observed].map((tensor) => [...tensor.dataSync()])
      const squares = g.reduce((sum, value, index) => sum + (y[index] - value) ** 2, 0)
      const absolute = g.reduce((sum, value, index) => sum + Math.abs(o[index] - value), 0)
      const loss = (change: object) => number(mappingShift(initial, refined, observed, { ...weights, ...change }))
      expect(loss({}) / (squares / 2 / 0.18)).toBeCloseTo(1, 5)
      expect(loss({ mappingReduction: 'mean' }) / (squares / 54 / 0.18)).toBeCloseTo(1, 5)
      expect(
        loss({ mappingWeight: 0.8, observedWeight: 0.2 }) / ((0.8 * squares) / 0.36 + (0.2 * absolute) / 2),
      ).toBeCloseTo(1, 5)
      const mean = { mappingReduction: 'mean', mappingWeight: 0, observedWeight: 0.2 }
      expect(loss(mean) / ((0.2 * absolute) / 54)).toBeCloseTo(1, 5)
    }))

  it.each(['class', 'picture'] as const)('lowers the loss of the same latent with each of two updates (%s)', (task) =>
    tf.tidy(() => {
      const { initializer } = smallRecipe('paper', requestOf(task))
      const condition =
        task === 'class' ? { label: oneHot([0, 1, 2, 0], 3) } : { picture: randomTensor([4, 8, 8, 3], 3) as Map4 }
      const latent: Latent = drawLatent(initializer, randomsOf(1, 2, 3, 4))
      const [refined, observed] = [1, 2].map((seed) => randomTensor([4, 8, 8, 3], seed, 0.5) as Map4)
      const learner = Learner.fresh(livelyParameters(initializerShapes(initializer), 5))
      const recipe = { ...weights, mappingReduction: 'mean', observedWeight: 0.2 } as const
      const losses = [0, 1, 2].map(() => {
        const { loss, gradients } = learner.differentiate((parameters) =>
          mappingShift(
            initialize(initializer, parameters, latent, condition, { kind: 'batch' }),
            refined,
            observed,
            recipe,
          ),
        )
        learner.update(gradients, adam)
        return number(loss)
      })
      expect(losses[1]).toBeLessThan(losses[0])
      expect(losses[2]).toBeLessThan(losses[1])
    }),
  )
})

/** Our numbers against the reference vectors (computed independently in float64), on every engine that is present. */
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClassInitializer, SolverNetwork, UNetInitializer } from '../domain/networks.ts'
import type { ChainRecipe } from '../domain/recipe.ts'
import { type Chain, potentialGradient, prepareChain, scaledPotential, scaledValue } from '../ebm/chain.ts'
import { initialize } from '../ebm/initializer.ts'
import { runChain } from '../ebm/langevin.ts'
import { inferLatent } from '../ebm/latentInference.ts'
import { Learner } from '../ebm/learner.ts'
import { logAcceptance } from '../ebm/metropolis.ts'
import { mappingShift, objectiveShift } from '../ebm/objectives.ts'
import { type GoldenTensor, readGolden, relativeError, toParameters, toTensor } from './goldenFiles.ts'
import { engineUnderTest } from './engineUnderTest.ts'

const FORWARD = 1e-5
const CHAIN = 1e-4
const AFTER_ADAM = 1e-3

const solver: SolverNetwork = {
  size: 8,
  channels: 1,
  convolutions: [
    { kernel: 5, stride: 2, channels: 4 },
    { kernel: 3, stride: 2, channels: 6 },
    { kernel: 3, stride: 1, channels: 8 },
  ],
  activation: 'relu',
  condition: { kind: 'concatenate', labels: 3, scale: 1, joinAt: 2 },
  head: { kind: 'dense', outputs: 5 },
  scales: 1,
  initialisation: 'narrow',
  outputScale: 1,
  units: 'phi',
}
const initializer: ClassInitializer = {
  kind: 'classDecoder',
  latent: 5,
  labels: 3,
  labelScale: 1,
  joinAt: 0,
  layers: [
    { kernel: 2, size: 2, channels: 6 },
    { kernel: 4, size: 4, channels: 4 },
    { kernel: 5, size: 8, channels: 1 },
  ],
  normalisation: 'batch',
  upsampling: 'transposed',
}
const recipeOf = (delta: number, s: number): ChainRecipe => ({
  steps: 3,
  stepSize: delta,
  referenceDeviation: s,
  pull: true,
  noise: 'on',
  metropolis: false,
  bound: 0,
})
const noiseFrom = (noise: GoldenTensor[]) => ({
  normal: (step: number) => toTensor<tf.Rank.R4>(noise[step - 1]),
  uniform: () => tf.tensor1d([]),
})

type Table = Record<string, GoldenTensor>
interface LangevinFile {
  s: number
  delta: number
  parameters: Table
  picture: GoldenTensor
  condition: GoldenTensor
  phi: GoldenTensor
  phiGradient: GoldenTensor
  value: GoldenTensor
  noise: GoldenTensor[]
  mask: GoldenTensor
  withoutNoise: GoldenTensor[]
  withNoise: GoldenTensor[]
  maskedWithNoise: GoldenTensor[]
}

const engine = await engineUnderTest()

describe.runIf(engine)(`reference vectors on ${engine?.kind}`, () => {
  beforeAll(() => {
    tf.engine().startScope()
  })
  afterAll(() => {
    tf.engine().endScope()
    engine?.close()
  })

  describe('Langevin chain', () => {
    const file = readGolden<LangevinFile>('langevin.json')
    const chainOf = (extra: Partial<Chain> = {}): Chain => ({
      network: solver,
      parameters: toParameters(file.parameters),
      recipe: recipeOf(file.delta, file.s),
      condition: { label: toTensor(file.condition) },
      ...extra,
    })
    const follow = async (chain: Chain, expected: GoldenTensor[]) => {
      const errors: number[] = [await relativeError(toTensor(file.picture), expected[0])]
      for (const { picture } of runChain(chain, toTensor(file.picture)))
        errors.push(await relativeError(picture, expected[errors.length]))
      expect(errors).toHaveLength(expected.length)
      return Math.max(...errors)
    }

    it('computes phi, its gradient and the value', async () => {
      const chain = chainOf()
      const prepared = prepareChain(chain)
      const picture = toTensor<tf.Rank.R4>(file.picture)
      const s2 = file.s ** 2
      expect(await relativeError(tf.div(scaledPotential(chain, prepared, picture), s2), file.phi)).toBeLessThan(FORWARD)
      expect(
        await relativeError(tf.div(potentialGradient(chain, prepared, picture), s2), file.phiGradient),
      ).toBeLessThan(FORWARD)
      expect(await relativeError(tf.div(scaledValue(chain, prepared, picture), s2), file.value)).toBeLessThan(FORWARD)
    })

    it('follows the chain without noise, with the given noise, and under a mask', async () => {
      const noise = noiseFrom(file.noise)
      expect(await follow(chainOf(), file.withoutNoise)).toBeLessThan(CHAIN)
      expect(await follow(chainOf({ noise }), file.withNoise)).toBeLessThan(CHAIN)
      const condition = { label: toTensor<tf.Rank.R2>(file.condition), mask: toTensor<tf.Rank.R4>(file.mask) }
      expect(await follow(chainOf({ noise, condition }), file.maskedWithNoise)).toBeLessThan(CHAIN)
    })

    it('computes the acceptance probability of a proposal', async () => {
      const { proposal, logAcceptance: expected } = readGolden<{ proposal: GoldenTensor; logAcceptance: GoldenTensor }>(
        'metropolis.json',
      )
      const chain = chainOf()
      const prepared = prepareChain(chain)
      const from = toTensor<tf.Rank.R4>(file.picture)
      const actual = logAcceptance(chain, prepared, from, potentialGradient(chain, prepared, from), toTensor(proposal))
      expect(await relativeError(actual, expected)).toBeLessThan(CHAIN)
    })
  })

  it('takes the cooperative step', async () => {
    const file = readGolden<{
      s: number
      delta: number
      sigma: number
      beta1: number
      beta2: number
      solverRate: number
      initializerRate: number
      latent: GoldenTensor
      condition: GoldenTensor
      observed: GoldenTensor
      noise: GoldenTensor[]
      solver: Table
      initializer: Table
      initial: GoldenTensor
      refined: GoldenTensor
      solverLoss: number
      solverGradient: Table
      solverAfter: Table
      initializerLoss: number
      initializerGradient: Table
      initializerAfter: Table
    }>('cooperative-step.json')
    const condition = { label: toTensor<tf.Rank.R2>(file.condition) }
    const latent = [toTensor(file.latent)]
    const observed = toTensor<tf.Rank.R4>(file.observed)
    const solving = Learner.fresh(toParameters(file.solver))
    const initializing = Learner.fresh(toParameters(file.initializer))
    const draw = (parameters: Readonly<Record<string, tf.Tensor>>) =>
      initialize(initializer, parameters, latent, condition, { kind: 'batch' })

    const initial = draw(initializing.parameters)
    expect(await relativeError(initial, file.initial)).toBeLessThan(FORWARD)
    const recipe = recipeOf(file.delta, file.s)
    const chain: Chain = {
      network: solver,
      parameters: solving.parameters,
      recipe,
      condition,
      noise: noiseFrom(file.noise),
    }
    let refined = initial
    for (const { picture } of runChain(chain, initial)) refined = tf.clone(picture)
    expect(await relativeError(refined, file.refined)).toBeLessThan(CHAIN)

    const inputs = { network: solver, condition, observed, refined }
    const shift = solving.differentiate(
      (parameters) => objectiveShift(inputs, parameters, { objective: 'difference', valuePenalty: 0 }).loss,
    )
    const reference = (picture: tf.Tensor4D) => numberOf(tf.mean(tf.sum(tf.square(picture), [1, 2, 3])))
    const references = (await reference(observed)) - (await reference(refined))
    const solverLoss = (await numberOf(shift.loss)) + references / (2 * file.s ** 2)
    expect(Math.abs(solverLoss / file.solverLoss - 1)).toBeLessThan(CHAIN)
    await compareTables(shift.gradients, file.solverGradient, CHAIN)
    solving.update(shift.gradients, {
      rate: file.solverRate,
      beta1: file.beta1,
      beta2: file.beta2,
      clip: 0,
      average: 0,
    })
    await compareAfterAdam(solving.parameters, file.solverAfter, file.solverGradient, file.solverRate)

    const mapping = initializing.differentiate((parameters) =>
      mappingShift(draw(parameters), refined, observed, {
        residualDeviation: file.sigma,
        mappingReduction: 'sum',
        mappingWeight: 1,
        observedWeight: 0,
      }),
    )
    expect(Math.abs((await numberOf(mapping.loss)) / file.initializerLoss - 1)).toBeLessThan(CHAIN)
    await compareTables(mapping.gradients, file.initializerGradient, CHAIN)
    initializing.update(mapping.gradients, {
      rate: file.initializerRate,
      beta1: file.beta1,
      beta2: file.beta2,
      clip: 0,
      average: 0,
    })
    await compareAfterAdam(
      initializing.parameters,
      file.initializerAfter,
      file.initializerGradient,
      file.initializerRate,
    )
  })

  it('infers the latent, and the latent with an unknown label', async () => {
    const file = readGolden<{
      sigma: number
      step: number
      observed: GoldenTensor
      condition: GoldenTensor
      latentNoise: GoldenTensor[]
      logitNoise: GoldenTensor[]
      latents: GoldenTensor[]
      unknownLabel: { latents: GoldenTensor[]; logits: GoldenTensor[] }
    }>('latent-inference.json')
    const { initializer: table } = readGolden<{ initializer: Table }>('cooperative-step.json')
    const inference = {
      network: initializer,
      parameters: toParameters(table),
      mode: { kind: 'batch' } as const,
      observed: toTensor<tf.Rank.R4>(file.observed),
      residualDeviation: file.sigma,
      stepSize: file.step,
      steps: file.latents.length - 1,
      noise: {
        latent: (step: number) => toTensor<tf.Rank.R2>(file.latentNoise[step - 1]),
        logits: (step: number) => toTensor<tf.Rank.R2>(file.logitNoise[step - 1]),
      },
    }
    let step = 0
    for (const { latent } of inferLatent(inference, { latent: toTensor(file.latents[0]) }, toTensor(file.condition)))
      expect(await relativeError(latent, file.latents[++step])).toBeLessThan(CHAIN)
    expect(step).toBe(file.latents.length - 1)
    const { latents, logits } = file.unknownLabel
    step = 0
    for (const state of inferLatent(inference, { latent: toTensor(latents[0]), logits: toTensor(logits[0]) })) {
      step++
      expect(await relativeError(state.latent, latents[step])).toBeLessThan(CHAIN)
      if (state.logits === undefined) throw new Error('the logits are missing')
      expect(await relativeError(state.logits, logits[step])).toBeLessThan(CHAIN)
    }
    expect(step).toBe(latents.length - 1)
  })

  it('draws and learns picture to picture', async () => {
    const file = readGolden<{
      sigma: number
      condition: GoldenTensor
      keep: GoldenTensor[]
      initializer: Table
      initial: GoldenTensor
      refinedTarget: GoldenTensor
      observed: GoldenTensor
      loss: number
      gradient: Table
      solver: Table
      picture: GoldenTensor
      solverCondition: GoldenTensor
      phi: GoldenTensor
      phiGradient: GoldenTensor
    }>('image-to-image.json')
    const uNet: UNetInitializer = {
      kind: 'uNet',
      size: 16,
      conditionChannels: 3,
      channels: [4, 6, 6],
      outputChannels: 3,
      latent: 'dropout',
      dropout: 0.5,
      dropoutLayers: 2,
      normalisation: 'batch',
      normaliseBottleneck: false,
      upsampling: 'transposed',
    }
    const learner = Learner.fresh(toParameters(file.initializer))
    const latent = file.keep.map((mask) => toTensor(mask))
    const condition = { picture: toTensor<tf.Rank.R4>(file.condition) }
    const draw = (parameters: Readonly<Record<string, tf.Tensor>>) =>
      initialize(uNet, parameters, latent, condition, { kind: 'batch' })
    expect(await relativeError(draw(learner.parameters), file.initial)).toBeLessThan(FORWARD)
    const { loss, gradients } = learner.differentiate((parameters) =>
      mappingShift(draw(parameters), toTensor(file.refinedTarget), toTensor(file.observed), {
        residualDeviation: file.sigma,
        mappingReduction: 'mean',
        mappingWeight: 0.8,
        observedWeight: 0.2,
      }),
    )
    expect(Math.abs((await numberOf(loss)) / file.loss - 1)).toBeLessThan(FORWARD)
    await compareTables(gradients, file.gradient, FORWARD)

    const chain: Chain = {
      network: { ...solver, channels: 3, activation: 'leakyRelu', condition: { kind: 'picture', channels: 3 } },
      parameters: toParameters(file.solver),
      recipe: recipeOf(1, 1),
      condition: { picture: toTensor(file.solverCondition) },
    }
    const prepared = prepareChain(chain)
    expect(await relativeError(scaledPotential(chain, prepared, toTensor(file.picture)), file.phi)).toBeLessThan(
      FORWARD,
    )
    expect(
      await relativeError(potentialGradient(chain, prepared, toTensor(file.picture)), file.phiGradient),
    ).toBeLessThan(FORWARD)
  })
})

/**
 * Every array within `tolerance` of its own largest value. A bias before a normalisation has no effect, so its gradient is rounding noise: such
 * arrays are measured against the largest of their kind instead.
 */
async function compareTables(
  actual: Readonly<Record<string, tf.Tensor>>,
  expected: Table,
  tolerance: number,
): Promise<void> {
  const overall = Math.max(...Object.values(expected).map(largestOf))
  expect(Object.keys(actual)).toHaveLength(Object.keys(expected).length)
  for (const [name, value] of Object.entries(expected)) {
    const own = largestOf(value)
    const scale = own > 1e-6 * overall ? 1 : own / overall
    const error = (await relativeError(actual[name.replace(/^norm/, 'deconv')], value)) * scale
    expect(error, name).toBeLessThan(tolerance)
  }
}

/**
 * Parameters after one Adam step. Adam divides the gradient by its own size, so where a gradient is rounding noise its step may have either sign: there
 * the step is only bounded by the rate.
 */
async function compareAfterAdam(
  actual: Readonly<Record<string, tf.Tensor>>,
  expected: Table,
  gradients: Table,
  rate: number,
): Promise<void> {
  const scale = Math.max(...Object.values(gradients).map(largestOf))
  for (const [name, value] of Object.entries(expected)) {
    const numbers = await actual[name.replace(/^norm/, 'deconv')].data()
    value.data.forEach((number, index) => {
      const isNoise = Math.abs(gradients[name].data[index]) < 1e-6 * scale
      const allowed = isNoise ? 2.001 * rate : AFTER_ADAM * largestOf(value)
      expect(Math.abs(numbers[index] - number), `${name} ${index}`).toBeLessThan(allowed)
    })
  }
}

async function numberOf(scalar: tf.Tensor): Promise<number> {
  return (await scalar.data())[0]
}

function largestOf({ data }: GoldenTensor): number {
  return data.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}

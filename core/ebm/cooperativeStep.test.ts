import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ChainRecipe, LearningRecipe, Recipe } from '../domain/recipe.ts'
import { cooperativeStep, readMetrics, type StepInputs, type StepMetrics } from './cooperativeStep.ts'
import {
  createLearningState,
  disposeState,
  type LearningState,
  restoreState,
  storedShapes,
  storeState,
} from './learningState.ts'
import { preludeStep } from './preludeStep.ts'
import { takeNumbers } from './readTensors.ts'
import { drawInitial, interpolatePictures, latentOf, samplingChain } from './sampling.ts'
import { refine, runChain } from './langevin.ts'
import { runToEnd } from './runToEnd.ts'
import { fakeTensors, requestOf, smallRecipe, useCpu } from './testing.ts'

beforeAll(useCpu)

type Changes = { chain?: Partial<ChainRecipe>; learning?: Partial<LearningRecipe> }

function recipeWith(recipe: Recipe, { chain, learning }: Changes = {}): Recipe {
  return { ...recipe, chain: { ...recipe.chain, ...chain }, learning: { ...recipe.learning, ...learning } }
}

const quick = { class: smallRecipe('quick', requestOf('class')), picture: smallRecipe('quick', requestOf('picture')) }
const forms: [string, Recipe][] = [
  ['class, papers (batch normalisation, late label)', smallRecipe('paper', requestOf('class'))],
  ['class, papers 28x28 (early label)', smallRecipe('paper', requestOf('class', { size: 28, channels: 1 }))],
  ['class, template', smallRecipe('paper', requestOf('class', { template: true }))],
  ['class, studio', smallRecipe('studio', requestOf('class'))],
  [
    'class, alternating back-propagation',
    recipeWith(quick.class, { learning: { initializerLearning: 'alternating' } }),
  ],
  ['class, label dropout', recipeWith(quick.class, { learning: { labelDropout: 0.5 } })],
  ['class, Metropolis', recipeWith(smallRecipe('paper', requestOf('class')), { chain: { metropolis: true } })],
  ['class, value penalty and bound', recipeWith(quick.class, { learning: { valuePenalty: 0.1 } })],
  ['picture, papers', smallRecipe('paper', requestOf('picture'))],
  ['picture, papers with 100 outputs', smallRecipe('paper', requestOf('picture', { outputs: 100 }))],
  ['picture, naive U-Net', smallRecipe('paper', requestOf('picture', { naive: true }))],
  ['picture, studio', smallRecipe('studio', requestOf('picture', { conditionChannels: 1 }))],
  ['picture, quick', quick.picture],
  ['inpaint, papers', smallRecipe('paper', requestOf('inpaint'))],
  ['inpaint, quick', smallRecipe('quick', requestOf('inpaint'))],
]

interface Run {
  recipe: Recipe
  state: LearningState
  batch?: number
}

function inputsOf({ recipe, state, batch = 8 }: Run, step: number, changes: Partial<StepInputs> = {}): StepInputs {
  const { solverRate, initializerRate } = recipe.learning
  return {
    recipe,
    state,
    ...fakeTensors(recipe, batch, step),
    seed: 3,
    step,
    noisy: recipe.chain.noise !== 'off',
    solverRate,
    initializerRate,
    ...changes,
  }
}

function take(inputs: StepInputs): Promise<StepMetrics> {
  const measured = runToEnd(cooperativeStep(inputs))
  tf.dispose([inputs.observed, inputs.condition as tf.TensorContainerObject])
  return readMetrics(measured)
}

describe.each(forms)('cooperative step: %s', (_, recipe) => {
  it('learns from 8 pictures: finite metrics, both networks change, no tensor is left', async () => {
    const before = tf.memory().numTensors
    const state = createLearningState(recipe, 1)
    const start = await storeState(state)
    const metrics: StepMetrics[] = []
    let settled = 0
    for (let step = 0; step < 4; step++) {
      metrics.push(await take(inputsOf({ recipe, state }, step)))
      // The normaliser's scale comes with the first step.
      if (step === 0) settled = tf.memory().numTensors
      expect(tf.memory().numTensors).toBe(settled)
    }
    for (const metric of metrics)
      for (const [name, value] of Object.entries(metric)) expect(Number.isFinite(value), name).toBe(true)
    for (const { move, mappingError, observedError, saturation } of metrics) {
      expect(move).toBeGreaterThan(0)
      expect(mappingError).toBeGreaterThan(0)
      expect(observedError).toBeGreaterThan(0)
      expect(saturation).toBeLessThanOrEqual(1)
    }
    const end = await storeState(state)
    for (const [name, { data }] of Object.entries(end.tensors)) {
      expect(data.every(Number.isFinite), name).toBe(true)
      if (/^(solver|initializer)\.parameters/.test(name) && !/bias|label/.test(name))
        expect([...data].join() === [...start.tensors[name].data].join(), name).toBe(false)
    }
    const shapes = Object.entries(end.tensors).map(([name, { shape }]) => [name, [...shape]])
    expect(Object.fromEntries(shapes)).toEqual(storedShapes(recipe, 'training'))
    expect(end.solverUpdates).toBe(4)
    expect(end.initializerUpdates).toBe(4 / recipe.learning.initializerEvery)
    disposeState(state)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('left in the middle: every tensor is freed and nothing has changed', async () => {
    const state = createLearningState(recipe, 1)
    await take(inputsOf({ recipe, state }, 0))
    const start = await storeState(state)
    const inputs = inputsOf({ recipe, state }, 1)
    const before = tf.memory().numTensors
    const cancelled = cooperativeStep(inputs)
    cancelled.next()
    cancelled.next()
    expect(tf.memory().numTensors).toBeGreaterThan(before)
    expect(() => cancelled.throw(new Error('cancelled'))).toThrow('cancelled')
    expect(tf.memory().numTensors).toBe(before)
    const broken = cooperativeStep(inputs)
    broken.next()
    for (const turn of broken) if (turn?.step === 2) break
    expect(tf.memory().numTensors).toBe(before)
    expect(await storeState(state)).toEqual(start)
    tf.dispose([inputs.observed, inputs.condition as tf.TensorContainerObject])
    disposeState(state)
  })
})

describe('cooperative step', () => {
  it('yields every Langevin step, and between the other parts', () => {
    const state = createLearningState(quick.class, 1)
    const turns = [...cooperativeStep(inputsOf({ recipe: quick.class, state }, 0))]
    expect(turns.map((turn) => turn?.step)).toEqual([undefined, 1, 2, 3, undefined, undefined])
  })

  it.each([0, 1, 3, 4, 5])('left after %d turns, it frees every tensor and has changed nothing', async (turns) => {
    const state = createLearningState(quick.class, 1)
    await take(inputsOf({ recipe: quick.class, state }, 0))
    const start = await storeState(state)
    const inputs = inputsOf({ recipe: quick.class, state }, 1)
    const before = tf.memory().numTensors
    const run = cooperativeStep(inputs)
    for (let turn = 0; turn <= turns; turn++) run.next()
    expect(() => run.throw(new Error('cancelled'))).toThrow('cancelled')
    expect(tf.memory().numTensors).toBe(before)
    expect(await storeState(state)).toEqual(start)
  })

  it('is the same for the same seed and step, and another for others', async () => {
    const metricsOf = (seed: number, step: number) => {
      const recipe = smallRecipe('paper', requestOf('class'))
      const state = createLearningState(recipe, 1)
      const inputs = { ...inputsOf({ recipe, state }, step), ...fakeTensors(recipe, 8, 1), seed }
      return take(inputs)
    }
    const metrics = await metricsOf(1, 5)
    expect(await metricsOf(1, 5)).toEqual(metrics)
    expect(await metricsOf(2, 5)).not.toEqual(metrics)
    expect(await metricsOf(1, 6)).not.toEqual(metrics)
  })

  it('reports what its names say', async () => {
    // Rates of zero: the networks stay, so the numbers can be computed again.
    const recipe = recipeWith(quick.class)
    const state = createLearningState(recipe, 1)
    const inputs = inputsOf({ recipe, state }, 0, { solverRate: 0, initializerRate: 0 })
    const observed = [...inputs.observed.dataSync()]
    const metrics = await take(inputs)
    const again = await take(inputsOf({ recipe, state }, 0, { solverRate: 0, initializerRate: 0 }))
    expect(again).toEqual(metrics)
    expect(metrics.mappingError / metrics.move ** 2).toBeCloseTo(1, 4)
    const mean = observed.reduce((sum, value) => sum + Math.abs(value), 0) / observed.length
    // A fresh initializer draws nearly grey.
    expect(Math.abs(metrics.observedError - mean)).toBeLessThan(0.1)
  })

  it('measures the move of inpainting over hidden pixels only', async () => {
    const recipe = smallRecipe('quick', requestOf('inpaint'))
    const state = createLearningState(recipe, 1)
    const inputs = inputsOf({ recipe, state }, 0)
    const share = tf.mean(inputs.condition.mask as tf.Tensor).dataSync()[0]
    const { move, mappingError } = await take(inputs)
    expect(mappingError / share / move ** 2).toBeCloseTo(1, 4)
  })

  it('hides the share of labels that the recipe says', async () => {
    const labelsSeen = async (labelDropout: number) => {
      const recipe = recipeWith(quick.class, { chain: { steps: 1 }, learning: { labelDropout } })
      let seen = 0
      for (let step = 0; step < 40; step++) {
        // One picture and a state without momentum: its label's weights move only when the label was seen.
        const state = createLearningState(recipe, 1)
        const start = [...state.solver.parameters['label/kernel'].dataSync()]
        await take(inputsOf({ recipe, state, batch: 1 }, step))
        if (state.solver.parameters['label/kernel'].dataSync().some((value, index) => value !== start[index])) seen++
        disposeState(state)
      }
      return seen
    }
    expect(await labelsSeen(0)).toBe(40)
    // 10 of 40 with a deviation of 2.7.
    const seen = await labelsSeen(0.75)
    expect(seen).toBeGreaterThan(2)
    expect(seen).toBeLessThan(18)
  })

  it('lets the initializer lag where the recipe says so', async () => {
    const recipe = recipeWith(quick.picture, { learning: { initializerEvery: 3 } })
    const state = createLearningState(recipe, 1)
    for (let step = 0; step < 7; step++) await take(inputsOf({ recipe, state, batch: 2 }, step))
    expect([state.solver.updates, state.initializer.updates]).toEqual([7, 3])
  })

  it('needs labels for alternating back-propagation', () => {
    const recipe = recipeWith(quick.picture, { learning: { initializerLearning: 'alternating' } })
    const state = createLearningState(recipe, 1)
    expect(() => take(inputsOf({ recipe, state, batch: 2 }, 0))).toThrow('needs a latent vector and labels')
  })
})

describe('prelude step', () => {
  it.each([
    ['group normalisation', quick.picture],
    [
      'batch normalisation',
      { ...quick.picture, initializer: { ...quick.picture.initializer, normalisation: 'batch' } } as Recipe,
    ],
  ])('lowers the L1 error and leaves the solver alone (%s)', async (_, recipe) => {
    const state = createLearningState(recipe, 1)
    const solver = Object.values(state.solver.parameters).map((tensor) => tensor.id)
    const inputs = inputsOf({ recipe, state, batch: 3 }, 0)
    const owned = tf.memory().numTensors
    const errors: number[] = []
    for (let step = 0; step < 12; step++)
      errors.push(...(await takeNumbers(preludeStep({ ...inputs, step, initializerRate: 0.002 }))))
    expect(errors[11]).toBeLessThan(0.95 * errors[0])
    expect(tf.memory().numTensors).toBe(owned)
    expect(Object.values(state.solver.parameters).map((tensor) => tensor.id)).toEqual(solver)
    expect(state.initializer.updates).toBe(12)
  })
})

describe('stored state', () => {
  it.each([
    ['class, papers', smallRecipe('paper', requestOf('class'))],
    ['picture, quick', quick.picture],
  ])('goes on exactly where it stopped: %s', async (_, recipe) => {
    const whole = createLearningState(recipe, 1)
    for (let step = 0; step < 5; step++) await take(inputsOf({ recipe, state: whole }, step))
    const first = createLearningState(recipe, 1)
    for (let step = 0; step < 2; step++) await take(inputsOf({ recipe, state: first }, step))
    first.move = 0.123456789
    first.gap = 1 / 3
    const stored = structuredClone(await storeState(first))
    disposeState(first)
    const second = restoreState(stored, { learning: true })
    expect([second.move, second.gap]).toEqual([0.123456789, 1 / 3])
    second.move = whole.move
    second.gap = whole.gap
    for (let step = 2; step < 5; step++) await take(inputsOf({ recipe, state: second }, step))
    expect(await storeState(second)).toEqual(await storeState(whole))
  })
})

describe('sampling beside training', () => {
  it.each(['class', 'picture'] as const)('never teaches the run anything (%s)', async (task) => {
    const recipe = quick[task]
    const state = createLearningState(recipe, 1)
    const sample = () => {
      const { condition, observed } = fakeTensors(recipe, 2, 50)
      const initial = drawInitial({ recipe, state }, latentOf({ recipe, state }, [1, 2]), condition)
      return refine(samplingChain({ recipe, state }, condition, [1, 2], observed), initial)
    }
    // Before the first step as well.
    const fresh = await storeState(state)
    expect(sample().dataSync().every(Number.isFinite)).toBe(true)
    expect(await storeState(state)).toEqual(fresh)
    await take(inputsOf({ recipe, state }, 0))
    const taught = await storeState(state)
    expect([...sample().dataSync()]).toEqual([...sample().dataSync()])
    expect(await storeState(state)).toEqual(taught)
  })

  it('may run between the Langevin steps of a training step', async () => {
    const recipe = quick.picture
    const [state, undisturbed] = [createLearningState(recipe, 1), createLearningState(recipe, 1)]
    for (const each of [state, undisturbed]) await take(inputsOf({ recipe, state: each }, 0))
    const run = cooperativeStep(inputsOf({ recipe, state }, 1))
    const { condition, observed } = fakeTensors(recipe, 1, 50)
    const preview = runChain(samplingChain({ recipe, state }, condition, [1], observed), observed)
    for (let turn = run.next(); !turn.done; turn = run.next()) if (turn.value) expect(preview.next().done).toBe(false)
    preview.return(observed)
    await take(inputsOf({ recipe, state: undisturbed }, 1))
    expect(await storeState(state)).toEqual(await storeState(undisturbed))
  })

  it.each([
    ['picture', smallRecipe('quick', requestOf('picture'))],
    ['picture, papers', smallRecipe('paper', requestOf('picture'))],
    ['naive', smallRecipe('paper', requestOf('picture', { naive: true }))],
    ['inpaint', smallRecipe('quick', requestOf('inpaint'))],
  ])('interpolation ends are the plain drawings of both conditions: %s', (_, recipe) => {
    const model = { recipe, state: createLearningState(recipe, 1) }
    const [from, to] = [1, 2].map((seed) => fakeTensors(recipe, 1, seed).condition)
    if (from.mask) Object.assign(to, { mask: from.mask })
    const before = tf.memory().numTensors
    const { initial, condition } = interpolatePictures(model, from, to, 7, [0, 0.5, 1])
    const plain = [from, to].map((end) => drawInitial(model, latentOf(model, [7]), end).dataSync())
    const drawn = initial.dataSync()
    const size = drawn.length / 3
    const worst = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Math.max(...Array.from(a, (value, index) => Math.abs(value - b[index])))
    expect(worst(drawn.subarray(0, size), plain[0])).toBeLessThan(1e-5)
    expect(worst(drawn.subarray(2 * size), plain[1])).toBeLessThan(1e-5)
    expect(worst(drawn.subarray(size, 2 * size), plain[0])).toBeGreaterThan(1e-4)
    const refined = refine(samplingChain(model, condition, [7, 7, 7], initial), initial)
    expect(refined.shape[0]).toBe(3)
    tf.dispose([initial, condition as tf.TensorContainerObject, refined])
    expect(from.picture?.isDisposed).toBe(false)
    expect(from.mask?.isDisposed ?? false).toBe(false)
    // The two latents of the plain drawings and the drawings themselves are this test's.
    expect(tf.memory().numTensors - before).toBe(2 + 2 * latentOf(model, [7]).length)
  })

  it('interpolates only between condition pictures', () => {
    const model = { recipe: quick.class, state: createLearningState(quick.class, 1) }
    expect(() => interpolatePictures(model, {}, {}, 1, [0])).toThrow('needs two condition pictures')
  })
})

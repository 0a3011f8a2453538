import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Batch, createPictures, type Pictures } from '../../domain/picture.ts'
import type { Recipe, TaskKind } from '../../domain/recipe.ts'
import { createRecipe } from '../../domain/recipes/createRecipe.ts'
import { createLearningState, disposeState } from '../../ebm/learningState.ts'
import type { Model } from '../../ebm/sampling.ts'
import { composeSheet } from '../../evaluation/sheet.ts'
import { engineUnderTest } from '../engineUnderTest.ts'
import { type Classifier, disposeClassifier } from './classifier.ts'
import { evaluateModel } from './evaluateModel.ts'
import { type EvaluationReport, formatEvaluation, type Subject } from './evaluationReport.ts'
import { type PreparedScore, prepareScore, scoreModel } from './scoreModel.ts'
import { stripes } from './testing/stripes.ts'
import { trainClassifier } from './trainClassifier.ts'

const engine = await engineUnderTest()
const size = 32

/** Tiny networks, few steps; an initializer that is not trained, so `initial` is nearly grey. */
function tinyModel(task: TaskKind): Model {
  const labels = task === 'class' ? ['upright', 'lying'] : []
  const full = createRecipe('quick', { task, size, channels: 1, labels })
  const network = full.initializer
  const initializer =
    network.kind === 'uNet'
      ? { ...network, channels: [4, 4, 4], dropoutLayers: 1 }
      : {
          ...network,
          layers: network.layers.map((layer, i, all) => ({ ...layer, channels: i < all.length - 1 ? 8 : 1 })),
        }
  const convolutions = full.solver.convolutions.map((convolution) => ({ ...convolution, channels: 4 }))
  const recipe: Recipe = { ...full, initializer, solver: { ...full.solver, convolutions } }
  return { recipe, state: createLearningState(recipe, 3) }
}

async function prepared({ recipe }: Pick<Model, 'recipe'>, heldOut: Batch): Promise<PreparedScore> {
  const score = await prepareScore(recipe, heldOut)
  if (score === undefined) throw new Error('there are too few examples')
  return score
}

const centre: Pictures = { ...createPictures(8, size, size, 1) }
centre.data.forEach((_, i) => {
  const [row, column] = [Math.floor(i / size) % size, i % size]
  centre.data[i] = row >= 8 && row < 24 && column >= 8 && column < 24 ? 1 : 0
})

const valueOf = ({ measures }: EvaluationReport, name: string, subject: Subject) =>
  measures.find((measure) => measure.name === name)?.values[subject]
const numbersOf = ({ measures }: EvaluationReport) => measures.flatMap(({ values }) => Object.values(values))

describe.runIf(engine)(`evaluateModel on ${engine?.kind}`, () => {
  let classifier: Classifier
  const models: Model[] = []
  const modelOf = (task: TaskKind) => {
    const model = tinyModel(task)
    models.push(model)
    return model
  }
  beforeAll(async () => {
    classifier = await trainClassifier({
      size,
      channels: 1,
      classes: 2,
      seed: 1,
      steps: 30,
      batches: { stepsPerEpoch: 5, read: (step) => Promise.resolve(stripes(16, step, { size })) },
    })
  })
  afterAll(() => {
    models.forEach(({ state }) => disposeState(state))
    disposeClassifier(classifier)
    engine?.close()
  })

  describe('classes', () => {
    const heldOut = stripes(60, 1000, { size })
    const training = stripes(40, 2000, { size })

    it('measures every kind of pictures, in finite numbers, and the same when asked again', async () => {
      const options = { model: modelOf('class'), heldOut, training, classifier, samples: 30, twice: true, parzen: true }
      const shares: number[] = []
      const { report, sheet } = await evaluateModel({ ...options, onProgress: (share) => shares.push(share) })
      expect(numbersOf(report).every(Number.isFinite)).toBe(true)
      expect(JSON.parse(JSON.stringify(report))).toEqual(report)
      expect(report.counts).toEqual({ samples: 30, heldOut: 60, training: 30 })
      expect(report.classifierAccuracy).toBeGreaterThan(0.95)
      expect(shares).toEqual(shares.toSorted((a, b) => a - b))
      expect(shares.at(-1)).toBeCloseTo(1)
      expect(sheet.map(({ label }) => label)).toEqual(['initial', 'refined', 'refined 2l', 'observed'])
      expect(composeSheet(sheet).width).toBeGreaterThan(0)
      const before = tf.memory().numTensors
      expect((await evaluateModel(options)).report).toEqual(report)
      expect(tf.memory().numTensors).toBe(before)
    })

    it('finds real pictures near, noise and grey samples far, and the observed ones at no distance', async () => {
      const { report } = await evaluateModel({ model: modelOf('class'), heldOut, training, classifier, samples: 30 })
      const distance = (subject: Subject) => valueOf(report, 'frechetDistance', subject) ?? NaN
      expect(distance('observed')).toBeCloseTo(0, 4)
      expect(distance('noise')).toBeGreaterThan(3 * distance('training'))
      expect(distance('initial')).toBeGreaterThan(3 * distance('training'))
      expect(valueOf(report, 'classAccuracy', 'training')).toBeGreaterThan(0.9)
      expect(valueOf(report, 'classAccuracy', 'noise')).toBeUndefined()
      expect(valueOf(report, 'parzenLogLikelihood', 'refined')).toBeUndefined()
    })

    it('refuses what cannot be measured', async () => {
      const options = { model: modelOf('class'), heldOut, training, classifier }
      await expect(evaluateModel({ ...options, classifier: undefined })).rejects.toThrow('with a classifier')
      await expect(evaluateModel({ ...options, samples: 1 })).rejects.toThrow('not 1')
      const unlabelled = { observed: heldOut.observed }
      await expect(evaluateModel({ ...options, heldOut: unlabelled })).rejects.toMatchObject({ code: 'mismatch' })
    })
  })

  describe('pictures', () => {
    const { observed } = stripes(8, 1000, { size })
    const training: Batch = { observed: stripes(8, 2000, { size }).observed }
    const tasks: [TaskKind, Batch, string][] = [
      ['picture', { observed, condition: stripes(8, 1000, { size, noise: 0 }).observed }, 'the whole picture'],
      ['inpaint', { observed, mask: centre }, 'the hidden 16x16 region'],
    ]

    it.each(tasks)('%s: compares with the observed partner and with real texture', async (task, heldOut, where) => {
      const options = { model: modelOf(task), heldOut, training, twice: true }
      const { report, sheet } = await evaluateModel(options)
      expect(numbersOf(report).every(Number.isFinite)).toBe(true)
      const level = task === 'inpaint' ? 'slicedWasserstein16' : 'slicedWasserstein32'
      expect(report.measures.map(({ name }) => name)).toEqual(['psnr', 'ssim', level, 'gradientMagnitude'])
      expect(report.measures.every(({ basis }) => basis.includes(where))).toBe(true)
      expect(valueOf(report, 'psnr', 'observed')).toBe(100)
      expect(valueOf(report, 'ssim', 'observed')).toBeCloseTo(1)
      expect(valueOf(report, level, 'observed')).toBe(0)
      expect(valueOf(report, level, 'training')).toBeLessThan(0.5 * (valueOf(report, level, 'initial') ?? NaN))
      expect(sheet).toHaveLength(5)
      expect(formatEvaluation(report)).toContain('refined 2l')
      expect(formatEvaluation(report)).not.toContain('chosen')
      expect(formatEvaluation({ ...report, chosenOn: 6 })).toContain(
        'chosen among those of its run on 6 of these held-out pictures',
      )
      const before = tf.memory().numTensors
      expect((await evaluateModel(options)).report).toEqual(report)
      expect(tf.memory().numTensors).toBe(before)
    })

    it('measures whole pictures where the masks differ', async () => {
      const mask = { ...centre, data: centre.data.with(0, 1) }
      const { report } = await evaluateModel({ model: modelOf('inpaint'), heldOut: { observed, mask }, training })
      expect(report.measures[0].basis).toContain('the whole picture (the masks differ)')
    })

    it('stops when asked to, between two Langevin steps, and frees everything', async () => {
      const model = modelOf('picture')
      const before = tf.memory().numTensors
      const controller = new AbortController()
      const turns: number[] = []
      const evaluation = evaluateModel({
        model,
        heldOut: tasks[0][1],
        training,
        signal: controller.signal,
        onProgress: (share) => {
          turns.push(share)
          if (turns.length === 2) controller.abort()
        },
      })
      await expect(evaluation).rejects.toMatchObject({ name: 'CancelledError' })
      expect(turns).toHaveLength(2)
      expect(tf.memory().numTensors).toBe(before)
    })

    it('says so when the model has diverged', async () => {
      const model = modelOf('picture')
      const { average } = model.state.initializer.tables
      const [name] = Object.keys(average)
      const broken = tf.fill(average[name].shape, NaN)
      average[name].dispose()
      average[name] = broken
      const heldOut = tasks[0][1]
      await expect(evaluateModel({ model, heldOut, training })).rejects.toMatchObject({ code: 'diverged' })
      expect(await scoreModel(model, await prepared(model, heldOut))).toBe(Infinity)
    })
  })

  describe('scoreModel', () => {
    const real = stripes(40, 1000, { size })

    it('class: is not there where too few pictures are held out, down to a single one', async () => {
      const { recipe } = tinyModel('class')
      for (const count of [1, 2, 15]) expect(await prepareScore(recipe, stripes(count, 1, { size }))).toBeUndefined()
      const fewest = await prepared({ recipe }, stripes(16, 1, { size }))
      expect(await fewest.measure(stripes(16, 2, { size }).observed)).toBeGreaterThan(0)
    })

    it.each(['class', 'picture'] as const)('%s: is lower for pictures that are nearer to real ones', async (task) => {
      const score = await prepared(tinyModel(task), { ...real, condition: real.observed })
      const scores = []
      for (const noise of [0.1, 0.5, 2]) scores.push(await score.measure(stripes(40, 3000, { size, noise }).observed))
      expect(scores).toEqual(scores.toSorted((a, b) => a - b))
      expect(await score.measure(score.examples.observed)).toBeCloseTo(0, 4)
    })

    it('class: charges for pictures of the wrong class', async () => {
      const score = await prepared(tinyModel('class'), real)
      const right = stripes(40, 3000, { size }).observed
      const swapped = { ...right, data: Float32Array.of(...right.data.subarray(size * size), ...right.data.subarray(0, size * size)) } // prettier-ignore
      expect(await score.measure(swapped)).toBeGreaterThan(2 * (await score.measure(right)))
    })

    it('leaves the model and the engine as they were', async () => {
      const model = modelOf('inpaint')
      const mask = { ...centre, data: centre.data.slice() }
      const examples = await prepared(model, { observed: stripes(8, 1, { size }).observed, mask })
      const before = tf.memory().numTensors
      const score = await scoreModel(model, examples)
      expect(await scoreModel(model, examples)).toBe(score)
      expect(await model.state.normaliser.read()).toBeUndefined()
      expect(tf.memory().numTensors).toBe(before)
    })
  })
})

import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { AppError, CancelledError } from '../domain/errors.ts'
import type { Batch } from '../domain/picture.ts'
import type { ChainRecipe, Recipe } from '../domain/recipe.ts'
import { fakeBatch, requestOf, smallRecipe, useCpu } from '../ebm/testing.ts'
import { change, recipes, steadyClock, take, trainerFor } from './testing.ts'
import type { Checkpoint, Trainer } from './trainer.ts'

beforeAll(useCpu)

const spoil = (batch: Batch): Batch => ({
  ...batch,
  observed: { ...batch.observed, data: batch.observed.data.map(() => Number.NaN) },
})

describe('Trainer', () => {
  it('keeps no tensors, and none after it is disposed of', async () => {
    const before = tf.memory().numTensors
    const trainer = trainerFor(change(recipes.picture, { learning: { prelude: { share: 0.002, rate: 0.0004 } } }))
    await take(trainer, 4)
    const settled = tf.memory().numTensors
    await take(trainer, 4)
    expect(tf.memory().numTensors).toBe(settled)
    trainer.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it.each(['class', 'picture'] as const)('hands out what it was at the moment of the call (%s)', async (task) => {
    const recipe = change(recipes[task], { learning: { prelude: { share: 0, rate: 0 } } })
    const none = tf.memory().numTensors
    const trainer = trainerFor(recipe, { now: steadyClock() })
    await take(trainer, 2)
    const before = tf.memory().numTensors
    const checkpoint = await trainer.checkpoint()
    const [besideStep, report] = await Promise.all([trainer.checkpoint(), trainer.step()])
    expect(report).toMatchObject({ kind: 'cooperative', step: 3 })
    expect(besideStep).toEqual(checkpoint)
    expect(tf.memory().numTensors).toBe(before)
    const [third, weights] = [await trainer.checkpoint(), await trainer.weights()]
    expect(third).not.toEqual(checkpoint)
    const reading = Promise.all([trainer.checkpoint(), trainer.weights()])
    trainer.model.state.move = 0.987
    trainer.dispose()
    expect(await reading).toEqual([third, weights])
    expect(tf.memory().numTensors).toBe(none)
  })

  it('refuses a checkpoint in the middle of a step', async () => {
    const refusals: unknown[] = []
    const pause = async () => {
      refusals.push(await trainer.checkpoint().catch((error: unknown) => error))
    }
    const trainer: Trainer = trainerFor(change(recipes.class, {}), { pause })
    await trainer.step()
    expect(refusals.length).toBeGreaterThan(2)
    expect(refusals.every((refusal) => refusal instanceof RangeError)).toBe(true)
    expect(await trainer.checkpoint()).toMatchObject({ position: { step: 1 } })
  })

  it('counts steps, time and progress', async () => {
    const trainer = trainerFor(change(recipes.class, { length: { minutes: 1 / 60 } }), { now: steadyClock() })
    expect(trainer.progress).toBe(0)
    const reports = await take(trainer, 3)
    expect(reports.map(({ step }) => step)).toEqual([1, 2, 3])
    expect(trainer.position).toMatchObject({
      step: 3,
      cooperativeSteps: 3,
      elapsedMs: 3,
      rollbacks: 0,
      solverFactor: 1,
    })
    expect(trainer.progress).toBeCloseTo(0.003, 10)
  })

  it('gives others a turn between Langevin steps and between the parts of learning', async () => {
    let turns = 0
    const pause = () => {
      turns++
      return Promise.resolve()
    }
    await take(trainerFor(change(recipes.class, { chain: { steps: 4 } }), { pause }), 2)
    // Before the chain, after each of its steps, and after each of the two gradients.
    expect(turns).toBe(2 * (1 + 4 + 2))
  })

  it.each(['class', 'picture'] as const)(
    'can be stopped in the middle of a step and goes on as if never started (%s)',
    async (task) => {
      const recipe = change(recipes[task], { learning: { prelude: { share: 0, rate: 0 } } })
      let stop = false
      const pause = () => (stop ? Promise.reject(new CancelledError()) : Promise.resolve())
      const trainer = trainerFor(recipe, { pause, now: steadyClock() })
      await take(trainer, 2)
      const [before, checkpoint] = [tf.memory().numTensors, await trainer.checkpoint()]
      stop = true
      await expect(trainer.step()).rejects.toBeInstanceOf(CancelledError)
      expect(tf.memory().numTensors).toBe(before)
      expect(await trainer.checkpoint()).toEqual(checkpoint)
      stop = false
      await take(trainer, 2)
      const undisturbed = trainerFor(recipe, { now: steadyClock() })
      await take(undisturbed, 4)
      expect((await trainer.checkpoint()).state).toEqual((await undisturbed.checkpoint()).state)
    },
  )

  it('adds noise until the epoch that the recipe says', async () => {
    const recipe = (noise: ChainRecipe['noise']) => change(recipes.paper, { chain: { noise, stepSize: 0.01 } })
    // 60 pictures in batches of 3: an epoch is 20 steps.
    const stateAfter = async (noise: ChainRecipe['noise'], step: number) => {
      const start = await trainerFor(recipe('off')).checkpoint()
      const resume: Checkpoint = { ...start, position: { ...start.position, step } }
      const trainer = trainerFor(recipe(noise), { resume })
      await take(trainer, 1)
      return (await trainer.checkpoint()).state
    }
    expect(await stateAfter({ untilEpoch: 1 }, 19)).toEqual(await stateAfter('on', 19))
    expect(await stateAfter({ untilEpoch: 1 }, 20)).toEqual(await stateAfter('off', 20))
    expect(await stateAfter('on', 20)).not.toEqual(await stateAfter('off', 20))
  })

  it('moves further while observed pictures score higher than the target, and less far below it, within bounds', async () => {
    const moveAfter = async (targetGap: number, move: number) => {
      const normalised = { move, smooth: true, targetGap }
      const recipe = change(recipes.picture, { chain: { normalised }, learning: { prelude: { share: 0, rate: 0 } } })
      const trainer = trainerFor(recipe)
      await take(trainer, 20)
      expect(trainer.model.state.move).toBe(move)
      await take(trainer, 2)
      return trainer.model.state.move
    }
    expect(await moveAfter(0, 0.1)).toBe(0.1)
    expect(await moveAfter(1e-9, 0.1)).toBeCloseTo(0.1 * 1.01 ** 2, 10)
    expect(await moveAfter(2, 0.1)).toBeCloseTo(0.1 / 1.01 ** 2, 10)
    expect(await moveAfter(2, 0.0301)).toBe(0.03)
  })
})

describe('divergence', () => {
  it('rolls back from a batch of NaN, says so, halves the rate, draws new numbers and goes on', async () => {
    const recipe = change(recipes.class, {})
    let broken = true
    const batches = {
      read: (step: number) => {
        const batch = fakeBatch(recipe, 3, step)
        return Promise.resolve(broken && step === 2 ? spoil(batch) : batch)
      },
    }
    const trainer = trainerFor(recipe, { batches })
    const start = await trainer.checkpoint()
    const healthy = await take(trainer, 2)
    const before = tf.memory().numTensors
    const report = await trainer.step()
    expect(report).toMatchObject({ kind: 'rolledBack', step: 0 })
    if (report.kind !== 'rolledBack') throw new Error('not rolled back')
    expect(report.message).toMatch(/^At step 3 \w+ is not a number\. Rolled back to step 0, halved the solver's rate/)
    expect(tf.memory().numTensors).toBe(before)
    expect(trainer.position).toMatchObject({ step: 0, cooperativeSteps: 0, rollbacks: 1, solverFactor: 0.5 })
    expect((await trainer.checkpoint()).state).toEqual(start.state)
    broken = false
    const again = await take(trainer, 4)
    expect(again.every(({ kind }) => kind === 'cooperative')).toBe(true)
    // New random numbers.
    expect(again[0]).not.toEqual(healthy[0])
    expect(trainer.position).toMatchObject({ step: 4, rollbacks: 1, solverFactor: 0.5 })
  })

  it('never loses the head start: the end of the prelude is a good state', async () => {
    // A step takes 1 ms of the 100: five steps of prelude, which the clock would not give again.
    const prelude = { share: 0.05, rate: 0.0004 }
    const recipe = change(recipes.picture, { length: { minutes: 100 / 60_000 }, learning: { prelude } })
    const batches = {
      read: (step: number) => {
        const batch = fakeBatch(recipe, 3, step)
        return Promise.resolve(step === 7 ? spoil(batch) : batch)
      },
    }
    const trainer = trainerFor(recipe, { batches, now: steadyClock() })
    const head = await take(trainer, 5)
    expect(head.every(({ kind }) => kind === 'prelude')).toBe(true)
    const { state } = await trainer.checkpoint()
    const after = await take(trainer, 3)
    expect(after.map(({ kind }) => kind)).toEqual(['cooperative', 'cooperative', 'rolledBack'])
    expect(trainer.position).toMatchObject({ step: 5, cooperativeSteps: 0, elapsedMs: 8, rollbacks: 1 })
    expect((await trainer.checkpoint()).state).toEqual(state)
    expect(await trainer.step()).toMatchObject({ kind: 'cooperative', step: 6 })
  })

  it('watches the gradient signal at the scale of the recipe: 8 in natural units, 20 in those of the papers', async () => {
    const trippedBy = async (recipe: Recipe, gain: number) => {
      const trainer = trainerFor(
        change(recipe, { chain: { noise: 'off', stepSize: 1e-6 }, learning: { solverRate: 0 } }),
      )
      const measured = await trainer.step()
      if (measured.kind !== 'cooperative') throw new Error('no step')
      // The gradient is proportional to the output's scale.
      const outputScale = (recipe.solver.outputScale * gain) / measured.metrics.gradientSize
      const steep = { ...recipe, solver: { ...recipe.solver, outputScale } }
      const again = trainerFor(
        change(steep, { chain: { noise: 'off', stepSize: 1e-6 }, learning: { solverRate: 0 } }),
        {
          batches: { read: (step) => Promise.resolve(fakeBatch(recipe, 3, step)) },
        },
      )
      const report = await again.step()
      return report.kind === 'rolledBack' ? report.message : undefined
    }
    expect(await trippedBy(recipes.class, 7)).toBeUndefined()
    expect(await trippedBy(recipes.class, 9)).toContain('gradient signal rose to 9.0 (limit 8)')
    expect(await trippedBy(recipes.paper, 19)).toBeUndefined()
    expect(await trippedBy(recipes.paper, 21)).toContain('gradient signal rose to 21.0 (limit 20)')
  })

  it.each([
    ['cooperative steps', change(recipes.class, {})],
    ['the prelude', change(recipes.picture, { learning: { prelude: { share: 0.9, rate: 0.0004 } } })],
  ])('ends as diverged after too many roll-backs in %s, the good state kept', async (_, recipe) => {
    const batches = { read: (step: number) => Promise.resolve(spoil(fakeBatch(recipe, 2, step))) }
    const trainer = trainerFor(recipe, { batches })
    const start = await trainer.checkpoint()
    const reports = await take(trainer, 6)
    expect(reports.every(({ kind }) => kind === 'rolledBack')).toBe(true)
    expect(trainer.position.solverFactor).toBe(1 / 64)
    const failure: unknown = await trainer.step().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(AppError)
    expect(failure).toMatchObject({ code: 'diverged', hint: expect.stringContaining('learning.solverRate') as string })
    const kept = await trainer.checkpoint()
    expect(kept.state).toEqual(start.state)
    for (const { data } of Object.values(kept.state.tensors)) expect(data.every(Number.isFinite)).toBe(true)
  })

  it('trips by itself over an absurd rate', async () => {
    const recipe = change(recipes.paper, {
      chain: { noise: 'off' },
      learning: { solverRate: 0.1, initializerRate: 0.1, batch: 4 },
    })
    const trainer = trainerFor(recipe)
    let report = await trainer.step()
    for (let step = 1; step < 60 && report.kind !== 'rolledBack'; step++) report = await trainer.step()
    expect(report).toMatchObject({ kind: 'rolledBack', message: expect.stringContaining('ran away') as string })
    expect(trainer.position).toMatchObject({ step: 0, solverFactor: 0.5, rollbacks: 1 })
  })

  it('returns to a state that has proved healthy, never to one that has not, and not behind a resume', async () => {
    const recipe = change(recipes.class, { chain: { steps: 1 }, learning: { batch: 1 } })
    const brokenAt = new Set([260])
    const batches = {
      read: (step: number) => {
        const batch = fakeBatch(recipe, 1, step)
        return Promise.resolve(brokenAt.has(step) ? spoil(batch) : batch)
      },
    }
    const trainer = trainerFor(recipe, { batches, pictures: 1000 })
    // States are kept at step 100 (good at 150) and at 200 or later (good 50 steps on).
    let kept: Checkpoint | undefined
    for (let step = 0; step < 260; step++) {
      const report = await trainer.step()
      expect(report.kind).toBe('cooperative')
      if (trainer.position.step === 200) kept = await trainer.checkpoint()
    }
    const report = await trainer.step()
    expect(report).toMatchObject({ kind: 'rolledBack', step: 200 })
    expect((await trainer.checkpoint()).state).toEqual(kept?.state)
    const resumed = trainerFor(recipe, { batches, resume: await trainer.checkpoint() })
    brokenAt.add(205)
    await take(resumed, 5)
    expect(await resumed.step()).toMatchObject({ kind: 'rolledBack', step: 200 })
    expect(resumed.position).toMatchObject({ rollbacks: 2, solverFactor: 0.25 })
  })
})

describe('batches that do not fit', () => {
  it.each<[string, keyof typeof recipes, (batch: Batch) => Batch]>([
    [
      'another size',
      'class',
      () => fakeBatch(smallRecipe('quick', requestOf('class', { channels: 1 }), { size: 16 }), 2, 1),
    ],
    ['other channels', 'class', () => fakeBatch(smallRecipe('quick', requestOf('class')), 2, 1)],
    ['no labels', 'class', ({ observed }) => ({ observed })],
    ['no condition', 'picture', ({ observed }) => ({ observed })],
    [
      'a grey condition',
      'picture',
      ({ observed }) => ({
        observed,
        condition: { ...observed, channels: 1, data: observed.data.slice(0, observed.data.length / 3) },
      }),
    ],
  ])('are refused as a mismatch: %s', async (_, name, spoiled) => {
    const recipe = change(recipes[name], {})
    const batches = { read: (step: number) => Promise.resolve(spoiled(fakeBatch(recipe, 2, step))) }
    const trainer = trainerFor(recipe, { batches })
    const before = tf.memory().numTensors
    await expect(trainer.step()).rejects.toMatchObject({ code: 'mismatch' })
    expect(tf.memory().numTensors).toBe(before)
    expect(trainer.position.step).toBe(0)
  })
})

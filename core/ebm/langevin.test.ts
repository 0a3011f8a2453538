import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import type { SolverNetwork } from '../domain/networks.ts'
import { Random } from '../domain/random.ts'
import type { ChainRecipe } from '../domain/recipe.ts'
import { type Chain, type ChainNoise, potentialGradient, prepareChain, scaledValue } from './chain.ts'
import { oneHot } from './condition.ts'
import { refine, runChain } from './langevin.ts'
import { logAcceptance } from './metropolis.ts'
import { GradientNormaliser } from './normaliser.ts'
import { solverShapes } from './solver.ts'
import { chainNoise, randomsOf } from './noise.ts'
import { livelyParameters, randomTensor, useCpu, zeroParameters } from './testing.ts'

beforeAll(useCpu)

type Map4 = tf.Tensor4D

const solver = (changes: Partial<SolverNetwork> = {}): SolverNetwork => ({
  size: 8,
  channels: 1,
  convolutions: [
    { kernel: 3, stride: 2, channels: 6 },
    { kernel: 3, stride: 1, channels: 8 },
  ],
  activation: 'silu',
  condition: { kind: 'concatenate', labels: 2, scale: 1, joinAt: 1 },
  head: { kind: 'dense', outputs: 1 },
  scales: 1,
  initialisation: 'kaiming',
  outputScale: 10,
  units: 'natural',
  ...changes,
})
/** Phi = 0 for its zero parameters, as small as a network can be. */
const flat = solver({
  size: 2,
  convolutions: [{ kernel: 1, stride: 1, channels: 1 }],
  condition: { kind: 'concatenate', labels: 2, scale: 1, joinAt: 0 },
  activation: 'linear',
})
const plain: ChainRecipe = {
  steps: 5,
  stepSize: 0.1,
  referenceDeviation: 0.25,
  pull: true,
  noise: 'on',
  metropolis: false,
  bound: 0,
}
const labelOf = (batch: number) => ({
  label: oneHot(
    Array.from({ length: batch }, (_, index) => index % 2),
    2,
  ),
})

function chainOf(
  network: SolverNetwork,
  batch: number,
  recipe: Partial<ChainRecipe> = {},
  more: Partial<Chain> = {},
): Chain {
  const zero = network === flat || network.size === 4
  const parameters = zero ? zeroParameters(solverShapes(network)) : livelyParameters(solverShapes(network), 3)
  return { network, parameters, recipe: { ...plain, ...recipe }, condition: labelOf(batch), ...more }
}

const noiseFor = (like: Map4, seed = 1): ChainNoise => chainNoise(randomsOf(seed, 0, 0, like.shape[0]), like)
const rms = (values: ArrayLike<number>) =>
  Math.sqrt(Array.from(values).reduce((sum, x) => sum + x * x, 0) / values.length)
const difference = (a: tf.Tensor, b: tf.Tensor) => tf.tidy(() => tf.sub(a, b).dataSync())

/** Variance of the numbers of a long chain, taken every few steps after it has settled. */
function longRunVariance(chain: Chain, start: Map4, settle: number, every: number): number {
  let [sum, count] = [0, 0]
  for (const { step, picture } of runChain(chain, start)) {
    if (step <= settle || step % every !== 0) continue
    for (const value of picture.dataSync()) sum += value * value
    count += picture.size
  }
  return sum / count
}

describe('with Phi = 0', () => {
  const a = plain.stepSize ** 2 / (2 * plain.referenceDeviation ** 2) // 0.08

  it('and no noise: refined = initial (1 - a)^l', () => {
    const network = solver({ size: 4 })
    const start = randomTensor([3, 4, 4, 1], 1) as Map4
    const chain = chainOf(network, 3, { steps: 20 })
    const refined = refine(chain, start)
    const expected = start.dataSync().map((value) => value * (1 - a) ** 20)
    refined.dataSync().forEach((value, index) => {
      // 20 roundings to 24 bits.
      expect(Math.abs(value - expected[index])).toBeLessThanOrEqual(20 * 2 ** -23 * Math.abs(expected[index]))
    })
  })

  it('and noise: the long-run variance is s^2 / (1 - a / 2)', () => {
    const start = tf.zeros([1500, 2, 2, 1]) as Map4
    const s = 0.25
    for (const stepSize of [0.1, 0.3]) {
      const share = stepSize ** 2 / (2 * s ** 2)
      // Correlation falls by (1 - a) a step: samples 1 / a steps apart are nearly independent.
      const every = Math.ceil(2 / share)
      const steps = 11 * every
      const chain = chainOf(flat, 1500, { stepSize, referenceDeviation: s, steps }, { noise: noiseFor(start) })
      const ratio = longRunVariance(chain, start, every, every) / (s ** 2 / (1 - share / 2))
      // 10 x 6,000 numbers, weakly correlated: deviation of a variance sqrt(2 / n) = 0.6 %; five of them.
      expect(Math.abs(ratio - 1)).toBeLessThan(0.03)
    }
  })

  it('without pull and noise nothing moves', () => {
    const start = randomTensor([2, 2, 2, 1], 1) as Map4
    expect([...refine(chainOf(flat, 2, { pull: false }), start).dataSync()]).toEqual([...start.dataSync()])
  })
})

describe('a chain on a network', () => {
  const start = () => randomTensor([2, 8, 8, 1], 7, 0.5) as Map4

  it.each(['natural', 'phi'] as const)('loses energy at each small step without noise (%s units)', (units) => {
    const network = solver({ units, outputScale: units === 'phi' ? 200 : 10 })
    const chain = chainOf(network, 2, { steps: 12, stepSize: 0.08 })
    const prepared = prepareChain(chain)
    let value = [...scaledValue(chain, prepared, start()).dataSync()]
    for (const { picture } of runChain(chain, start())) {
      const next = [...scaledValue(chain, prepared, picture).dataSync()]
      next.forEach((number, example) => expect(number).toBeGreaterThan(value[example]))
      value = next
    }
  })

  it('yields every step with the gradient that led there, and returns the last picture', () => {
    const chain = chainOf(solver(), 2, { steps: 3 })
    const run = runChain(chain, start())
    const steps: number[] = []
    let [last, before] = [new Float32Array(), start()]
    let result = run.next()
    while (!result.done) {
      const { step, steps: all, picture, gradient } = result.value
      expect(all).toBe(3)
      steps.push(step)
      const expected = potentialGradient(chain, prepareChain(chain), before)
      expect(rms(difference(gradient, expected))).toBeLessThan(1e-6)
      last = picture.dataSync() as Float32Array<ArrayBuffer>
      before = tf.clone(picture)
      result = run.next()
    }
    expect(steps).toEqual([1, 2, 3])
    expect([...result.value.dataSync()]).toEqual([...last])
    expect(refine({ ...chain, steps: 1 }, start()).shape).toEqual([2, 8, 8, 1])
  })

  const mask = () => {
    const hidden = new Float32Array(2 * 64)
    for (let pixel = 0; pixel < 128; pixel++) hidden[pixel] = (pixel >> 1) % 3 === 0 ? 1 : 0
    return tf.tensor4d(hidden, [2, 8, 8, 1])
  }
  it.each([
    ['without noise', {}, false],
    ['with noise', {}, true],
    ['with noise and Metropolis', { metropolis: true, stepSize: 0.02 }, true],
    ['with normalised steps', { normalised: { move: 0.2, smooth: true, targetGap: 0 }, pull: false }, true],
    ['with a bound', { bound: 0.01 }, true],
  ] as [string, Partial<ChainRecipe>, boolean][])(
    'leaves pixels outside the mask bit-identical, %s',
    (_, recipe, noisy) => {
      const condition = { ...labelOf(2), mask: mask() }
      const noise = noisy ? noiseFor(start()) : undefined
      const normaliser = new GradientNormaliser({ learning: true })
      const chain = chainOf(solver(), 2, { steps: 6, ...recipe }, { condition, noise, normaliser })
      const [from, refined, hidden] = [start().dataSync(), refine(chain, start()).dataSync(), mask().dataSync()]
      const bits = (values: ArrayLike<number>) => new Uint32Array(Float32Array.from(values).buffer)
      const [bitsFrom, bitsRefined] = [bits(from), bits(refined)]
      const moved = hidden.filter((value, index) => value === 1 && from[index] !== refined[index]).length
      expect(hidden.every((value, index) => value === 1 || bitsFrom[index] === bitsRefined[index])).toBe(true)
      expect(moved).toBeGreaterThan(20)
    },
  )

  it('bounds the move of every pixel in every step, not the pixels', () => {
    const bound = 0.03
    const chain = chainOf(solver({ outputScale: 100 }), 2, { steps: 4, bound, pull: false })
    let before = tf.mul(start(), 5)
    let largest = 0
    for (const { picture } of runChain(chain, before as Map4)) {
      largest = Math.max(largest, ...difference(picture, before).map(Math.abs))
      before = tf.clone(picture)
    }
    expect(largest).toBeGreaterThan(0.9 * bound)
    expect(largest).toBeLessThan(bound + 1e-6)
    expect(Math.max(...before.dataSync().map(Math.abs))).toBeGreaterThan(1.5)
  })

  it.each<[string, (run: ReturnType<typeof runChain>) => void]>([
    ['never started', (run) => run.return(tf.zeros([1, 1, 1, 1]))],
    [
      'return',
      (run) => {
        run.next()
        run.next()
        run.return(tf.zeros([1, 1, 1, 1]))
      },
    ],
    [
      'break',
      (run) => {
        for (const { step } of run) if (step === 2) break
      },
    ],
    [
      'an error inside the loop',
      (run) => {
        expect(() => {
          for (const { step } of run) if (step === 2) throw new Error('stop')
        }).toThrow('stop')
      },
    ],
    [
      'throw',
      (run) => {
        run.next()
        expect(() => run.throw(new Error('stop'))).toThrow('stop')
      },
    ],
  ])('frees every tensor when it is left early: %s', (_, leave) => {
    const from = start()
    const chain = chainOf(solver(), 2, {}, { guidance: 1, noise: noiseFor(from) })
    const scope = tf.memory().numTensors
    tf.engine().startScope()
    leave(runChain(chain, from))
    const leaked = tf.memory().numTensors - scope
    tf.engine().endScope()
    // What the test itself made.
    expect(leaked).toBeLessThanOrEqual(1)
  })

  it('frees everything when the noise fails, and leaves only the refined picture at its end', () => {
    const from = start()
    const broken: ChainNoise = {
      normal: (step) => {
        if (step === 3) throw new Error('no more noise')
        return tf.zerosLike(from)
      },
      uniform: () => tf.ones([2]),
    }
    const chain = chainOf(solver(), 2)
    const before = tf.memory().numTensors
    expect(() => refine({ ...chain, noise: broken }, from)).toThrow('no more noise')
    expect(tf.memory().numTensors).toBe(before)
    const refined = refine(chain, from)
    expect(tf.memory().numTensors).toBe(before + 1)
    refined.dispose()
    expect(from.isDisposed).toBe(false)
  })
})

describe('normalised steps', () => {
  const start = () => randomTensor([4, 8, 8, 1], 7, 0.5) as Map4
  const recipe = (smooth: boolean): Partial<ChainRecipe> => ({
    steps: 8,
    pull: false,
    normalised: { move: 0.4, smooth, targetGap: 0 },
  })

  it.each([true, false])('move by move / 8 a step, however steep the value is (smooth %s)', (smooth) => {
    for (const outputScale of [0.001, 10, 1e4]) {
      const normaliser = new GradientNormaliser({ learning: true })
      const chain = chainOf(solver({ outputScale }), 4, recipe(smooth), { normaliser })
      let before = start()
      const moves: number[] = []
      for (const { picture } of runChain(chain, before)) {
        moves.push(rms(difference(picture, before)))
        before = tf.clone(picture)
      }
      expect(moves[0]).toBeCloseTo(0.05, 5)
      // Later gradients are measured against the first ones.
      for (const move of moves) expect(Math.abs(Math.log2(move / 0.05))).toBeLessThan(1)
    }
  })

  it("follow the chain's own move where it is given, measured over hidden pixels", () => {
    const mask = tf.tensor4d(
      Float32Array.from({ length: 256 }, (_, pixel) => (pixel % 8 < 2 ? 1 : 0)),
      [4, 8, 8, 1],
    )
    const normaliser = new GradientNormaliser({ learning: true })
    const more = { normaliser, move: 0.8, condition: { ...labelOf(4), mask } }
    const chain = chainOf(solver(), 4, { ...recipe(false), steps: 1 }, more)
    const moved = difference(refine(chain, start()), start()).filter((_, pixel) => pixel % 8 < 2)
    expect(rms(moved)).toBeCloseTo(0.1, 5)
  })

  it('need a normaliser', () => {
    expect(() => refine(chainOf(solver(), 4, recipe(true)), start())).toThrow('need a normaliser')
  })

  it('learn slowly, and not at all when frozen', async () => {
    const normaliser = new GradientNormaliser({ scale: 2, learning: true })
    const four = tf.fill([1, 2, 2, 1], 4) as Map4
    normaliser.scaleOf(four, undefined)
    expect(await normaliser.read()).toBeCloseTo(2 * 0.995 + 4 * 0.005, 5)
    const learnt = await normaliser.read()
    for (const still of [normaliser.frozen, new GradientNormaliser({ scale: learnt, learning: false })])
      expect(still.scaleOf(tf.mul(four, 100) as Map4, undefined).dataSync()[0]).toBe(learnt)
    expect(await normaliser.read()).toBe(learnt)
    normaliser.dispose()
  })

  it('a frozen scale that has learnt nothing measures each example alone', () => {
    const { frozen } = new GradientNormaliser({ learning: true })
    const pair = tf.stack([tf.fill([2, 2, 1], 3), tf.fill([2, 2, 1], 500)]) as Map4
    expect([...frozen.scaleOf(pair, undefined).dataSync()]).toEqual([3, 500])
  })

  it('undo what an unfinished step has taught, and keep no tensor', async () => {
    const before = tf.memory().numTensors
    const normaliser = new GradientNormaliser({ scale: 2, learning: true })
    const kept = normaliser.snapshot()
    tf.tidy(() => normaliser.scaleOf(tf.ones([1, 2, 2, 1]), undefined))
    expect(await normaliser.read()).not.toBe(2)
    normaliser.restore(kept)
    expect(await normaliser.read()).toBe(2)
    normaliser.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe('guidance', () => {
  const start = () => randomTensor([2, 8, 8, 1], 7, 0.5) as Map4
  const network = solver({ condition: { kind: 'projection', labels: 2, scale: 1 } })

  it('of 0 is none', () => {
    const chain = chainOf(network, 2)
    expect([...refine({ ...chain, guidance: 0 }, start()).dataSync()]).toEqual([...refine(chain, start()).dataSync()])
  })

  it('climbs gradient + guidance (gradient - gradient without label), away from the unconditional', () => {
    const chain = chainOf(network, 2)
    const hidden: Chain = { ...chain, condition: { label: tf.zeros([2, 2]) } }
    const gradientOf = (of: Chain) => potentialGradient(of, prepareChain(of), start())
    const [own, free] = [gradientOf(chain), gradientOf(hidden)]
    const expected = tf.add(own, tf.mul(tf.sub(own, free), 1.5))
    expect(rms(difference(gradientOf({ ...chain, guidance: 1.5 }), expected)) / rms(expected.dataSync())).toBeLessThan(
      1e-5,
    )
    const preference = (picture: Map4) => {
      const [conditional, unconditional] = [chain, hidden].map((of) => scaledValue(of, prepareChain(of), picture))
      return tf.sub(conditional, unconditional).dataSync()
    }
    const [guided, unguided] = [2, 0].map((guidance) => preference(refine({ ...chain, guidance }, start())))
    guided.forEach((value, example) => expect(value).toBeGreaterThan(unguided[example]))
  })
})

describe('Metropolis-Hastings correction', () => {
  it('always accepts symmetric proposals between equal values', () => {
    const start = randomTensor([50, 2, 2, 1], 1) as Map4
    const almostOne: ChainNoise = { ...noiseFor(start), uniform: () => tf.fill([50], 1 - 1e-7) }
    const chain = chainOf(flat, 50, { metropolis: true, pull: false, steps: 1 }, { noise: almostOne })
    const prepared = prepareChain(chain)
    const log = logAcceptance(chain, prepared, start, tf.zerosLike(start), randomTensor([50, 2, 2, 1], 2) as Map4)
    expect(Math.max(...log.dataSync().map(Math.abs))).toBeLessThan(1e-4)
    const moved = difference(refine(chain, start), start)
    expect(rms(moved)).toBeGreaterThan(0.05)
    expect([...moved].filter((value) => value === 0)).toEqual([])
  })

  it('rejects a wildly wrong proposal of one example and takes the other', () => {
    const start = tf.zeros([2, 2, 2, 1]) as Map4
    const noise: ChainNoise = {
      normal: () => tf.tensor4d([500, 500, 500, 500, 0.01, 0.01, 0.01, 0.01], [2, 2, 2, 1]),
      uniform: () => tf.tensor1d([0.001, 0.5]),
    }
    const chain = chainOf(flat, 2, { metropolis: true, steps: 1, stepSize: 0.2 }, { noise })
    const refined = [...refine(chain, start).dataSync()]
    expect(refined.slice(0, 4)).toEqual([0, 0, 0, 0])
    expect(refined.slice(4).every((value) => value > 0)).toBe(true)
  })

  it.each<[string, Partial<ChainRecipe>]>([
    ['a large step', {}],
    ['a bounded step', { bound: 0.05 }],
  ])('gives the right variance with %s, where the uncorrected chain is biased', (_, change) => {
    const s = 0.25
    const stepSize = 0.3 // a = 0.72: the uncorrected variance is s^2 / 0.64
    const batch = 1000
    const start = tf.mul(randomTensor([batch, 2, 2, 1], 5), s) as Map4
    const ratioOf = (metropolis: boolean, seed: number) => {
      const recipe = { stepSize, referenceDeviation: s, steps: 120, metropolis, ...change }
      const chain = chainOf(flat, batch, recipe, { noise: noiseFor(start, seed) })
      return longRunVariance(chain, start, 20, 10) / s ** 2
    }
    expect(ratioOf(false, 1)).toBeGreaterThan(1.3)
    // 10 x 4,000 numbers: deviation 0.7 %, more where proposals are refused; five of 1 %.
    expect(Math.abs(ratioOf(true, 2) - 1)).toBeLessThan(0.05)
  })
})

describe('chain noise', () => {
  it('of an example depends on its own source alone', () => {
    const like = tf.zeros([3, 4, 4, 1]) as Map4
    const [first, second, third] = [1, 2, 3].map((seed) => () => new Random(seed))
    const together = chainNoise([first(), second(), third()], like)
    const alone = chainNoise([second()], tf.zeros([1, 4, 4, 1]))
    for (let step = 1; step <= 3; step++) {
      const rows = together.normal(step).dataSync()
      expect([...rows.slice(16, 32)]).toEqual([...alone.normal(step).dataSync()])
      expect(together.uniform(step).dataSync()[1]).toBe(alone.uniform(step).dataSync()[0])
    }
  })
})

/**
 * A trained model put to use on the current engine: plain pictures and numbers in, plain pictures and numbers out. Each example has its own
 * seed, and is the same picture alone or among others.
 */
import * as tf from '@tensorflow/tfjs-core'
import { AppError } from '../domain/errors.ts'
import type { Pictures } from '../domain/picture.ts'
import { Random } from '../domain/random.ts'
import type { Recipe } from '../domain/recipe.ts'
import { prepareChain, scaledValue } from '../ebm/chain.ts'
import type { Condition } from '../ebm/condition.ts'
import { inferLatent } from '../ebm/latentInference.ts'
import { drawRows, inferenceNoise } from '../ebm/noise.ts'
import { disposeState, restoreState, type StoredState } from '../ebm/learningState.ts'
import {
  drawInitial,
  interpolatePictures,
  latentOf,
  type Model,
  type SampleOptions,
  samplingChain,
  samplingMode,
} from '../ebm/sampling.ts'
import { takeNumbers } from '../ebm/readTensors.ts'
import { picturesToTensor, tensorToPictures } from './batchTensors.ts'
import { type Climb, climb } from './climb.ts'
import { drive } from './drive.ts'
import { joinPictures, slicePictures } from './pictureStacks.ts'
import { type SampleCondition, sliceCondition, toCondition } from './sampleCondition.ts'

export type { Sight } from './climb.ts'
export type { SampleCondition } from './sampleCondition.ts'

/** Numbers of one sub-batch of pictures on the embedded engine: 83 of 28x28, 5 of 64x64x3, one of 256x256x3. */
const NUMBERS_AT_ONCE = 65_536
/** Inference of a latent. P1 4.1.4 gives neither number: this choice is ours. */
const INFERENCE = { steps: 200, stepSize: 0.05 } as const
const LATENT_INFERENCE_STREAM = 31
const LABEL_INFERENCE_STREAM = 32

export interface Drawing {
  readonly initial: Pictures
  readonly refined: Pictures
  /** Value of the refined above the initial picture, in units of s^2 f. Comparable only for one condition at equal steps. */
  readonly gain: readonly number[]
}

export interface DrawOptions extends SampleOptions {
  /** Called between Langevin steps. */
  readonly pause?: () => Promise<void>
  /** Latents to draw with instead of the seeds' own, [examples][d]; class models. */
  readonly latents?: readonly (readonly number[])[]
}

export interface RefineOptions extends DrawOptions, Climb {}

export interface InferOptions {
  /** Weights of the K labels, for all pictures, where they are known. */
  readonly label?: readonly number[]
  readonly steps?: number
  /** Called between Langevin steps. */
  readonly pause?: () => Promise<void>
}

/** One row per picture. `weights` are the labels': inferred, or as given. */
export interface Inferred {
  readonly latents: readonly (readonly number[])[]
  readonly weights: readonly (readonly number[])[]
}

type Guess = { readonly condition: Condition; readonly initial: tf.Tensor4D }

export class Sampler {
  readonly recipe: Recipe
  readonly #model: Model

  constructor(recipe: Recipe, stored: StoredState) {
    this.recipe = recipe
    this.#model = { recipe, state: restoreState(stored, { learning: false }) }
  }

  /** How many pictures are computed together. */
  get atOnce(): number {
    return picturesAtOnce(this.recipe)
  }

  /** The fast guess alone, of one example. */
  async preview(condition: SampleCondition, seed: number, latent?: readonly number[]): Promise<Pictures> {
    const guess = this.#guess(condition, [seed], latent && [latent])
    try {
      return await tensorToPictures(guess.initial)
    } finally {
      tf.dispose(guess)
    }
  }

  /**
   * One example, watched. Going on from a picture of a chain gives, number for number, what this chain gives with all the steps: `initial` and
   * `gain` are those of the whole.
   */
  async refine(condition: SampleCondition, seed: number, options: RefineOptions = {}): Promise<Drawing> {
    return this.#drawSome(condition, [seed], options)
  }

  /** One picture per seed; the condition has as many examples. */
  async draw(condition: SampleCondition, seeds: readonly number[], options: DrawOptions = {}): Promise<Drawing> {
    const atOnce = picturesAtOnce(this.recipe)
    const parts: Drawing[] = []
    for (let from = 0; from < seeds.length; from += atOnce) {
      const to = Math.min(seeds.length, from + atOnce)
      const some = sliceCondition(condition, from, to)
      parts.push(
        await this.#drawSome(some, seeds.slice(from, to), { ...options, latents: options.latents?.slice(from, to) }),
      )
    }
    return {
      initial: joinPictures(parts.map(({ initial }) => initial)),
      refined: joinPictures(parts.map(({ refined }) => refined)),
      gain: parts.flatMap(({ gain }) => gain),
    }
  }

  async #drawSome(plain: SampleCondition, seeds: readonly number[], options: RefineOptions): Promise<Drawing> {
    const guess = this.#guess(plain, seeds, options.latents)
    try {
      return await this.#refine(guess, seeds, options)
    } finally {
      tf.dispose(guess)
    }
  }

  #guess(plain: SampleCondition, seeds: readonly number[], latents: DrawOptions['latents']): Guess {
    return tf.tidy(() => {
      const condition = toCondition(plain, this.recipe)
      const latent = latents ? [tf.tensor2d(latents.map((row) => [...row]))] : latentOf(this.#model, seeds)
      return { condition, initial: drawInitial(this.#model, latent, condition) }
    })
  }

  async #refine({ initial, condition }: Guess, seeds: readonly number[], options: RefineOptions): Promise<Drawing> {
    const chain = samplingChain(this.#model, condition, seeds, initial, options)
    const refined = await climb(chain, initial, options)
    try {
      const gain = tf.tidy(() => {
        const prepared = prepareChain(chain)
        return tf.sub(scaledValue(chain, prepared, refined), scaledValue(chain, prepared, initial))
      })
      return {
        gain: [...(await takeNumbers(gain))],
        initial: await tensorToPictures(initial),
        refined: await tensorToPictures(refined),
      }
    } finally {
      refined.dispose()
    }
  }

  /**
   * The latent (and, without `label`, the label weights) of each picture: a sample of their posterior by Langevin dynamics (P1 Eq. 20, 21).
   * @param seeds one per picture: where its chain starts and its noise
   * @throws AppError misuse for a model without a latent vector
   */
  async infer(pictures: Pictures, seeds: readonly number[], options: InferOptions = {}): Promise<Inferred> {
    const atOnce = picturesAtOnce(this.recipe)
    const parts: Inferred[] = []
    for (let from = 0; from < seeds.length; from += atOnce) {
      const to = Math.min(seeds.length, from + atOnce)
      parts.push(await this.#inferSome(slicePictures(pictures, from, to), seeds.slice(from, to), options))
    }
    return {
      latents: parts.flatMap(({ latents }) => latents),
      weights: parts.flatMap(({ weights }) => weights),
    }
  }

  async #inferSome(pictures: Pictures, seeds: readonly number[], options: InferOptions): Promise<Inferred> {
    const { initializer, learning } = this.recipe
    if (initializer.kind !== 'classDecoder')
      throw new AppError('misuse', 'Only class models have a latent vector to infer; this one draws from a picture.')
    const latents = seeds.map((seed) => new Random(seed, LATENT_INFERENCE_STREAM))
    const logits = seeds.map((seed) => new Random(seed, LABEL_INFERENCE_STREAM))
    const observed = picturesToTensor(pictures)
    const start = { latent: drawRows(latents, initializer.latent), logits: drawRows(logits, initializer.labels) }
    const { label } = options
    const known = label ? tf.tensor2d(seeds.map(() => [...label])) : undefined
    const run = inferLatent(
      {
        network: initializer,
        parameters: this.#model.state.initializer.average,
        mode: samplingMode(this.#model),
        observed,
        residualDeviation: learning.residualDeviation,
        noise: inferenceNoise(initializer, { latents, logits }),
        ...INFERENCE,
        steps: options.steps ?? INFERENCE.steps,
      },
      start,
      known,
    )
    try {
      const { latent, logits } = await drive(run, options.pause)
      const weights = known ?? (logits ? tf.softmax(logits) : undefined)
      try {
        return { latents: await latent.array(), weights: (await weights?.array()) ?? [] }
      } finally {
        tf.dispose([latent, logits, weights])
      }
    } finally {
      tf.dispose([observed, start, known])
    }
  }

  /** Between two condition pictures with one latent (P1 4.2.3): the initial pictures, refined under the blended conditions. */
  async interpolate(
    from: Pictures,
    to: Pictures,
    seed: number,
    shares: readonly number[],
    options: DrawOptions = {},
  ): Promise<Drawing> {
    if (this.recipe.task !== 'picture')
      throw new AppError('misuse', 'Interpolation between pictures needs a picture-to-picture model.')
    const [first, second] = [picturesToTensor(from), picturesToTensor(to)]
    const parts: Drawing[] = []
    try {
      for (const share of shares) {
        const guess = interpolatePictures(this.#model, { picture: first }, { picture: second }, seed, [share])
        try {
          parts.push(await this.#refine(guess, [seed], options))
        } finally {
          tf.dispose(guess)
        }
      }
    } finally {
      tf.dispose([first, second])
    }
    return {
      initial: joinPictures(parts.map(({ initial }) => initial)),
      refined: joinPictures(parts.map(({ refined }) => refined)),
      gain: parts.flatMap(({ gain }) => gain),
    }
  }

  dispose(): void {
    disposeState(this.#model.state)
  }
}

/**
 * The same seed must give the same bytes alone or among others. Our kernels for the embedded engine compute each example by itself; native
 * libraries pick other summation orders for other batch sizes, so there every picture is drawn alone.
 */
function picturesAtOnce({ size, channels }: Recipe): number {
  return tf.getBackend() === 'wasm' ? Math.max(1, Math.floor(NUMBERS_AT_ONCE / (size * size * channels))) : 1
}

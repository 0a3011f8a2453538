/** Where the random numbers of a batch come from: one source per example and purpose, so that no example ever hears of its batch mates. */
import * as tf from '@tensorflow/tfjs-core'
import { Random } from '../domain/random.ts'
import type { ChainNoise } from './chain.ts'
import { drawNoise } from './condition.ts'
import type { InferenceNoise } from './latentInference.ts'

/** The purposes of a cooperative step. */
export const STREAMS = {
  latent: 1,
  chain: 2,
  instanceNoise: 3,
  labels: 4,
  residual: 5,
  inference: 6,
} as const

/** Random sources of a batch for one purpose: one per example. */
export function randomsOf(seed: number, stream: number, step: number, batch: number): Random[] {
  return Array.from({ length: batch }, (_, example) => new Random(seed, stream, step, example))
}

/** Noise of a chain whose example i draws from randoms[i] alone. */
export function chainNoise(randoms: readonly Random[], like: tf.Tensor4D): ChainNoise {
  return {
    normal: () => drawNoise(like, randoms),
    uniform: () => tf.tensor1d(randoms.map((random) => random.uniform())),
  }
}

/** N(0, 1), [randoms, width]; row i draws from randoms[i] alone. */
export function drawRows(randoms: readonly Random[], width: number): tf.Tensor2D {
  const values = new Float32Array(randoms.length * width)
  randoms.forEach((random, row) => values.set(random.normals(width), row * width))
  return tf.tensor2d(values, [randoms.length, width])
}

/** Noise of an inference whose row i draws from latents[i] and logits[i] alone. */
export function inferenceNoise(
  { latent, labels }: { latent: number; labels: number },
  randoms: { latents: readonly Random[]; logits?: readonly Random[] },
): InferenceNoise {
  const { latents, logits } = randoms
  return {
    latent: () => drawRows(latents, latent),
    ...(logits && { logits: () => drawRows(logits, labels) }),
  }
}

/** C as tensors, and X as tensors: what both networks receive besides a picture. */
import * as tf from '@tensorflow/tfjs-core'
import type { InitializerNetwork } from '../domain/networks.ts'
import type { Random } from '../domain/random.ts'
import { sizeOf } from './parameters.ts'

export type Condition = {
  /** One-hot (or blended, or all zero: hidden) labels, [batch, K]. */
  readonly label?: tf.Tensor2D
  /** Condition pictures, [batch, size, size, channels]; for inpainting the masked picture, and maybe the mask as a last channel. */
  readonly picture?: tf.Tensor4D
  /** Inpainting: 1 where the picture is hidden and may move, [batch, size, size, 1]. */
  readonly mask?: tf.Tensor4D
}

/** X: one tensor, or one keep mask per layer with dropout. The first axis is the batch. */
export type Latent = readonly tf.Tensor[]

/** What one example's latent is made of. `keep`: 0 or 1 / (1 - dropout). */
export type LatentShape =
  | { readonly kind: 'normal'; readonly shape: readonly number[] }
  | { readonly kind: 'keep'; readonly shape: readonly number[]; readonly dropout: number }

export function latentShapes(network: InitializerNetwork): LatentShape[] {
  if (network.kind === 'classDecoder') return [{ kind: 'normal', shape: [network.latent] }]
  if (network.latent !== 'dropout') return [{ kind: 'normal', shape: [network.latent] }]
  const levels = network.channels.length
  return Array.from({ length: network.dropoutLayers }, (_, layer) => {
    const size = network.size / 2 ** (levels - 1 - layer)
    return { kind: 'keep', shape: [size, size, network.channels[levels - 2 - layer]], dropout: network.dropout }
  })
}

/** Draws X for as many examples as there are sources; example i depends on randoms[i] alone. */
export function drawLatent(network: InitializerNetwork, randoms: readonly Random[]): tf.Tensor[] {
  return latentShapes(network).map((latent) => {
    const size = sizeOf(latent.shape)
    const values = new Float32Array(size * randoms.length)
    randoms.forEach((random, example) => values.set(drawOne(latent, size, random), example * size))
    return tf.tensor(values, [randoms.length, ...latent.shape])
  })
}

function drawOne(latent: LatentShape, size: number, random: Random): Float32Array {
  if (latent.kind === 'normal') return random.normals(size)
  const kept = 1 / (1 - latent.dropout)
  return Float32Array.from({ length: size }, () => (random.uniform() < latent.dropout ? 0 : kept))
}

/** Standard normal noise in the shape of `like`; example i depends on randoms[i] alone. */
export function drawNoise(like: tf.Tensor4D, randoms: readonly Random[]): tf.Tensor4D {
  const size = like.size / randoms.length
  const values = new Float32Array(like.size)
  randoms.forEach((random, example) => values.set(random.normals(size), example * size))
  return tf.tensor(values, like.shape)
}

/** One-hot rows; a label of -1 is hidden and gives zeros. Throws RangeError for a label that does not exist. */
export function oneHot(labels: ArrayLike<number>, classes: number): tf.Tensor2D {
  const values = new Float32Array(labels.length * classes)
  Array.from(labels).forEach((label, row) => {
    if (!Number.isInteger(label) || label < -1 || label >= classes)
      throw new RangeError(`label ${label} of ${classes} classes`)
    if (label >= 0) values[row * classes + label] = 1
  })
  return tf.tensor2d(values, [labels.length, classes])
}

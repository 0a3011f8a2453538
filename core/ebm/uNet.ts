/**
 * The initializer of picture -> picture (P1 4.2.2): an encoder of convolutions k4 s2, a decoder that doubles back to full size, skips that
 * concatenate. The latent is the dropout of the innermost decoder layers, or (the naive design) a vector at the bottleneck.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { UNetInitializer } from '../domain/networks.ts'
import type { Latent } from './condition.ts'
import { activate } from './layers/activate.ts'
import { convolve, deconvolve } from './layers/convolve.ts'
import { type BatchMode, normalise } from './layers/normalise.ts'
import { doubleAndConvolve } from './layers/resize.ts'
import {
  kaiming,
  normal,
  ones,
  type Parameters,
  type ParameterShape,
  type ParameterShapes,
  zeros,
} from './parameters.ts'

const KERNEL = 4
/** Standard deviation of fresh kernels. The papers give none; 0.02 is DCGAN's (Radford et al., 2016), usual where layers are normalised. */
const DEVIATION = 0.02
/** The last layer starts small, so that tanh starts in its linear part. */
const SMALL = 0.3

export function uNetShapes(network: UNetInitializer): ParameterShapes {
  const shapes: Record<string, ParameterShape> = {}
  const levels = network.channels.length
  const resized = network.upsampling === 'resize'
  const add = (name: string, shape: number[], fanIn: number, channels: number, normalised: boolean, gain = 1) => {
    const initial = resized ? normal(gain * (kaiming(fanIn) as { deviation: number }).deviation) : normal(DEVIATION)
    shapes[`${name}/kernel`] = { shape, initial }
    if (!normalised) shapes[`${name}/bias`] = { shape: [channels], initial: zeros }
    else {
      shapes[`${name}/gamma`] = { shape: [channels], initial: ones }
      shapes[`${name}/beta`] = { shape: [channels], initial: zeros }
    }
  }
  network.channels.forEach((channels, level) => {
    const incoming = level === 0 ? network.conditionChannels : network.channels[level - 1]
    const shape = [KERNEL, KERNEL, incoming, channels]
    add(`down${level + 1}`, shape, KERNEL * KERNEL * incoming, channels, isDownNormalised(network, level))
  })
  for (let level = 0; level < levels; level++) {
    const incoming =
      level === 0 ? network.channels[levels - 1] + latentLength(network) : 2 * network.channels[levels - 1 - level]
    const last = level === levels - 1
    const end = last && network.detail === undefined
    const channels = last ? (network.detail ?? network.outputChannels) : network.channels[levels - 2 - level]
    const shape = resized ? [3, 3, incoming, channels] : [KERNEL, KERNEL, channels, incoming]
    add(`up${level + 1}`, shape, 9 * incoming, channels, !end && network.normalisation !== 'none', end ? SMALL : 1)
  }
  if (network.detail !== undefined) {
    const { conditionChannels, detail, outputChannels } = network
    add('detail', [3, 3, conditionChannels, detail], 9 * conditionChannels, detail, false)
    add('out', [3, 3, detail, outputChannels], 9 * detail, outputChannels, false, SMALL)
  }
  return shapes
}

function latentLength(network: UNetInitializer): number {
  return network.latent === 'dropout' ? 0 : network.latent
}

/** Not the first layer (P1 4.2.2), and the bottleneck only when asked. */
function isDownNormalised(network: UNetInitializer, level: number): boolean {
  if (network.normalisation === 'none' || level === 0) return false
  return level < network.channels.length - 1 || network.normaliseBottleneck
}

/**
 * Phi(C): the maps of every encoder level before their activation, then the condition itself.
 * @param condition [batch, size, size, conditionChannels]
 */
export function encodeCondition(
  network: UNetInitializer,
  parameters: Parameters,
  condition: tf.Tensor4D,
  mode: BatchMode,
): tf.Tensor4D[] {
  const maps: tf.Tensor4D[] = []
  network.channels.forEach((_, level) => {
    const name = `down${level + 1}`
    const input = level === 0 ? condition : activate(maps[level - 1], 'leakyRelu')
    const h = convolve(input, parameters[`${name}/kernel`] as tf.Tensor4D, parameters[`${name}/bias`] as tf.Tensor1D, 2)
    maps.push(normaliseLayer(network, parameters, name, h, mode))
  })
  return [...maps, condition]
}

/**
 * Psi([X, Phi(C)]).
 * @param maps what encodeCondition returned (or a blend of two such)
 * @returns pictures [batch, size, size, outputChannels] in (-1, 1)
 */
export function decodeCondition(
  network: UNetInitializer,
  parameters: Parameters,
  maps: readonly tf.Tensor4D[],
  latent: Latent,
  mode: BatchMode,
): tf.Tensor4D {
  const levels = network.channels.length
  let h = maps[levels - 1]
  if (network.latent !== 'dropout') {
    const [batch, height, width] = h.shape
    const vector = tf.reshape(latent[0], [batch, 1, 1, network.latent]) as tf.Tensor4D
    h = tf.concat4d([h, tf.tile(vector, [1, height, width, 1])], 3)
  }
  for (let level = 0; level < levels; level++) {
    const name = `up${level + 1}`
    const input = tf.relu(level === 0 ? h : tf.concat4d([h, maps[levels - 1 - level]], 3))
    const kernel = parameters[`${name}/kernel`] as tf.Tensor4D
    const bias = parameters[`${name}/bias`] as tf.Tensor1D | undefined
    h =
      network.upsampling === 'resize' ? doubleAndConvolve(input, kernel) : deconvolve(input, kernel, input.shape[1] * 2)
    if (bias) h = tf.add(h, bias)
    if (level === levels - 1 && network.detail !== undefined)
      h = tf.add(h, convolveNamed(parameters, 'detail', maps[levels]))
    h = normaliseLayer(network, parameters, name, h, mode)
    if (network.latent === 'dropout' && level < network.dropoutLayers) h = tf.mul(h, latent[level])
  }
  if (network.detail !== undefined) h = convolveNamed(parameters, 'out', tf.relu(h))
  return tf.tanh(h)
}

function convolveNamed(parameters: Parameters, name: string, x: tf.Tensor4D): tf.Tensor4D {
  return convolve(x, parameters[`${name}/kernel`] as tf.Tensor4D, parameters[`${name}/bias`] as tf.Tensor1D, 1)
}

function normaliseLayer(
  network: UNetInitializer,
  parameters: Parameters,
  name: string,
  h: tf.Tensor4D,
  mode: BatchMode,
): tf.Tensor4D {
  const { [`${name}/gamma`]: gamma, [`${name}/beta`]: beta } = parameters
  if (gamma === undefined || network.normalisation === 'none') return h
  return normalise(h, gamma as tf.Tensor1D, beta as tf.Tensor1D, network.normalisation, name, mode)
}

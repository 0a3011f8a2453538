/** The initializer g(X, C; alpha): one forward pass from condition and latent to a picture. */
import * as tf from '@tensorflow/tfjs-core'
import type { InitializerNetwork } from '../domain/networks.ts'
import { assertNever } from '../domain/errors.ts'
import { classDecoderShapes, decodeClass } from './classDecoder.ts'
import type { Condition, Latent } from './condition.ts'
import type { BatchMode } from './layers/normalise.ts'
import type { Parameters, ParameterShapes } from './parameters.ts'
import { decodeCondition, encodeCondition, uNetShapes } from './uNet.ts'

export function initializerShapes(network: InitializerNetwork): ParameterShapes {
  return network.kind === 'classDecoder' ? classDecoderShapes(network) : uNetShapes(network)
}

/** Names and lengths of the running averages that batch normalisation keeps; empty for the other normalisations. */
export function statisticsShapes(network: InitializerNetwork): Record<string, number> {
  if (network.normalisation !== 'batch') return {}
  const layers = Object.entries(initializerShapes(network)).filter(([name]) => name.endsWith('/gamma'))
  return Object.fromEntries(
    layers.flatMap(([name, { shape }]) => {
      const layer = name.slice(0, -'/gamma'.length)
      return [
        [`${layer}/mean`, shape[0]],
        [`${layer}/variance`, shape[0]],
      ]
    }),
  )
}

/**
 * Initial solution g(X, C), [batch, size, size, channels]. With a mask the observed pixels are put back, so that only hidden ones are made up.
 * @throws RangeError when the condition lacks what the network needs
 */
export function initialize(
  network: InitializerNetwork,
  parameters: Parameters,
  latent: Latent,
  condition: Condition,
  mode: BatchMode,
): tf.Tensor4D {
  switch (network.kind) {
    case 'classDecoder': {
      if (condition.label === undefined) throw new RangeError('this initializer needs labels')
      return decodeClass(network, parameters, latent[0] as tf.Tensor2D, condition.label, mode)
    }
    case 'uNet': {
      if (condition.picture === undefined) throw new RangeError('this initializer needs condition pictures')
      const maps = encodeCondition(network, parameters, condition.picture, mode)
      return keepObserved(decodeCondition(network, parameters, maps, latent, mode), condition)
    }
    default:
      return assertNever(network)
  }
}

/** Inpainting: observed pixels exactly as they are, hidden ones from `picture`. Without a mask, `picture` itself. */
export function keepObserved(picture: tf.Tensor4D, { mask, picture: condition }: Condition): tf.Tensor4D {
  if (mask === undefined || condition === undefined) return picture
  const [batch, height, width, channels] = picture.shape
  const observed = tf.slice(condition, [0, 0, 0, 0], [batch, height, width, channels])
  // where() copies bits; adding products would round.
  return tf.where(tf.greater(tf.tile(mask, [1, 1, 1, channels]), 0.5), picture, observed)
}

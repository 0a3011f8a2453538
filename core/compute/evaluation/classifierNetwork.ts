/** The network whose features and probabilities measure class -> picture: three convolutions, 64 features, dropout, one output per class. */
import * as tf from '@tensorflow/tfjs-core'
import { convolve } from '../../ebm/layers/convolve.ts'
import { halve } from '../../ebm/layers/resize.ts'
import {
  kaiming,
  normal,
  type Parameters,
  type ParameterShape,
  type ParameterShapes,
  zeros,
} from '../../ebm/parameters.ts'

export interface ClassifierShape {
  /** Side of the square pictures, in pixels. */
  readonly size: number
  readonly channels: number
  readonly classes: number
}

export const FEATURES = 64
export const DROPOUT = 0.3
/** Larger pictures are halved until they fit: more pixels would only slow the features down. */
const LARGEST_SIDE = 64

const CONVOLUTIONS = [
  { kernel: 5, stride: 2, channels: 24 },
  { kernel: 3, stride: 2, channels: 48 },
  { kernel: 3, stride: 1, channels: 64 },
] as const

export function classifierShapes({ size, channels, classes }: ClassifierShape): ParameterShapes {
  const shapes: Record<string, ParameterShape> = {}
  let incoming = channels
  let side = size
  while (side > LARGEST_SIDE) side = Math.floor(side / 2)
  CONVOLUTIONS.forEach(({ kernel, stride, channels: outgoing }, index) => {
    const shape = [kernel, kernel, incoming, outgoing]
    shapes[`conv${index + 1}/kernel`] = { shape, initial: kaiming(kernel * kernel * incoming) }
    shapes[`conv${index + 1}/bias`] = { shape: [outgoing], initial: zeros }
    incoming = outgoing
    side = Math.ceil(side / stride)
  })
  const flat = side * side * incoming
  shapes['features/kernel'] = { shape: [flat, FEATURES], initial: kaiming(flat) }
  shapes['features/bias'] = { shape: [FEATURES], initial: zeros }
  shapes['classes/kernel'] = { shape: [FEATURES, classes], initial: normal(1 / Math.sqrt(FEATURES)) }
  shapes['classes/bias'] = { shape: [classes], initial: zeros }
  return shapes
}

/** @returns [batch, 64], not negative */
export function featuresOf(parameters: Parameters, pictures: tf.Tensor4D): tf.Tensor2D {
  let map = pictures
  while (map.shape[1] > LARGEST_SIDE) map = halve(map)
  CONVOLUTIONS.forEach(({ stride }, index) => {
    const { [`conv${index + 1}/kernel`]: kernel, [`conv${index + 1}/bias`]: bias } = parameters
    map = convolve(map, kernel as tf.Tensor4D, bias as tf.Tensor1D, stride, 'relu')
  })
  return tf.relu(dense(tf.reshape(map, [map.shape[0], -1]), parameters, 'features'))
}

/** @returns before the softmax, [batch, classes] */
export function scoreClasses(parameters: Parameters, features: tf.Tensor2D): tf.Tensor2D {
  return dense(features, parameters, 'classes')
}

function dense(x: tf.Tensor2D, parameters: Parameters, layer: string): tf.Tensor2D {
  return tf.add(tf.matMul(x, parameters[`${layer}/kernel`] as tf.Tensor2D), parameters[`${layer}/bias`])
}

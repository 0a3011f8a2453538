/**
 * The solver's network: [Y, C] -> responses, whose sum is Phi (P1 4.1.1, 4.2.2; P2's template). Everything that does not depend on the
 * picture is prepared once per chain: the condition's share of the layer it joins, and the weights of the last layer.
 */
import * as tf from '@tensorflow/tfjs-core'
import { assertNever } from '../domain/errors.ts'
import type { SolverNetwork } from '../domain/networks.ts'
import type { Condition } from './condition.ts'
import { activate } from './layers/activate.ts'
import { convolve, deconvolve } from './layers/convolve.ts'
import { halve } from './layers/resize.ts'
import {
  kaiming,
  normal,
  type Parameters,
  type ParameterShape,
  type ParameterShapes,
  sizeOf,
  zeros,
} from './parameters.ts'

/** Standard deviation of fresh kernels in the published code (all layers); the papers give none. */
const NARROW = 0.01
/** Standard deviation in the template's decoder, as in the initializer's (see classDecoder.ts). */
const TEMPLATE_DEVIATION = 0.02

export function solverShapes(network: SolverNetwork): ParameterShapes {
  const shapes: Record<string, ParameterShape> = {}
  for (let scale = 0; scale < network.scales; scale++) addScale(network, scale, shapes)
  if (network.condition.kind === 'template') addTemplate(network, network.condition, shapes)
  return shapes
}

function addScale(network: SolverNetwork, scale: number, shapes: Record<string, ParameterShape>): void {
  const { condition, head, convolutions, initialisation } = network
  const narrow = initialisation === 'narrow'
  const prefix = scalePrefix(scale)
  let incoming = network.channels
  let size = network.size / 2 ** scale
  convolutions.forEach(({ kernel, stride, channels }, index) => {
    if (index === joinLayer(network)) incoming += joinedChannels(network)
    const shape = [kernel, kernel, incoming, channels]
    const initial = narrow ? normal(NARROW) : kaiming(kernel * kernel * incoming)
    shapes[`${prefix}conv${index + 1}/kernel`] = { shape, initial }
    shapes[`${prefix}conv${index + 1}/bias`] = { shape: [channels], initial: zeros }
    incoming = channels
    size = Math.ceil(size / stride)
  })
  const shape = head.kind === 'dense' ? [size * size * incoming, head.outputs] : [3, 3, incoming, 1]
  const fanIn = sizeOf(shape.slice(0, -1))
  const initial = normal(narrow ? NARROW : 1 / Math.sqrt(fanIn))
  shapes[`${prefix}dense/kernel`] = { shape, initial }
  shapes[`${prefix}dense/bias`] = { shape: [head.kind === 'dense' ? head.outputs : 1], initial: zeros }
  if (condition.kind === 'projection') shapes[`${prefix}label/kernel`] = { shape: [condition.labels, fanIn], initial }
}

/** P2's decoder: the one-hot label grows from 1x1 to a picture of the target's size. */
function addTemplate(
  network: SolverNetwork,
  { labels, channels }: { labels: number; channels: readonly number[] },
  shapes: Record<string, ParameterShape>,
): void {
  let incoming = labels
  decoderSizes(network.size).forEach((_, index, sizes) => {
    const outgoing = index === sizes.length - 1 ? network.channels : channels[index]
    shapes[`template${index + 1}/kernel`] = { shape: [4, 4, outgoing, incoming], initial: normal(TEMPLATE_DEVIATION) }
    shapes[`template${index + 1}/bias`] = { shape: [outgoing], initial: zeros }
    incoming = outgoing
  })
}

/** The sizes on the way from 1x1 to `size` by doubling: 28 -> 4, 7, 14, 28. */
export function decoderSizes(size: number): number[] {
  const sizes = [size]
  while (sizes[0] > 4) sizes.unshift(Math.ceil(sizes[0] / 2))
  return sizes
}

function scalePrefix(scale: number): string {
  return scale === 0 ? '' : `scale${scale + 1}/`
}

function joinLayer({ condition }: SolverNetwork): number {
  if (condition.kind === 'concatenate') return condition.joinAt
  return condition.kind === 'projection' ? -1 : 0
}

function joinedChannels({ condition, channels }: SolverNetwork): number {
  switch (condition.kind) {
    case 'concatenate':
      return condition.labels
    case 'picture':
      return condition.channels
    case 'template':
      return channels
    case 'projection':
      return 0
  }
}

/** What a chain computes once, per scale. Made of tensors: dispose with tf.dispose. */
export type PreparedSolver = {
  /** Pre-activation share of the condition, [batch, h, w, channels] of the layer it joins, bias included. */
  readonly joined?: tf.Tensor4D
  /** The rest of that layer's kernel, for the picture's channels. */
  readonly kernel?: tf.Tensor4D
  /** Dense head: the outputs' weights summed, [features, 1], or with projected labels [batch, features]. */
  readonly head?: tf.Tensor2D
  /** Patch head under a mask: how much each position counts, mean 1 per example, [batch, h, w, 1]. */
  readonly weight?: tf.Tensor4D
}

export function prepareSolver(network: SolverNetwork, parameters: Parameters, condition: Condition): PreparedSolver[] {
  const template = network.condition.kind === 'template' ? drawTemplate(network, parameters, condition) : undefined
  return Array.from({ length: network.scales }, (_, scale) => {
    const prefix = scalePrefix(scale)
    return {
      ...prepareJoin(network, parameters, prefix, scale, template ?? condition.picture, condition.label),
      ...prepareHead(network, parameters, prefix, condition.label),
      ...prepareWeight(network, scale, condition.mask),
    }
  })
}

function prepareJoin(
  network: SolverNetwork,
  parameters: Parameters,
  prefix: string,
  scale: number,
  picture: tf.Tensor4D | undefined,
  label: tf.Tensor2D | undefined,
): Pick<PreparedSolver, 'joined' | 'kernel'> {
  const index = joinLayer(network)
  if (index < 0) return {}
  const name = `${prefix}conv${index + 1}`
  const kernel = parameters[`${name}/kernel`] as tf.Tensor4D
  const bias = parameters[`${name}/bias`] as tf.Tensor1D
  const [height, width, incoming, outgoing] = kernel.shape
  const own = incoming - joinedChannels(network)
  const mine = tf.slice(kernel, [0, 0, 0, 0], [height, width, own, outgoing])
  const theirs = tf.slice(kernel, [0, 0, own, 0], [height, width, incoming - own, outgoing])
  const joining =
    network.condition.kind === 'concatenate' ? labelPlanes(network, scale, index, label) : shrink(picture, scale)
  return { kernel: mine, joined: convolve(joining, theirs, bias, network.convolutions[index].stride) }
}

/** One constant plane per class, in the size of the map it joins. */
function labelPlanes(
  network: SolverNetwork,
  scale: number,
  index: number,
  label: tf.Tensor2D | undefined,
): tf.Tensor4D {
  if (label === undefined || network.condition.kind !== 'concatenate') throw new RangeError('this solver needs labels')
  const before = network.convolutions.slice(0, index)
  const size = before.reduce((length, { stride }) => Math.ceil(length / stride), network.size / 2 ** scale)
  const scaled = tf.reshape(tf.mul(label, network.condition.scale), [label.shape[0], 1, 1, label.shape[1]])
  return tf.tile(scaled, [1, size, size, 1]) as tf.Tensor4D
}

function shrink(picture: tf.Tensor4D | undefined, scale: number): tf.Tensor4D {
  if (picture === undefined) throw new RangeError('this solver needs condition pictures')
  let small = picture
  for (let i = 0; i < scale; i++) small = halve(small)
  return small
}

function drawTemplate(network: SolverNetwork, parameters: Parameters, { label }: Condition): tf.Tensor4D {
  if (label === undefined) throw new RangeError('this solver needs labels')
  let h = tf.reshape(label, [label.shape[0], 1, 1, label.shape[1]]) as tf.Tensor4D
  decoderSizes(network.size).forEach((size, index, sizes) => {
    h = deconvolve(h, parameters[`template${index + 1}/kernel`] as tf.Tensor4D, size)
    h = tf.add(h, parameters[`template${index + 1}/bias`])
    h = index === sizes.length - 1 ? tf.tanh(h) : tf.relu(h)
  })
  return h
}

function prepareHead(
  network: SolverNetwork,
  parameters: Parameters,
  prefix: string,
  label: tf.Tensor2D | undefined,
): Pick<PreparedSolver, 'head'> {
  if (network.head.kind === 'patch') return {}
  // The outputs are only ever summed, so their weights may be summed first: the same function at a hundredth of the work.
  const weights = tf.sum(parameters[`${prefix}dense/kernel`], 1, true) as tf.Tensor2D
  if (network.condition.kind !== 'projection') return { head: weights }
  if (label === undefined) throw new RangeError('this solver needs labels')
  const projected = tf.matMul(label, parameters[`${prefix}label/kernel`] as tf.Tensor2D)
  return { head: tf.add(tf.mul(projected, network.condition.scale), tf.transpose(weights)) }
}

/**
 * Inpainting: only positions that see hidden pixels tell the solver anything, so the others do not dilute the mean. (A departure, like the patch head.)
 */
function prepareWeight(
  network: SolverNetwork,
  scale: number,
  mask: tf.Tensor4D | undefined,
): Pick<PreparedSolver, 'weight'> {
  if (network.head.kind === 'dense' || mask === undefined) return {}
  const strides = network.convolutions.map(({ stride }) => stride)
  const hidden = strides.reduce(
    (map, stride) => tf.maxPool(map, 3, stride, 'same'),
    tf.cast(shrink(mask, scale), 'float32'),
  )
  return { weight: tf.div(hidden, tf.maximum(tf.mean(hidden, [1, 2], true), 1e-6)) }
}

/**
 * The network's outputs for every scale: dense [batch, 1] (already summed over the outputs), patch [batch, h, w, 1].
 * @param picture Y, [batch, size, size, channels]
 */
export function respond(
  network: SolverNetwork,
  parameters: Parameters,
  prepared: readonly PreparedSolver[],
  picture: tf.Tensor4D,
): tf.Tensor[] {
  let sized = picture
  return prepared.map((own, scale) => {
    if (scale > 0) sized = halve(sized)
    const prefix = scalePrefix(scale)
    const h = network.convolutions.reduce<tf.Tensor4D>((map, { stride }, index) => {
      const { [`${prefix}conv${index + 1}/kernel`]: kernel, [`${prefix}conv${index + 1}/bias`]: bias } = parameters
      if (own.joined && own.kernel && index === joinLayer(network))
        return activate(tf.add(convolve(map, own.kernel, undefined, stride), own.joined), network.activation)
      return convolve(map, kernel as tf.Tensor4D, bias as tf.Tensor1D, stride, network.activation)
    }, sized)
    return respondHead(network, parameters, prefix, own, h)
  })
}

function respondHead(
  network: SolverNetwork,
  parameters: Parameters,
  prefix: string,
  { head }: PreparedSolver,
  h: tf.Tensor4D,
): tf.Tensor {
  const { [`${prefix}dense/kernel`]: kernel, [`${prefix}dense/bias`]: bias } = parameters
  if (network.head.kind === 'patch') return convolve(h, kernel as tf.Tensor4D, bias as tf.Tensor1D, 1)
  if (head === undefined) throw new RangeError('the solver was not prepared')
  const features = tf.reshape(h, [h.shape[0], -1]) as tf.Tensor2D
  const product =
    network.condition.kind === 'projection' ? tf.sum(tf.mul(features, head), 1, true) : tf.matMul(features, head)
  return tf.add(product, tf.sum(bias))
}

/**
 * Phi in the network's own units, [batch]: outputs summed (dense) or averaged over positions (patch, weighted under a mask), over all scales, times
 * the output scale.
 */
export function combineResponses(
  network: SolverNetwork,
  prepared: readonly PreparedSolver[],
  responses: readonly tf.Tensor[],
): tf.Tensor1D {
  const values = responses.map((response, scale) => {
    const { weight } = prepared[scale]
    return tf.mean(tf.reshape(weight ? tf.mul(response, weight) : response, [response.shape[0], -1]), 1)
  })
  return tf.mul(
    values.reduce((sum, value) => tf.add(sum, value)),
    network.outputScale,
  ) as tf.Tensor1D
}

/** What a solver needs besides its parameters to speak of values: s^2, or 1 when the network is trained in natural units. */
export function potentialScale(network: SolverNetwork, referenceDeviation: number): number {
  switch (network.units) {
    case 'phi':
      return referenceDeviation ** 2
    case 'natural':
      return 1
    default:
      return assertNever(network.units)
  }
}

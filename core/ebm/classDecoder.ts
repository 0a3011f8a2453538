/** The initializer g(X, C) of class -> picture: layers of deconvolutions with the label joined early or late (P1 4.1.1 to 4.1.3). */
import * as tf from '@tensorflow/tfjs-core'
import type { ClassInitializer } from '../domain/networks.ts'
import { convolve, deconvolve } from './layers/convolve.ts'
import { type BatchMode, normalise } from './layers/normalise.ts'
import { normal, ones, type Parameters, type ParameterShape, type ParameterShapes, zeros } from './parameters.ts'

/** Standard deviation of fresh kernels. The papers give none; 0.02 is DCGAN's (Radford et al., 2016), usual where layers are normalised. */
const DEVIATION = 0.02

export function classDecoderShapes(network: ClassInitializer): ParameterShapes {
  const shapes: Record<string, ParameterShape> = {}
  let incoming = network.latent
  network.layers.forEach(({ kernel, channels }, index) => {
    const name = `deconv${index + 1}`
    if (index === network.joinAt) incoming += network.labels
    const last = index === network.layers.length - 1
    // The first layer grows from 1x1 by a transposed convolution in both designs.
    const resized = network.upsampling === 'resize' && index > 0
    const shape = resized ? [3, 3, incoming, channels] : [kernel, kernel, channels, incoming]
    shapes[`${name}/kernel`] = { shape, initial: normal(DEVIATION) }
    // A normalised layer has scale and shift and no bias: normalisation would remove it.
    if (last || network.normalisation === 'none') shapes[`${name}/bias`] = { shape: [channels], initial: zeros }
    else {
      shapes[`${name}/gamma`] = { shape: [channels], initial: ones }
      shapes[`${name}/beta`] = { shape: [channels], initial: zeros }
    }
    incoming = channels
  })
  return shapes
}

/**
 * @param latent [batch, d]
 * @param label [batch, K]
 * @returns pictures [batch, size, size, channels] in (-1, 1)
 */
export function decodeClass(
  network: ClassInitializer,
  parameters: Parameters,
  latent: tf.Tensor2D,
  label: tf.Tensor2D,
  mode: BatchMode,
): tf.Tensor4D {
  const batch = latent.shape[0]
  const scaled: tf.Tensor4D = tf.reshape(tf.mul(label, network.labelScale), [batch, 1, 1, network.labels])
  let h: tf.Tensor4D = tf.reshape(latent, [batch, 1, 1, network.latent])
  network.layers.forEach(({ size }, index) => {
    const name = `deconv${index + 1}`
    const kernel = parameters[`${name}/kernel`] as tf.Tensor4D
    if (index === network.joinAt) h = tf.concat4d([h, tf.tile(scaled, [1, h.shape[1], h.shape[2], 1])], 3)
    h =
      network.upsampling === 'resize' && index > 0
        ? convolve(tf.image.resizeNearestNeighbor(h, [size, size]), kernel, undefined, 1)
        : deconvolve(h, kernel, size)
    if (`${name}/bias` in parameters) h = tf.add(h, parameters[`${name}/bias`])
    if (index === network.layers.length - 1) return
    if (network.normalisation !== 'none') {
      const { [`${name}/gamma`]: gamma, [`${name}/beta`]: beta } = parameters
      h = normalise(h, gamma as tf.Tensor1D, beta as tf.Tensor1D, network.normalisation, name, mode)
    }
    h = tf.relu(h)
  })
  return tf.tanh(h)
}

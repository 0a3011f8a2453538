/**
 * Extra kernels: an engine may register faster versions of a few compound operations under these names (core/compute does). Where it
 * does not, the same operation is composed of plain tfjs ops. Both ways compute the same numbers.
 */
import * as tf from '@tensorflow/tfjs-core'
import './gradients.ts'

export type ExtraKernel =
  | 'BiasAdd' // x, bias
  | 'ReluGrad' // dy, y
  | 'LeakyReluGrad' // dy, y; alpha
  | 'Silu' // x
  | 'SiluGrad' // dy, x
  | 'GroupNorm' // x, gamma, beta; groups, epsilon -> y, mean, rstd
  | 'GroupNormGrad' // dy, x, gamma, mean, rstd; groups -> dx, dgamma, dbeta
  | 'AdamStep' // value, gradient, m, v; rate, beta1, beta2, epsilon, step -> value, m, v
  | 'Lerp' // a, b; weight

export function hasKernel(name: ExtraKernel): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined
}

/** Runs an extra kernel that hasKernel() found, or one of tfjs's own. */
export function runKernel<T extends tf.Tensor | tf.Tensor[]>(
  name: ExtraKernel | 'Conv2D' | 'FusedConv2D' | 'Conv2DBackpropFilter',
  inputs: Record<string, tf.Tensor>,
  attributes: tf.NamedAttrMap = {},
): T {
  return tf.engine().runKernel<T>(name, inputs, attributes)
}

/**
 * Makes a compound operation known to the current engine: one node on the gradient tape instead of many, whose gradients are computed
 * only for the inputs that need them. Its gradient is registered once with tf.registerGradient.
 */
export function runCompound<T extends tf.Tensor | tf.Tensor[]>(
  name: string,
  compute: (inputs: Record<string, tf.Tensor>, attributes: tf.NamedAttrMap) => T,
  inputs: Record<string, tf.Tensor>,
  attributes: tf.NamedAttrMap = {},
): T {
  const backendName = tf.getBackend()
  if (tf.getKernel(name, backendName) === undefined)
    tf.registerKernel({
      kernelName: name,
      backendName,
      // The engine passes the very tensors it was given, and whatever runs inside a kernel is not taped.
      kernelFunc: (call) => tf.tidy(() => compute(call.inputs as Record<string, tf.Tensor>, call.attrs ?? {})),
    })
  return tf.engine().runKernel<T>(name, inputs, attributes)
}

/**
 * Operations that TensorFlow does faster than tfjs asks for: native ones that tfjs does not know, and compositions arranged for this
 * engine. The networks call them by name where `tf.getKernel(name, tf.getBackend())` knows them.
 *
 * | kernel | inputs | attributes | output |
 * |---|---|---|---|
 * | BiasAdd | x [..., channels], bias [channels] | | like x |
 * | BiasAddGrad | dy [..., channels] | | [channels], the sum over all other axes |
 * | ReluGrad | dy, y (the activation's output, or its input) | | like dy |
 * | LeakyReluGrad | dy, y (output or input: the sign decides) | alpha > 0 | like dy |
 * | SiluGrad | dy, x (SiLU's input) | | like dy |
 * | GroupNorm | x, gamma, beta | groups, epsilon | y, mean, rstd |
 * | GroupNormGrad | dy, x, gamma, mean, rstd | groups | dx, dgamma, dbeta |
 */
import * as tf from '@tensorflow/tfjs-core'
import type { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js'
import type { TFEOpAttr, TFJSBinding } from '@tensorflow/tfjs-node-gpu/dist/tfjs_binding.js'
import { groupNorm, groupNormGradient } from './groupNorm.ts'

interface NativeKernel {
  /** Names of the inputs, in TensorFlow's order. */
  inputs: string[]
  attributes?: (binding: TFJSBinding, attributes: tf.NamedAttrMap) => TFEOpAttr[]
}

const channelsLast = (binding: TFJSBinding): TFEOpAttr[] => [
  { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
]

const kernels: Record<string, NativeKernel> = {
  BiasAdd: { inputs: ['x', 'bias'], attributes: channelsLast },
  BiasAddGrad: { inputs: ['dy'], attributes: channelsLast },
  ReluGrad: { inputs: ['dy', 'y'] },
  LeakyReluGrad: {
    inputs: ['dy', 'y'],
    attributes: (binding, { alpha }) => [{ name: 'alpha', type: binding.TF_ATTR_FLOAT, value: Number(alpha) }],
  },
  SigmoidGrad: { inputs: ['y', 'dy'] },
}

const compositions: Record<
  string,
  (inputs: Record<string, tf.Tensor>, attributes: tf.NamedAttrMap) => tf.Tensor | tf.Tensor[]
> = {
  // d(x s) = dy s + (dy x) s', s the sigmoid of x.
  SiluGrad({ dy, x }) {
    const s = tf.sigmoid(x!)
    return tf.add(tf.mul(dy!, s), tf.engine().runKernel('SigmoidGrad', { y: s, dy: tf.mul(dy!, x!) }))
  },
  GroupNorm: groupNorm,
  GroupNormGrad: groupNormGradient,
}

/** Registers them for the backend 'tensorflow', once per process. */
export function registerNativeKernels(): void {
  for (const [name, kernel] of Object.entries(kernels)) {
    register(name, ({ inputs, attrs, backend }) =>
      executeNative(name, kernel, inputs, attrs ?? {}, backend as NodeJSKernelBackend),
    )
  }
  for (const [name, compute] of Object.entries(compositions)) {
    // tfjs passes on the tensors it was given, and records nothing for gradients inside a kernel.
    register(name, ({ inputs, attrs }) => tf.tidy(() => compute(inputs as Record<string, tf.Tensor>, attrs ?? {})))
  }
}

function register(kernelName: string, kernelFunc: tf.KernelFunc): void {
  if (!tf.getKernel(kernelName, 'tensorflow')) tf.registerKernel({ kernelName, backendName: 'tensorflow', kernelFunc })
}

function executeNative(
  name: string,
  kernel: NativeKernel,
  inputs: tf.NamedTensorInfoMap,
  attributes: tf.NamedAttrMap,
  backend: NodeJSKernelBackend,
): tf.TensorInfo {
  const operands = kernel.inputs.map((input) => {
    const operand = inputs[input]
    if (!operand) throw new TypeError(`${name} needs the input "${input}"`)
    return operand
  })
  const type: TFEOpAttr = { name: 'T', type: backend.binding.TF_ATTR_TYPE, value: backend.binding.TF_FLOAT }
  return backend.executeSingleOutput(
    name,
    [type, ...(kernel.attributes?.(backend.binding, attributes) ?? [])],
    operands,
  )
}

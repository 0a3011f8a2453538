/**
 * Native operations that TensorFlow has and TensorFlow.js does not ask for: a bias and the gradients of bias and activation in one
 * pass each, instead of compositions that walk over the picture several times. The networks call them by name where
 * `tf.getKernel(name, tf.getBackend())` knows them.
 *
 * | kernel | inputs | attributes | output |
 * |---|---|---|---|
 * | BiasAdd | x [..., channels], bias [channels] | | like x |
 * | BiasAddGrad | dy [..., channels] | | [channels], the sum over all other axes |
 * | ReluGrad | dy, y (the activation's output, or its input) | | like dy |
 * | LeakyReluGrad | dy, y (output or input: the sign decides) | alpha > 0 | like dy |
 * | SigmoidGrad | dy, y (the sigmoid's output) | | like dy |
 */
import * as tf from '@tensorflow/tfjs-core'
import type { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js'
import type { TFEOpAttr, TFJSBinding } from '@tensorflow/tfjs-node-gpu/dist/tfjs_binding.js'

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

/** Registers them for the backend 'tensorflow', once per process. */
export function registerNativeKernels(): void {
  for (const [name, kernel] of Object.entries(kernels)) {
    if (tf.getKernel(name, 'tensorflow')) continue
    tf.registerKernel({
      kernelName: name,
      backendName: 'tensorflow',
      kernelFunc: ({ inputs, attrs, backend }) =>
        executeNative(name, kernel, inputs, attrs ?? {}, backend as NodeJSKernelBackend),
    })
  }
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

/**
 * Convolution + bias + activation as one operation, and transposed convolution. Gradients are written out so that a Langevin step
 * (gradient to the picture alone) never computes a weight gradient.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Activation } from '../../domain/networks.ts'
import { activate, activationGradient } from './activate.ts'
import { hasKernel, runCompound, runKernel } from './kernels.ts'

type Folded = 'linear' | 'relu' | 'leakyRelu'

/**
 * @param x [batch, height, width, in]
 * @param kernel [k, k, in, out]
 * @param bias [out] or nothing
 * @returns [batch, ceil(height / stride), ceil(width / stride), out], padding `same`
 */
export function convolve(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  bias: tf.Tensor1D | undefined,
  stride: number,
  activation: Activation = 'linear',
): tf.Tensor4D {
  const folded: Folded = activation === 'silu' ? 'linear' : activation
  const y = bias
    ? runCompound('TandemConvolution', computeConvolution, { x, kernel, bias }, { stride, activation: folded })
    : activate(tf.conv2d(x, kernel, stride, 'same'), folded)
  return activate(y as tf.Tensor4D, activation === 'silu' ? 'silu' : 'linear')
}

function computeConvolution(
  { x, kernel, bias }: Record<string, tf.Tensor>,
  { stride, activation }: tf.NamedAttrMap,
): tf.Tensor {
  const folded = activation as Folded
  const attributes = { strides: [stride, stride] as number[], pad: 'same', dataFormat: 'NHWC', dilations: [1, 1] }
  if (hasKernel('BiasAdd')) {
    const y = runKernel<tf.Tensor>('Conv2D', { x, filter: kernel }, attributes)
    return activate(runKernel<tf.Tensor>('BiasAdd', { x: y, bias }), folded)
  }
  const inside = folded === 'relu' ? 'relu' : 'linear'
  const y = runKernel<tf.Tensor>('FusedConv2D', { x, filter: kernel, bias }, { ...attributes, activation: inside })
  return folded === 'leakyRelu' ? activate(y, folded) : y
}

tf.registerGradient({
  kernelName: 'TandemConvolution',
  inputsToSave: ['x', 'kernel'],
  outputsToSave: [true],
  gradFunc: (dy, saved, attributes) => {
    const [x, kernel, y] = saved as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D]
    const stride = attributes.stride as number
    // Computed here and not in the functions below, because both need it; the backward pass frees it at its end.
    const before = activationGradient(dy as tf.Tensor4D, y, attributes.activation as Folded)
    return {
      x: () => tf.conv2dTranspose(before, kernel, x.shape, stride, 'same'),
      kernel: () =>
        runKernel<tf.Tensor>(
          'Conv2DBackpropFilter',
          { x, dy: before },
          { strides: [stride, stride], pad: 'same', dataFormat: 'NHWC', filterShape: kernel.shape },
        ),
      bias: () => tf.sum(before, [0, 1, 2]),
    }
  },
})

/**
 * Transposed convolution (the papers' deconvolution).
 * @param x [batch, height, width, in]
 * @param kernel [k, k, out, in] (TensorFlow's order)
 * @param size height and width of the output. From 1x1 to size = k the padding is `valid`; else `same`, size = height x stride or one less.
 * @returns [batch, size, size, out]
 */
export function deconvolve(x: tf.Tensor4D, kernel: tf.Tensor4D, size: number): tf.Tensor4D {
  const [batch, height] = x.shape
  const shape: [number, number, number, number] = [batch, size, size, kernel.shape[2]]
  return height === 1 && size === kernel.shape[0]
    ? tf.conv2dTranspose(x, kernel, shape, 1, 'valid')
    : tf.conv2dTranspose(x, kernel, shape, Math.ceil(size / height), 'same')
}

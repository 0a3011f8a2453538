/** Activations, and their gradients where a convolution folds the activation into itself. */
import * as tf from '@tensorflow/tfjs-core'
import type { Activation } from '../../domain/networks.ts'
import { hasKernel, runCompound, runKernel } from './kernels.ts'

/** Slope of the leaky ReLU below zero (P1 4.2.2). */
export const LEAK = 0.2

export function activate<T extends tf.Tensor>(x: T, activation: Activation): T {
  switch (activation) {
    case 'linear':
      return x
    case 'relu':
      return tf.relu(x)
    case 'leakyRelu':
      return tf.leakyRelu(x, LEAK)
    case 'silu':
      return runCompound('TandemSilu', (inputs) => computeSilu(inputs.x), { x }) as T
  }
}

/** Gradient before the activation, from the gradient after it and the activation's output y. */
export function activationGradient(
  dy: tf.Tensor4D,
  y: tf.Tensor4D,
  activation: 'linear' | 'relu' | 'leakyRelu',
): tf.Tensor4D {
  if (activation === 'linear') return dy
  if (activation === 'relu') return hasKernel('ReluGrad') ? runKernel('ReluGrad', { dy, y }) : tf.mul(dy, tf.step(y))
  // The output has the sign of the input, so it tells the slope.
  return hasKernel('LeakyReluGrad')
    ? runKernel('LeakyReluGrad', { dy, y }, { alpha: LEAK })
    : tf.mul(dy, tf.step(y, LEAK))
}

/** x * sigmoid(x) (Swish). */
function computeSilu(x: tf.Tensor): tf.Tensor {
  return hasKernel('Silu') ? runKernel('Silu', { x }) : tf.mul(x, tf.sigmoid(x))
}

tf.registerGradient({
  kernelName: 'TandemSilu',
  inputsToSave: ['x'],
  gradFunc: (dy, [x]) => ({
    x: () => {
      if (hasKernel('SiluGrad')) return runKernel<tf.Tensor>('SiluGrad', { dy: dy as tf.Tensor, x })
      const s = tf.sigmoid(x)
      return tf.mul(dy as tf.Tensor, tf.mul(s, tf.add(1, tf.mul(x, tf.sub(1, s)))))
    },
  }),
})

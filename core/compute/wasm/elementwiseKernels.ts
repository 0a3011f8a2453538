/**
 * Kernels that work number by number: activations and their gradients, Adam, the moving average. LeakyRelu takes the place of tfjs's
 * own; the others are extra.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { KernelRunner } from './kernelRunner.ts'
import { areFloats, assertAlike, numberAttribute, sizeOf, type Compute } from './kernelTable.ts'

export function elementwiseKernels(runner: KernelRunner): Record<string, Compute> {
  /** One output of the shape of the inputs. */
  function map(name: string, kernel: string, inputs: TensorInfo[], ...numbers: number[]): TensorInfo {
    const [first, ...others] = inputs
    assertAlike(name, first, ...others)
    const out = runner.heap.createTensor(first.shape)
    const size = sizeOf(out)
    const pointers = [...inputs, out].map((tensor) => runner.at(tensor))
    runner.run(kernel, cutOf(size), ...pointers, size, ...numbers)
    return out
  }
  return {
    LeakyRelu({ inputs: { x }, attributes }) {
      return areFloats(x)
        ? map('LeakyRelu', 'leakyRelu', [x], numberAttribute('LeakyRelu', attributes, 'alpha'))
        : undefined
    },
    ReluGrad: ({ inputs: { dy, y } }) => map('ReluGrad', 'reluGrad', [dy, y]),
    LeakyReluGrad: ({ inputs: { dy, y }, attributes }) =>
      map('LeakyReluGrad', 'leakyReluGrad', [dy, y], numberAttribute('LeakyReluGrad', attributes, 'alpha')),
    Silu: ({ inputs: { x } }) => map('Silu', 'silu', [x]),
    SiluGrad: ({ inputs: { dy, x } }) => map('SiluGrad', 'siluGrad', [dy, x]),
    Lerp: ({ inputs: { a, b }, attributes }) =>
      map('Lerp', 'lerp', [a, b], numberAttribute('Lerp', attributes, 'weight')),
    AdamStep({ inputs: { value, gradient, m, v }, attributes }) {
      assertAlike('AdamStep', value, gradient, m, v)
      const [rate, beta1, beta2, epsilon, step] = ['rate', 'beta1', 'beta2', 'epsilon', 'step'].map((name) =>
        numberAttribute('AdamStep', attributes, name),
      )
      if (!(step >= 1)) throw new RangeError(`AdamStep: step counts from 1, not ${step}`)
      const outputs = [0, 1, 2].map(() => runner.heap.createTensor(value.shape))
      const size = sizeOf(value)
      const pointers = [value, gradient, m, v, ...outputs].map((tensor) => runner.at(tensor))
      const moments = [beta1, 1 - beta1, beta2, 1 - beta2, 1 - beta1 ** step, 1 - beta2 ** step]
      runner.run('adamStep', cutOf(size), ...pointers, size, rate, ...moments, epsilon)
      return outputs
    },
  }
}

/** Blocks of 1024 numbers; 16 of them take as long as it takes to wake a thread. */
function cutOf(size: number) {
  return { items: Math.ceil(size / 1024), grain: 16 }
}

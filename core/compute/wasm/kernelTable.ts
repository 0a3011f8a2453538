/** Puts our kernels in the place of tfjs's own for the wasm backend, and takes them out again. */
import * as tf from '@tensorflow/tfjs-core'
import { AppError } from '../../domain/errors.ts'

export const backendName = 'wasm'

export interface KernelCall {
  /** By name; an optional input may be missing. */
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>
  readonly attributes: tf.NamedAttrMap
}

/** Computes the result, or undefined when the call is not one of those it can do: then tfjs's own kernel runs. */
export type Compute = (call: KernelCall) => tf.TensorInfo | tf.TensorInfo[] | undefined

/** Returns how to undo it. */
export function installKernels(table: Readonly<Record<string, Compute>>): () => void {
  const undo = Object.entries(table).map(([name, compute]) => installKernel(name, compute))
  return () => undo.forEach((restore) => restore())
}

function installKernel(kernelName: string, compute: Compute): () => void {
  const stock = tf.getKernel(kernelName, backendName)
  if (stock) tf.unregisterKernel(kernelName, backendName)
  tf.registerKernel({
    ...stock,
    kernelName,
    backendName,
    kernelFunc({ inputs: given, backend, attrs = {} }) {
      const inputs = given as KernelCall['inputs']
      const result = compute({ inputs, attributes: attrs })
      if (result !== undefined) return result
      if (stock) return stock.kernelFunc({ inputs, backend, attrs })
      throw new AppError(
        'engine-unavailable',
        `The wasm engine cannot compute this ${kernelName}: ${describe(inputs)}.`,
      )
    },
  })
  return () => {
    tf.unregisterKernel(kernelName, backendName)
    if (stock) tf.registerKernel(stock)
  }
}

function describe(inputs: KernelCall['inputs']): string {
  return Object.entries(inputs)
    .map(([name, tensor]) => `${name} ${tensor.dtype} [${tensor.shape.join(', ')}]`)
    .join(', ')
}

export function areFloats(...tensors: tf.TensorInfo[]): boolean {
  return tensors.every((tensor) => tensor.dtype === 'float32')
}

/** Throws TypeError unless all are float32, RangeError unless all have the shape of the first. */
export function assertAlike(kernel: string, first: tf.TensorInfo, ...others: tf.TensorInfo[]): void {
  assertFloats(kernel, first, ...others)
  for (const other of others)
    if (!tf.util.arraysEqual(first.shape, other.shape))
      throw new RangeError(`${kernel}: shapes differ, [${first.shape.join(', ')}] and [${other.shape.join(', ')}]`)
}

export function assertFloats(kernel: string, ...tensors: tf.TensorInfo[]): void {
  for (const tensor of tensors)
    if (tensor.dtype !== 'float32') throw new TypeError(`${kernel} takes float32 tensors, not ${tensor.dtype}`)
}

/** A number among the attributes. Throws RangeError when it is missing or not finite. */
export function numberAttribute(kernel: string, attributes: tf.NamedAttrMap, name: string): number {
  const value = attributes[name]
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new RangeError(`${kernel}: ${name} must be a number, not ${String(value)}`)
  return value
}

export function sizeOf(tensor: tf.TensorInfo): number {
  return tf.util.sizeFromShape(tensor.shape)
}

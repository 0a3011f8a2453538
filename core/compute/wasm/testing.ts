/** For the tests: the engine in every form, reference results from tfjs's cpu backend, and how far two results differ. */
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { Random } from '../../domain/random.ts'
import { buildKernels } from './buildKernels.ts'
import { openWasm, type WasmEngine, type WasmOptions } from './openWasm.ts'

export const fastForms: Required<WasmOptions>[] = [
  { kernels: 'best', threads: 1 },
  { kernels: 'best', threads: 2 },
  { kernels: 'simd', threads: 1 },
  { kernels: 'simd', threads: 3 },
]
export const allForms: Required<WasmOptions>[] = [...fastForms, { kernels: 'stock', threads: 1 }]

export async function openBuilt(options: WasmOptions): Promise<WasmEngine> {
  await buildKernels()
  return openWasm(options)
}

/** Plain data of a tensor: what can be carried from one backend to another. */
export interface Values {
  readonly shape: number[]
  readonly data: Float32Array
}

export function randomValues(seed: number, shape: number[]): Values {
  return { shape, data: new Random(seed).normals(tf.util.sizeFromShape(shape)) }
}

export type Inputs = Readonly<Record<string, Values>>

/** One call of a kernel. */
export interface Call {
  readonly name: string
  readonly inputs: Inputs
  readonly attributes?: tf.NamedAttrMap
}

/** Runs one kernel on the current backend and leaves no tensor behind. */
export function runKernel({ name, inputs, attributes = {} }: Call): Values[] {
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([key, { data, shape }]) => [key, tf.tensor(data, shape, 'float32')]),
  )
  try {
    const result: tf.Tensor | tf.Tensor[] = tf.engine().runKernel(name, tensors, attributes)
    const values = [result].flat().map(toValues)
    tf.dispose(result)
    return values
  } finally {
    tf.dispose(tensors)
  }
}

export function toValues(tensor: tf.Tensor): Values {
  return { shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) }
}

/** The same on tfjs's cpu backend, which is slow and right; then back to wasm. */
export async function onCpu<T>(compute: () => T): Promise<T> {
  const before = tf.getBackend()
  await tf.setBackend('cpu')
  try {
    return compute()
  } finally {
    await tf.setBackend(before)
  }
}

/** Largest difference relative to the largest number of the reference; infinite when shapes differ or one is NaN alone. */
export function relativeError(actual: Values, expected: Values): number {
  if (!tf.util.arraysEqual(actual.shape, expected.shape)) return Infinity
  let difference = 0
  let largest = 1e-30
  actual.data.forEach((value, i) => {
    const reference = expected.data[i]
    if (Object.is(value, reference) || (Number.isNaN(value) && Number.isNaN(reference))) return
    difference = Math.max(difference, Number.isNaN(value - reference) ? Infinity : Math.abs(value - reference))
    largest = Math.max(largest, Math.abs(reference))
  })
  return difference / largest
}

export function haveSameBits(a: Values, b: Values): boolean {
  return tf.util.arraysEqual(a.shape, b.shape) && Buffer.from(a.data.buffer).equals(Buffer.from(b.data.buffer))
}

/** Examples [first, end) of a stack. */
export function examples({ shape, data }: Values, first: number, end: number): Values {
  const size = data.length / shape[0]
  return { shape: [end - first, ...shape.slice(1)], data: data.slice(first * size, end * size) }
}

/** The reference vectors of core/golden, or of the folder GOLDEN_DIR: other vectors of the same form. Used by tests. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'

export interface GoldenTensor {
  readonly shape: number[]
  readonly data: number[]
}

export const goldenFolder = process.env.GOLDEN_DIR ?? join(import.meta.dirname, '../golden')

export function readGolden<T>(name: string): T {
  return JSON.parse(readFileSync(join(goldenFolder, name), 'utf8')) as T
}

export function toTensor<R extends tf.Rank>({ shape, data }: GoldenTensor): tf.Tensor<R> {
  return tf.tensor(data, shape as tf.ShapeMap[R], 'float32')
}

/** The normalisation belongs to its layer: the files' `norm1/gamma` is our `deconv1/gamma`. */
export function toParameters(table: Record<string, GoldenTensor>): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(table).map(([name, value]) => [name.replace(/^norm/, 'deconv'), toTensor(value)]),
  )
}

/** Largest absolute difference relative to the largest absolute value expected. */
export async function relativeError(actual: tf.Tensor, expected: GoldenTensor): Promise<number> {
  const numbers = await actual.data()
  if (numbers.length !== expected.data.length)
    throw new RangeError(`${numbers.length} numbers, expected ${expected.data.length}`)
  const largest = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30)
  const worst = expected.data.reduce((most, value, index) => Math.max(most, Math.abs(value - numbers[index])), 0)
  return worst / largest
}

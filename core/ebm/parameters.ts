/** Named parameters: what a network is made of, as plain functions over a table. Names are `layer/kernel`, `layer/bias`, `layer/gamma`, `layer/beta`. */
import * as tf from '@tensorflow/tfjs-core'
import type { Random } from '../domain/random.ts'

/** Tensors by name. Who makes a table disposes of it. */
export type Parameters = Readonly<Record<string, tf.Tensor>>

/** Shape and initial distribution of one parameter. */
export interface ParameterShape {
  readonly shape: readonly number[]
  readonly initial:
    { readonly kind: 'normal'; readonly deviation: number } | { readonly kind: 'constant'; readonly value: number }
}

export type ParameterShapes = Readonly<Record<string, ParameterShape>>

export const zeros = { kind: 'constant', value: 0 } as const
export const ones = { kind: 'constant', value: 1 } as const

export function normal(deviation: number): ParameterShape['initial'] {
  return { kind: 'normal', deviation }
}

/** He initialisation for a leaky ReLU of slope 0.2: standard deviation sqrt(2 / (1.04 fan-in)). */
export function kaiming(fanIn: number): ParameterShape['initial'] {
  return normal(Math.sqrt(2 / (1.04 * fanIn)))
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1)
}

/** Number of trainable numbers. */
export function countParameters(shapes: ParameterShapes): number {
  return Object.values(shapes).reduce((sum, { shape }) => sum + sizeOf(shape), 0)
}

/** Fresh parameters, drawn in the order of the names. */
export function initialiseParameters(shapes: ParameterShapes, random: Random): Record<string, tf.Tensor> {
  const parameters: Record<string, tf.Tensor> = {}
  for (const [name, { shape, initial }] of Object.entries(shapes)) {
    const values =
      initial.kind === 'constant'
        ? new Float32Array(sizeOf(shape)).fill(initial.value)
        : random.normals(sizeOf(shape)).map((number) => number * initial.deviation)
    parameters[name] = tf.tensor(values, [...shape])
  }
  return parameters
}

/** The table with every tensor replaced. */
export function mapParameters(
  parameters: Parameters,
  change: (tensor: tf.Tensor, name: string) => tf.Tensor,
): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(parameters).map(([name, tensor]) => [name, change(tensor, name)]))
}

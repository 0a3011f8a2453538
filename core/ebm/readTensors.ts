/**
 * The only ways out of the engine. A GPU answers later, and meanwhile the run may go on; so what is read is held from the call to the answer.
 */
import * as tf from '@tensorflow/tfjs-core'
import { mapParameters, type Parameters } from './parameters.ts'

/** Tensors as plain data, by name. */
export type StoredTensors = Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>

/** The numbers of one tensor, which it disposes of. */
export async function takeNumbers(tensor: tf.Tensor): Promise<Float32Array> {
  try {
    return Float32Array.from(await tensor.data())
  } finally {
    tensor.dispose()
  }
}

/** Copies tensors as they are at the moment of the call, whatever their owner does until the answer. */
export async function copyTensors(tensors: Parameters): Promise<StoredTensors> {
  const held = mapParameters(tensors, (tensor) => tf.keep(tf.clone(tensor)))
  try {
    const stored: StoredTensors = {}
    // One after the other: a GPU needs a second buffer for each that is on its way.
    for (const [name, tensor] of Object.entries(held))
      stored[name] = { shape: tensor.shape, data: Float32Array.from(await tensor.data()) }
    return stored
  } finally {
    tf.dispose(held)
  }
}

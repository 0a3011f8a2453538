/** Doubling and halving of feature maps. */
import * as tf from '@tensorflow/tfjs-core'

/** Nearest-neighbour copy to twice the size: [batch, h, w, c] -> [batch, 2h, 2w, c]. */
export function double(x: tf.Tensor4D): tf.Tensor4D {
  const [, height, width] = x.shape
  return tf.image.resizeNearestNeighbor(x, [height * 2, width * 2])
}

/** Mean of 2x2 blocks: [batch, h, w, c] -> [batch, h / 2, w / 2, c]. */
export function halve(x: tf.Tensor4D): tf.Tensor4D {
  return tf.avgPool(x, 2, 2, 'valid')
}

/**
 * Running root mean square of the solver's gradient: normalised steps are measured in it, so that the chain's move does not depend on how
 * steep the value has become. Learns while training, frozen while sampling (a sample never depends on its batch mates). A departure from the papers.
 */
import * as tf from '@tensorflow/tfjs-core'

const DECAY = 0.995
/** Keeps a gradient of zero from dividing by zero. */
const FLOOR = 1e-12

export class GradientNormaliser {
  #scale: tf.Scalar | undefined
  learning: boolean

  constructor(options: { scale?: number; learning: boolean }) {
    this.#scale = options.scale === undefined ? undefined : tf.keep(tf.scalar(options.scale))
    this.learning = options.learning
  }

  /** Root mean square to divide by, after it has learnt from `gradient` if it is learning. With a mask only hidden pixels count. */
  scaleOf(gradient: tf.Tensor4D, mask: tf.Tensor4D | undefined): tf.Scalar {
    if (this.#scale === undefined || this.learning) {
      const measured = tf.tidy(() => rootMeanSquare(gradient, mask))
      const previous = this.#scale ?? measured
      this.#scale = tf.keep(tf.tidy(() => tf.add(tf.mul(previous, DECAY), tf.mul(measured, 1 - DECAY)) as tf.Scalar))
      if (previous !== measured) previous.dispose()
      measured.dispose()
    }
    return this.#scale
  }

  /** The number to store in a checkpoint; undefined before the first step. */
  read(): number | undefined {
    return this.#scale?.dataSync()[0]
  }

  dispose(): void {
    this.#scale?.dispose()
  }
}

function rootMeanSquare(gradient: tf.Tensor4D, mask: tf.Tensor4D | undefined): tf.Scalar {
  const squares = tf.square(gradient)
  if (mask === undefined) return tf.add(tf.sqrt(tf.mean(squares)), FLOOR)
  const share = tf.mean(mask)
  return tf.add(tf.sqrt(tf.div(tf.mean(squares), tf.maximum(share, FLOOR))), FLOOR)
}

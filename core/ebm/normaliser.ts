/**
 * Running root mean square of the solver's gradient: normalised steps are measured in it, so that the chain's move does not depend on how
 * steep the value has become. Learns while training, frozen while sampling (a sample never depends on its batch mates). A departure from the papers.
 */
import * as tf from '@tensorflow/tfjs-core'
import { takeNumbers } from './readTensors.ts'

const DECAY = 0.995
/** Keeps a gradient of zero from dividing by zero. */
const FLOOR = 1e-12

export interface GradientScale {
  /** Root mean square to divide by: [] or, before anything was learnt, each example's own. With a mask only hidden pixels count. */
  scaleOf(gradient: tf.Tensor4D, mask: tf.Tensor4D | undefined): tf.Tensor
  /** The same scale without learning, for sampling beside a run and for a second look at the same step. */
  readonly frozen: GradientScale
}

export class GradientNormaliser implements GradientScale {
  #scale: tf.Scalar | undefined
  readonly learning: boolean

  constructor(options: { scale?: number; learning: boolean }) {
    this.#scale = options.scale === undefined ? undefined : tf.keep(tf.scalar(options.scale))
    this.learning = options.learning
  }

  /** If it is learning, it first learns from `gradient`. */
  scaleOf(gradient: tf.Tensor4D, mask: tf.Tensor4D | undefined): tf.Tensor {
    if (this.learning) this.#learn(gradient, mask)
    return this.#read(gradient, mask)
  }

  get frozen(): GradientScale {
    const frozen: GradientScale = {
      scaleOf: (gradient, mask) => this.#read(gradient, mask),
      get frozen() {
        return frozen
      },
    }
    return frozen
  }

  #learn(gradient: tf.Tensor4D, mask: tf.Tensor4D | undefined): void {
    const next = tf.tidy(() => {
      const measured = rootMeanSquare(gradient, mask, [0, 1, 2, 3])
      const previous = this.#scale ?? measured
      return tf.reshape(tf.add(tf.mul(previous, DECAY), tf.mul(measured, 1 - DECAY)), [])
    })
    this.restore(next as tf.Scalar)
  }

  #read(gradient: tf.Tensor4D, mask: tf.Tensor4D | undefined): tf.Tensor {
    return this.#scale ?? tf.tidy(() => rootMeanSquare(gradient, mask, [1, 2, 3]))
  }

  /** What restore() takes to undo a step that was not finished. The caller owns it. */
  snapshot(): tf.Scalar | undefined {
    return this.#scale && tf.keep(tf.clone(this.#scale))
  }

  /** Takes ownership of the scale. */
  restore(scale: tf.Scalar | undefined): void {
    this.#scale?.dispose()
    this.#scale = scale && tf.keep(scale)
  }

  /** The number to store in a checkpoint, as it is at the moment of the call; undefined before the first step. */
  async read(): Promise<number | undefined> {
    const scale = this.snapshot()
    return scale && (await takeNumbers(scale))[0]
  }

  dispose(): void {
    this.#scale?.dispose()
  }
}

function rootMeanSquare(gradient: tf.Tensor4D, mask: tf.Tensor4D | undefined, axes: number[]): tf.Tensor {
  const squares = tf.mean(tf.square(gradient), axes, true)
  if (mask === undefined) return tf.add(tf.sqrt(squares), FLOOR)
  const share = tf.mean(mask, axes, true)
  return tf.add(tf.sqrt(tf.div(squares, tf.maximum(share, FLOOR))), FLOOR)
}

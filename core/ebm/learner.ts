/**
 * One network that learns: its parameters, Adam's two moments (Kingma and Ba, 2015) and the moving average used for sampling. Gradient-norm
 * clipping happens on the engine, nothing is downloaded.
 */
import * as tf from '@tensorflow/tfjs-core'
import { hasKernel, runKernel } from './layers/kernels.ts'
import { mapParameters, type Parameters } from './parameters.ts'

/** Golden vectors and PyTorch: added to sqrt(v). */
const EPSILON = 1e-8

export interface UpdateOptions {
  readonly rate: number
  readonly beta1: number
  readonly beta2: number
  /** Largest gradient norm; 0 is no clip. */
  readonly clip: number
  /** Decay of the moving average; 0 keeps none. */
  readonly average: number
}

/** Everything a learner is, as tables of tensors by name; what a checkpoint stores. */
export interface LearnerTables {
  readonly parameters: Record<string, tf.Tensor>
  readonly first: Record<string, tf.Tensor>
  readonly second: Record<string, tf.Tensor>
  readonly average: Record<string, tf.Tensor>
}

export class Learner {
  #tables: LearnerTables
  /** Number of Adam steps so far. */
  updates: number

  /** Takes ownership of the tensors. */
  constructor(tables: LearnerTables, updates: number) {
    this.#tables = tables
    this.updates = updates
  }

  /** A learner that has not learnt: moments are zero, the average is the parameters. Takes ownership of `parameters`. */
  static fresh(parameters: Record<string, tf.Tensor>): Learner {
    const zero = () => mapParameters(parameters, (tensor) => tf.zerosLike(tensor))
    const average = mapParameters(parameters, (tensor) => tf.clone(tensor))
    return new Learner({ parameters, first: zero(), second: zero(), average }, 0)
  }

  get tables(): LearnerTables {
    return this.#tables
  }

  get parameters(): Parameters {
    return this.#tables.parameters
  }

  /** The parameters to sample with. */
  get average(): Parameters {
    return this.#tables.average
  }

  /**
   * Loss of the parameters and its gradients. The gradients belong to the caller.
   * @param loss receives a table of the same names
   */
  differentiate(loss: (parameters: Parameters) => tf.Scalar): {
    loss: tf.Scalar
    gradients: Record<string, tf.Tensor>
  } {
    const names = Object.keys(this.parameters)
    const differentiate = tf.valueAndGrads((...tensors: tf.Tensor[]) => loss(tableOf(names, tensors)))
    const { value, grads } = differentiate(names.map((name) => this.parameters[name]))
    return { loss: value as tf.Scalar, gradients: tableOf(names, grads) }
  }

  /** One Adam step downhill; disposes of the gradients. Returns their norm before the clip, [] on the engine. */
  update(gradients: Record<string, tf.Tensor>, options: UpdateOptions): tf.Scalar {
    this.updates++
    // One by one: a GPU binds only a few buffers at once, so addN of a whole network may not run.
    const norm = tf.tidy(() => {
      const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)) as tf.Scalar)
      return tf.sqrt(squares.reduce((sum, value) => tf.add(sum, value)))
    })
    const factor = options.clip > 0 ? tf.tidy(() => tf.minimum(1, tf.div(options.clip, tf.add(norm, 1e-6)))) : undefined
    const weight = options.average > 0 ? Math.min(options.average, (1 + this.updates) / (10 + this.updates)) : 0
    for (const [name, gradient] of Object.entries(gradients)) {
      const { parameters, first, second, average } = this.#tables
      const old = [parameters[name], first[name], second[name], average[name], gradient]
      const [value, m, v, mean] = tf.tidy(() => {
        const clipped = factor ? tf.mul(gradient, factor) : gradient
        const [next, nextFirst, nextSecond] = this.#step(name, clipped, options)
        return [next, nextFirst, nextSecond, lerp(average[name], next, 1 - weight)]
      })
      // Kept: an enclosing tf.tidy must not free what the learner owns.
      parameters[name] = tf.keep(value)
      first[name] = tf.keep(m)
      second[name] = tf.keep(v)
      average[name] = tf.keep(mean)
      tf.dispose(old)
    }
    factor?.dispose()
    return norm
  }

  #step(name: string, gradient: tf.Tensor, { rate, beta1, beta2 }: UpdateOptions): tf.Tensor[] {
    const { parameters, first, second } = this.#tables
    const value = parameters[name]
    const inputs = { value, gradient, m: first[name], v: second[name] }
    if (hasKernel('AdamStep'))
      return runKernel<tf.Tensor[]>('AdamStep', inputs, { rate, beta1, beta2, epsilon: EPSILON, step: this.updates })
    const m = lerp(inputs.m, gradient, 1 - beta1)
    const v = lerp(inputs.v, tf.square(gradient), 1 - beta2)
    const unbiasedFirst = tf.div(m, 1 - beta1 ** this.updates)
    const unbiasedSecond = tf.div(v, 1 - beta2 ** this.updates)
    return [tf.sub(value, tf.div(tf.mul(unbiasedFirst, rate), tf.add(tf.sqrt(unbiasedSecond), EPSILON))), m, v]
  }

  dispose(): void {
    tf.dispose([this.#tables.parameters, this.#tables.first, this.#tables.second, this.#tables.average])
  }
}

function tableOf(names: readonly string[], tensors: readonly tf.Tensor[]): Record<string, tf.Tensor> {
  return Object.fromEntries(names.map((name, index) => [name, tensors[index]]))
}

/** a + weight (b - a) */
export function lerp(a: tf.Tensor, b: tf.Tensor, weight: number): tf.Tensor {
  if (weight === 1) return tf.clone(b)
  return hasKernel('Lerp')
    ? runKernel<tf.Tensor>('Lerp', { a, b }, { weight })
    : tf.add(a, tf.mul(tf.sub(b, a), weight))
}

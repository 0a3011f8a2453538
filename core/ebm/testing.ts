/** Small networks, recipes and pictures for tests: every form of the product's recipes at the size of a thumbnail. */
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import type { InitializerNetwork, SolverNetwork } from '../domain/networks.ts'
import { type Batch, createPictures, type Pictures } from '../domain/picture.ts'
import { Random } from '../domain/random.ts'
import type { Recipe, RecipeName, TaskKind } from '../domain/recipe.ts'
import { createRecipe } from '../domain/recipes/createRecipe.ts'
import type { RecipeRequest } from '../domain/recipes/request.ts'

import { type Condition, oneHot } from './condition.ts'
import { type ParameterShapes } from './parameters.ts'

export const labels = ['circle', 'square', 'star']

/** tfjs's own backend in plain JavaScript: slow, everywhere, and independent of our kernels. */
export async function useCpu(): Promise<void> {
  tf.env().set('PROD', true)
  await tf.setBackend('cpu')
}

export function requestOf(task: TaskKind, extra: Partial<RecipeRequest> = {}): RecipeRequest {
  return { task, size: 32, channels: 3, labels: task === 'class' ? labels : [], ...extra }
}

/** A recipe of the product, its networks shrunk to `size` x `size` pictures and a few channels, its chain to 3 steps, its batch to 8. */
export function smallRecipe(
  name: RecipeName,
  request: RecipeRequest,
  { size = 8, changes = {} }: { size?: number; changes?: Partial<Pick<Recipe, 'chain' | 'learning' | 'length'>> } = {},
): Recipe {
  const recipe = createRecipe(name, request)
  return {
    ...recipe,
    size,
    initializer: shrinkInitializer(recipe.initializer, size),
    solver: shrinkSolver(recipe.solver, size),
    chain: { ...recipe.chain, steps: 3 },
    learning: { ...recipe.learning, batch: 8 },
    ...changes,
  }
}

function shrinkInitializer(network: InitializerNetwork, size: number): InitializerNetwork {
  if (network.kind === 'uNet') {
    // As in the papers: down to 1x1 where the bottleneck is not normalised, else to 2x2.
    const levels = Math.log2(size) - (network.normaliseBottleneck ? 1 : 0)
    const channels = [8, 8, 16, 16].slice(0, levels)
    const latent = network.latent === 'dropout' ? network.latent : 6
    return { ...network, size, channels, latent, dropoutLayers: Math.min(network.dropoutLayers, levels - 1) }
  }
  const last = network.layers[network.layers.length - 1].channels
  const layers = [
    { kernel: 4, size: 4, channels: 16 },
    { kernel: 4, size: size / 2, channels: 8 },
    { kernel: 4, size, channels: last },
  ].filter((layer, index, all) => index === 0 || layer.size > all[0].size)
  return { ...network, latent: 6, joinAt: Math.min(network.joinAt, 1), layers }
}

function shrinkSolver(network: SolverNetwork, size: number): SolverNetwork {
  const { condition, head } = network
  return {
    ...network,
    size,
    convolutions: network.convolutions.map((layer, index) => ({ ...layer, channels: 4 + 4 * index })),
    condition: condition.kind === 'template' ? { ...condition, channels: [6, 4] } : condition,
    head: head.kind === 'dense' ? { ...head, outputs: Math.min(head.outputs, 5) } : head,
  }
}

/** Learnable pictures: a disc or a square of random place and colour, its outline as the condition, its form as the label. */
export function fakeBatch(recipe: Recipe, count: number, seed: number): Batch {
  const { size, channels, task } = recipe
  const observed = createPictures(count, size, size, channels)
  const drawn = recipe.initializer.kind === 'uNet' ? recipe.initializer.conditionChannels : 1
  const condition = createPictures(count, size, size, drawn)
  const mask = createPictures(count, size, size, 1)
  const kinds = new Int32Array(count)
  for (let example = 0; example < count; example++) {
    const random = new Random(seed, example)
    kinds[example] = random.integer(Math.max(2, recipe.labels.length))
    const centre = size * (0.35 + 0.3 * random.uniform())
    const radius = size * (0.2 + 0.15 * random.uniform())
    const colours = Array.from({ length: channels }, () => 0.9 - 0.8 * random.uniform())
    for (let pixel = 0; pixel < size * size; pixel++) {
      const [x, y] = [(pixel % size) - centre, Math.floor(pixel / size) - centre]
      const distance = kinds[example] === 0 ? Math.hypot(x, y) : Math.max(Math.abs(x), Math.abs(y))
      const place = example * size * size + pixel
      colours.forEach((colour, channel) => {
        observed.data[place * channels + channel] = distance < radius ? colour : -0.8
      })
      condition.data.fill(Math.abs(distance - radius) < 0.7 ? -1 : 1, place * drawn, (place + 1) * drawn)
      mask.data[place] = Math.abs(x) < size / 4 && Math.abs(y) < size / 4 ? 1 : 0
    }
  }
  if (task === 'class') return { observed, labels: kinds }
  return task === 'picture' ? { observed, condition } : { observed, mask }
}

/** A batch as the networks receive it. The caller owns the tensors. */
export function fakeTensors(
  recipe: Recipe,
  count: number,
  seed: number,
): { condition: Condition; observed: tf.Tensor4D } {
  const batch = fakeBatch(recipe, count, seed)
  return tf.tidy(() => {
    const observed = tensorOf(batch.observed)
    if (batch.labels) return { observed, condition: { label: oneHot(batch.labels, recipe.labels.length) } }
    if (batch.condition) return { observed, condition: { picture: tensorOf(batch.condition) } }
    if (batch.mask === undefined) throw new RangeError('no condition')
    const mask = tensorOf(batch.mask)
    const visible: tf.Tensor4D = tf.mul(observed, tf.sub(1, mask))
    return {
      observed,
      condition: { mask, picture: recipe.data.maskChannel ? tf.concat4d([visible, mask], 3) : visible },
    }
  })
}

function tensorOf({ data, count, height, width, channels }: Pictures): tf.Tensor4D {
  return tf.tensor4d(data, [count, height, width, channels])
}

export function randomTensor<S extends number[]>(shape: [...S], seed: number, deviation = 1): tf.Tensor {
  const size = shape.reduce((product, length) => product * length, 1)
  return tf.tensor(
    new Random(seed).normals(size).map((value) => value * deviation),
    shape,
  )
}

/** Parameters that do something: fresh ones, biases and shifts random too, all enlarged by `gain`. */
export function livelyParameters(shapes: ParameterShapes, seed: number, gain = 1): Record<string, tf.Tensor> {
  const random = new Random(seed)
  const lively = Object.entries(shapes).map(([name, { shape, initial }]) => {
    const deviation = initial.kind === 'normal' ? initial.deviation * gain : 0.1
    const centre = initial.kind === 'constant' ? initial.value : 0
    return [name, { shape, centre, deviation }] as const
  })
  return Object.fromEntries(
    lively.map(([name, { shape, centre, deviation }]) => {
      const size = shape.reduce((product, length) => product * length, 1)
      return [
        name,
        tf.tensor(
          random.normals(size).map((value) => centre + deviation * value),
          [...shape],
        ),
      ]
    }),
  )
}

/** All parameters zero: Phi = 0. */
export function zeroParameters(shapes: ParameterShapes): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(shapes).map(([name, { shape }]) => [name, tf.zeros([...shape])]))
}

/** Largest absolute difference relative to the largest absolute value expected. */
export function relativeDifference(actual: tf.Tensor, expected: tf.Tensor): number {
  if (actual.shape.join() !== expected.shape.join())
    throw new RangeError(`shape ${actual.shape.join()}, expected ${expected.shape.join()}`)
  return tf.tidy(() => {
    const scale = tf.maximum(tf.max(tf.abs(expected)), 1e-30)
    return tf.div(tf.max(tf.abs(tf.sub(actual, expected))), scale).dataSync()[0]
  })
}

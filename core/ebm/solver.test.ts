/** The prepared solver against the literal network: conditions concatenated as planes, every output computed and summed. */
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import type { SolverNetwork } from '../domain/networks.ts'
import type { Condition } from './condition.ts'
import { oneHot } from './condition.ts'
import { combineResponses, decoderSizes, prepareSolver, respond, solverShapes } from './solver.ts'
import type { Parameters } from './parameters.ts'
import { livelyParameters, randomTensor, relativeDifference, useCpu } from './testing.ts'

beforeAll(useCpu)

const SIZE = 8
const LABELS = 3
type Map4 = tf.Tensor4D

const network = (changes: Partial<SolverNetwork>): SolverNetwork => ({
  size: SIZE,
  channels: 2,
  convolutions: [
    { kernel: 5, stride: 2, channels: 4 },
    { kernel: 3, stride: 2, channels: 5 },
    { kernel: 3, stride: 1, channels: 6 },
  ],
  activation: 'leakyRelu',
  condition: { kind: 'concatenate', labels: LABELS, scale: 1, joinAt: 2 },
  head: { kind: 'dense', outputs: 100 },
  scales: 1,
  initialisation: 'kaiming',
  outputScale: 1,
  units: 'phi',
  ...changes,
})

const activations = {
  linear: (x: tf.Tensor) => x,
  relu: (x: tf.Tensor) => tf.relu(x),
  leakyRelu: (x: tf.Tensor) => tf.maximum(x, tf.mul(x, 0.2)),
  silu: (x: tf.Tensor) => tf.mul(x, tf.sigmoid(x)),
}

function literalValue(net: SolverNetwork, parameters: Parameters, picture: Map4, condition: Condition): tf.Tensor {
  let value: tf.Tensor = tf.zeros([picture.shape[0]])
  let [y, drawn] = [
    picture,
    net.condition.kind === 'template' ? literalTemplate(net, parameters, condition) : condition.picture,
  ]
  let mask = condition.mask && ([...condition.mask.dataSync()] as number[])
  for (let scale = 0; scale < net.scales; scale++) {
    if (scale > 0) {
      y = tf.avgPool(y, 2, 2, 'valid')
      drawn = drawn && tf.avgPool(drawn, 2, 2, 'valid')
      mask = mask && halveMask(mask, y.shape[1] * 2)
    }
    const prefix = scale === 0 ? '' : `scale${scale + 1}/`
    value = tf.add(value, literalScale(net, parameters, prefix, y, { label: condition.label, drawn, mask }))
  }
  return tf.mul(value, net.outputScale)
}

function literalScale(
  net: SolverNetwork,
  parameters: Parameters,
  prefix: string,
  y: Map4,
  { label, drawn, mask }: { label?: tf.Tensor2D; drawn?: Map4; mask?: number[] },
): tf.Tensor {
  const { condition, head } = net
  let h: Map4 = condition.kind === 'picture' || condition.kind === 'template' ? tf.concat4d([y, drawn as Map4], 3) : y
  net.convolutions.forEach(({ stride }, index) => {
    if (condition.kind === 'concatenate' && condition.joinAt === index) {
      const planes = tf.reshape(tf.mul(label as tf.Tensor2D, condition.scale), [-1, 1, 1, LABELS])
      h = tf.concat4d([h, tf.mul(tf.ones([h.shape[0], h.shape[1], h.shape[2], 1]), planes) as Map4], 3)
    }
    const { [`${prefix}conv${index + 1}/kernel`]: kernel, [`${prefix}conv${index + 1}/bias`]: bias } = parameters
    h = activations[net.activation](tf.add(tf.conv2d(h, kernel as Map4, stride, 'same'), bias)) as Map4
  })
  const { [`${prefix}dense/kernel`]: kernel, [`${prefix}dense/bias`]: bias } = parameters
  if (head.kind === 'patch') {
    const map = tf.add(tf.conv2d(h, kernel as Map4, 1, 'same'), bias)
    const positions = map.size / map.shape[0]
    const flat = tf.reshape(map, [-1, positions])
    if (!mask) return tf.mean(flat, 1)
    const weight = tf.tensor2d(countingPositions(net, mask, y.shape[1], y.shape[0]), [y.shape[0], positions])
    return tf.div(tf.sum(tf.mul(flat, weight), 1), tf.maximum(tf.sum(weight, 1), 1e-6))
  }
  const features = tf.reshape(h, [h.shape[0], -1]) as tf.Tensor2D
  const outputs = tf.sum(tf.add(tf.matMul(features, kernel as tf.Tensor2D), bias), 1)
  if (condition.kind !== 'projection') return outputs
  const own = tf.matMul(label as tf.Tensor2D, parameters[`${prefix}label/kernel`] as tf.Tensor2D)
  return tf.add(outputs, tf.mul(tf.sum(tf.mul(features, own), 1), condition.scale))
}

function literalTemplate(net: SolverNetwork, parameters: Parameters, { label }: Condition): Map4 {
  const sizes = decoderSizes(net.size)
  let h: tf.Tensor = tf.reshape(label as tf.Tensor2D, [-1, 1, 1, LABELS])
  sizes.forEach((size, index) => {
    const { [`template${index + 1}/kernel`]: kernel, [`template${index + 1}/bias`]: bias } = parameters
    const shape: [number, number, number, number] = [h.shape[0], size, size, kernel.shape[2] as number]
    const [stride, pad] = index === 0 ? [1, 'valid' as const] : [2, 'same' as const]
    h = tf.add(tf.conv2dTranspose(h as Map4, kernel as Map4, shape, stride, pad), bias)
    h = index === sizes.length - 1 ? tf.tanh(h) : tf.relu(h)
  })
  return h as Map4
}

function halveMask(mask: number[], size: number): number[] {
  const half = size / 2
  return Array.from({ length: mask.length / 4 }, (_, place) => {
    const [example, row, column] = [Math.floor(place / half ** 2), Math.floor(place / half) % half, place % half]
    const at = (r: number, c: number) => mask[example * size ** 2 + (2 * row + r) * size + 2 * column + c]
    return (at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4
  })
}

/** How hidden is the most hidden pixel that each last position sees through a 3x3 window in each layer. */
function countingPositions(net: SolverNetwork, mask: number[], size: number, batch: number): number[] {
  let [map, side] = [mask, size]
  for (const { stride } of net.convolutions) {
    const [from, to] = [side, Math.ceil(side / stride)]
    // TensorFlow's `same` pads more at the end.
    const before = Math.floor(Math.max(0, (to - 1) * stride + 3 - from) / 2)
    const old = map
    map = Array.from({ length: batch * to * to }, (_, place) => {
      const [example, row, column] = [Math.floor(place / to ** 2), Math.floor(place / to) % to, place % to]
      let most = 0
      for (let r = row * stride - before; r < row * stride - before + 3; r++)
        for (let c = column * stride - before; c < column * stride - before + 3; c++)
          if (r >= 0 && r < from && c >= 0 && c < from) most = Math.max(most, old[example * from ** 2 + r * from + c])
      return most
    })
    side = to
  }
  return map
}

const label = (): Condition => ({ label: oneHot([0, 2], LABELS) })
const blended = (): Condition => ({ label: tf.tensor2d([0.2, 0.5, 0.3, 0, 0, 0], [2, LABELS]) })
const drawn = (): Condition => ({ picture: randomTensor([2, SIZE, SIZE, 3], 8) as Map4 })
const masked = (): Condition => {
  const mask = new Float32Array(2 * SIZE * SIZE)
  for (let row = 0; row < 3; row++) mask.fill(1, row * SIZE + 5, row * SIZE + 8)
  mask.fill(1, SIZE * SIZE + 12, SIZE * SIZE + 20)
  return { ...drawn(), mask: tf.tensor4d(mask, [2, SIZE, SIZE, 1]) }
}
const patch = { head: { kind: 'patch' }, condition: { kind: 'picture', channels: 3 } } as const
const concatenate = (joinAt: number, scale = 1) => ({ kind: 'concatenate', labels: LABELS, scale, joinAt }) as const

const cases: [string, Partial<SolverNetwork>, () => Condition][] = [
  ['label before the first layer', { condition: concatenate(0) }, label],
  ['label before the second layer, scaled', { condition: concatenate(1, 10), activation: 'silu' }, label],
  ['label before the third layer', { condition: concatenate(2), activation: 'relu' }, label],
  ['blended and hidden labels', { condition: concatenate(2, 3) }, blended],
  ['label planes at two scales', { condition: concatenate(1), scales: 2 }, label],
  [
    'projection',
    { condition: { kind: 'projection', labels: LABELS, scale: 2 }, activation: 'silu', outputScale: 10 },
    blended,
  ],
  ['template', { condition: { kind: 'template', labels: LABELS, channels: [6, 4] }, activation: 'relu' }, label],
  ['picture', { condition: { kind: 'picture', channels: 3 } }, drawn],
  ['patch energy', { ...patch, activation: 'silu' }, drawn],
  ['patch energy at two scales', { ...patch, scales: 2, outputScale: 3 }, drawn],
  ['patch energy at two scales under a mask', { ...patch, scales: 2, activation: 'silu' }, masked],
]

describe('prepared solver', () => {
  it.each(cases)('%s: the literal value and all its gradients', (_, changes, makeCondition) =>
    tf.tidy(() => {
      const net = network(changes)
      const condition = makeCondition()
      const parameters = livelyParameters(solverShapes(net), 5, 2)
      const names = Object.keys(parameters)
      const picture = randomTensor([2, SIZE, SIZE, 2], 6) as Map4
      const perExample = tf.tensor1d([1, -0.7])
      const ours = (y: Map4, table: Parameters) => {
        const prepared = prepareSolver(net, table, condition)
        return combineResponses(net, prepared, respond(net, table, prepared, y))
      }
      const literal = (y: Map4, table: Parameters) => literalValue(net, table, y, condition)
      const expectedValue = literal(picture, parameters)
      expect(expectedValue.shape).toEqual([2])
      expect(relativeDifference(ours(picture, parameters), expectedValue)).toBeLessThan(1e-4)
      const differentiate = (value: typeof literal) =>
        tf.grads((...all: tf.Tensor[]) => {
          const table = Object.fromEntries(names.map((name, index) => [name, all[index + 1]]))
          return tf.sum(tf.mul(value(all[0] as Map4, table), perExample))
        })([picture, ...names.map((name) => parameters[name])])
      const expected = differentiate(literal)
      differentiate(ours).forEach((gradient, index) => {
        expect(gradient.shape).toEqual(expected[index].shape)
        expect(relativeDifference(gradient, expected[index]), ['picture', ...names][index]).toBeLessThan(1e-4)
      })
    }),
  )

  it('counts under a mask only positions near it: a full mask changes nothing, far pixels do not matter', () =>
    tf.tidy(() => {
      const net = network({ ...patch, convolutions: [{ kernel: 3, stride: 1, channels: 4 }] })
      const parameters = livelyParameters(solverShapes(net), 5, 2)
      const evaluate = (picture: Map4, condition: Condition) => {
        const prepared = prepareSolver(net, parameters, condition)
        return combineResponses(net, prepared, respond(net, parameters, prepared, picture)).dataSync()
      }
      const picture = randomTensor([2, SIZE, SIZE, 2], 6) as Map4
      const full: Condition = { ...drawn(), mask: tf.ones([2, SIZE, SIZE, 1]) }
      expect(evaluate(picture, full)[1]).toBeCloseTo(evaluate(picture, drawn())[1], 5)
      const far = tf.buffer([2, SIZE, SIZE, 2])
      far.set(3, 0, 7, 0, 0) // the mask is in the other corner
      const changed = tf.add(picture, far.toTensor()) as Map4
      expect(evaluate(changed, masked())[0]).toBe(evaluate(picture, masked())[0])
      expect(evaluate(changed, drawn())[0]).not.toBe(evaluate(picture, drawn())[0])
    }))

  it.each([
    ['labels', { condition: concatenate(2) }],
    ['labels', { condition: { kind: 'projection', labels: LABELS, scale: 1 } }],
    ['labels', { condition: { kind: 'template', labels: LABELS, channels: [4, 4] } }],
    ['condition pictures', patch],
  ] as [string, Partial<SolverNetwork>][])('says that it needs %s', (missing, changes) => {
    tf.tidy(() => {
      const net = network(changes)
      const parameters = livelyParameters(solverShapes(net), 5)
      expect(() => prepareSolver(net, parameters, {})).toThrow(new RangeError(`this solver needs ${missing}`))
    })
  })
})

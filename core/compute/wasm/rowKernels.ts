/** tfjs's Tile and Sum by ours where they repeat one block or sum over all axes but the last (the gradient of a bias). */
import * as tf from '@tensorflow/tfjs-core'
import type { KernelRunner } from './kernelRunner.ts'
import { areFloats, type Compute } from './kernelTable.ts'

const ROWS_PER_GROUP = 1024
const MOST_GROUPS = 8

export function rowKernels(runner: KernelRunner): Record<string, Compute> {
  return {
    Tile({ inputs: { x }, attributes: { reps } }) {
      if (!areFloats(x) || !Array.isArray(reps) || reps.length !== x.shape.length) return undefined
      const repeat = reduceToBlocks(x.shape, reps.map(Number))
      if (repeat === undefined) return undefined
      const { blocks, length, times } = repeat
      const out = runner.heap.createTensor(x.shape.map((size, axis) => size * Number(reps[axis])))
      const cut = { items: blocks, grain: Math.max(1, Math.floor(16_384 / (length * times))) }
      runner.run('repeatBlocks', cut, runner.at(x), runner.at(out), length, times)
      return out
    },
    Sum({ inputs: { x }, attributes: { axis, keepDims } }) {
      const last = x.shape.length - 1
      // No axis means all of them, which is not our case.
      if (!areFloats(x) || last < 1 || axis === undefined || axis === null) return undefined
      const axes = tf.util.parseAxisParam(Array.isArray(axis) ? axis.map(Number) : Number(axis), x.shape)
      const isLeading = axes.length === last && [...axes].sort((a, b) => a - b).every((value, i) => value === i)
      if (!isLeading) return undefined
      const columns = x.shape[last]
      const rows = tf.util.sizeFromShape(x.shape.slice(0, last))
      const out = runner.heap.createTensor([...(keepDims ? axes.map(() => 1) : []), columns])
      // As with the filter gradients, the shape alone decides how the sum is cut.
      const groups = Math.max(1, Math.min(MOST_GROUPS, Math.floor(rows / ROWS_PER_GROUP)))
      const partials = groups === 1 ? runner.at(out) : runner.reserve('partials', groups * columns * 4)
      runner.run('sumRows', { items: groups, scratchBytes: columns * 4 }, runner.at(x), partials, rows, columns, groups)
      if (groups > 1)
        runner.run('sumPartials', { items: Math.ceil(columns / 1024) }, partials, groups, columns, runner.at(out))
      return out
    },
  }
}

/**
 * A tiling as `blocks` blocks of `length` numbers, each repeated `times` times: possible when one axis is repeated, or several
 * neighbours of length 1.
 */
function reduceToBlocks(
  shape: number[],
  reps: number[],
): { blocks: number; length: number; times: number } | undefined {
  const repeated = reps.map((_, axis) => axis).filter((axis) => reps[axis] !== 1)
  const [first, last] = [repeated.at(0) ?? 0, repeated.at(-1) ?? 0]
  const inside = shape.slice(first, last + 1)
  if (first !== last && inside.some((size) => size !== 1)) return undefined
  return {
    blocks: tf.util.sizeFromShape(shape.slice(0, first)),
    length: tf.util.sizeFromShape(shape.slice(first)),
    times: tf.util.sizeFromShape(reps),
  }
}

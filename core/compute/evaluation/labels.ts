/** Which labels samples are drawn for, and which examples a contact sheet shows. */
import { AppError } from '../../domain/errors.ts'
import type { Batch } from '../../domain/picture.ts'
import { Random } from '../../domain/random.ts'

const ORDER_STREAM = 32

/** @throws AppError mismatch for examples without labels */
export function needLabels({ labels }: Batch): Int32Array {
  if (labels === undefined) throw new AppError('mismatch', 'The class task is measured on pictures with labels.')
  return labels
}

/** `count` labels in the proportions of the given ones, mixed by the seed: class frequencies must not tell samples from real pictures. */
export function spreadLabels(labels: Int32Array, count: number, seed: number): Int32Array {
  const sorted = labels.toSorted()
  const order = new Random(seed, ORDER_STREAM).permutation(count)
  return Int32Array.from(order, (place) => sorted[Math.floor(((place + 0.5) * sorted.length) / count)])
}

/** Indices of up to `count` examples, the classes taking turns. */
export function takeTurns(labels: Int32Array, count: number): number[] {
  const members = Map.groupBy(labels.keys(), (index) => labels[index])
  const classes = [...members.keys()].toSorted((a, b) => a - b)
  const longest = Math.max(...[...members.values()].map(({ length }) => length))
  const turns = Array.from({ length: longest }, (_, turn) => classes.map((label) => members.get(label)?.[turn]))
  return turns
    .flat()
    .filter((index) => index !== undefined)
    .slice(0, count)
}

/** Which pictures a training saw, as one short text: going on exactly needs the same ones in the same order. */
import { createHash } from 'node:crypto'
import type { DataSet } from '../data/dataSet.ts'

/** @returns hexadecimal; equal for equal labels and equal pictures in equal order, wherever the folder lies */
export function fingerprintOf({ kind, labels, examples }: DataSet): string {
  const hash = createHash('sha256').update(JSON.stringify([kind, labels ?? []]))
  for (const split of ['train', 'heldOut'] as const) {
    hash.update(`\n${split}`)
    for (const { content, label } of examples[split]) hash.update(`\n${label ?? ''} ${content}`)
  }
  return hash.digest('hex').slice(0, 32)
}

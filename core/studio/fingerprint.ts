/** Which pictures a training saw, as one short text: going on exactly needs the same ones in the same order. */
import { createHash } from 'node:crypto'
import type { DataSet } from '../data/dataSet.ts'
import { counted } from '../domain/counted.ts'
import { AppError } from '../domain/errors.ts'

/** @returns hexadecimal; equal for equal labels and equal pictures in equal order, wherever the folder lies */
export function fingerprintOf({ kind, labels, examples }: DataSet): string {
  const hash = createHash('sha256').update(JSON.stringify([kind, labels ?? []]))
  for (const split of ['train', 'heldOut'] as const) {
    hash.update(`\n${split}`)
    for (const { content, label } of examples[split]) hash.update(`\n${label ?? ''} ${content}`)
  }
  return hash.digest('hex').slice(0, 32)
}

/**
 * @param seen what the training noted of its pictures; null where it did not
 * @param place where they are now, as the middle of a sentence
 * @throws AppError mismatch where they are others
 */
export function assertSamePictures(
  seen: { readonly pictures: number | null; readonly fingerprint: string | null },
  data: DataSet,
  place: string,
): void {
  const refuse = (what: string) =>
    new AppError('mismatch', what, {
      hint: 'Put the pictures back as they were to go on exactly, or start a new training on the new ones.',
    })
  if (seen.pictures !== null && data.count.train !== seen.pictures)
    throw refuse(
      `The training saw ${counted(seen.pictures, 'picture')}, but ${place} now has ${data.count.train} to train with.`,
    )
  if (seen.fingerprint !== null && seen.fingerprint !== fingerprintOf(data))
    throw refuse(`${place} has other pictures (or names of classes) than the training saw.`)
}

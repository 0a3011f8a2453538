/** Which pictures a training saw, as one short text: going on exactly needs the same ones, with the same conditions, in the same order. */
import { createHash } from 'node:crypto'
import type { DataSet } from '../data/dataSet.ts'
import type { Example } from '../data/examples.ts'
import { counted } from '../domain/counted.ts'
import { AppError } from '../domain/errors.ts'

/** Of the present form; without it a fingerprint is of the first form, which did not look at conditions. */
const prefix = '2:'

/**
 * @returns a number of the form and hexadecimal digits; equal for equal labels and equal pictures with equal conditions in equal order,
 * wherever the folder lies
 */
export function fingerprintOf(data: DataSet): string {
  const { conditionSide = '' } = data
  return prefix + digestOf(data, ({ condition = conditionSide }) => ` ${condition}`)
}

/** Whether a training that noted this saw these very pictures, whichever form it noted it in. */
export function isFingerprintOf(noted: string, data: DataSet): boolean {
  return noted === (noted.startsWith(prefix) ? fingerprintOf(data) : digestOf(data, () => ''))
}

function digestOf({ kind, labels, examples }: DataSet, more: (example: Example) => string): string {
  const hash = createHash('sha256').update(JSON.stringify([kind, labels ?? []]))
  for (const split of ['train', 'heldOut'] as const) {
    hash.update(`\n${split}`)
    for (const example of examples[split]) hash.update(`\n${example.label ?? ''} ${example.content}${more(example)}`)
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
  const also = data.kind === 'pair' ? 'or pairs them otherwise' : 'or names of classes'
  if (seen.fingerprint !== null && !isFingerprintOf(seen.fingerprint, data))
    throw refuse(`${place} has other pictures (${also}) than the training saw.`)
}

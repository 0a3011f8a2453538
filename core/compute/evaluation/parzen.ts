/**
 * Log-likelihood of held-out pictures under Gaussian windows around samples (Breuleux et al. 2011, as in the papers' tables), pixels in [0, 1].
 * The width of the windows is chosen on a part of the held-out pictures that is then left out of the measure.
 */
import type { Pictures } from '../../domain/picture.ts'
import { parzenLogLikelihood } from '../../evaluation/distributions.ts'
import { createMatrix, type Matrix } from '../../evaluation/matrix.ts'
import { slicePictures } from '../pictureStacks.ts'
import type { Measure, Subject } from './evaluationReport.ts'
import { partOfTurn, type Turn } from './turn.ts'

/** 0.1 to 1 in equal ratios, the customary search. */
const WIDTHS = Array.from({ length: 10 }, (_, index) => 10 ** (index / 9 - 1))
const MOST_VALIDATION = 100
const MOST_TEST = 1000
/** Test pictures between two turns. */
const AT_ONCE = 25

export async function measureParzen(
  subjects: readonly { readonly subject: Subject; readonly pictures: Pictures }[],
  heldOut: Pictures,
  turn: Turn,
): Promise<Measure> {
  const validation = Math.min(MOST_VALIDATION, Math.max(1, Math.floor(heldOut.count / 10)))
  const test = Math.min(MOST_TEST, heldOut.count - validation)
  if (test < 1) throw new RangeError(`Parzen windows need 2 held-out pictures or more, not ${heldOut.count}`)
  const validating = toRows(slicePictures(heldOut, 0, validation))
  const testing = toRows(slicePictures(heldOut, validation, validation + test))
  const values: Partial<Record<Subject, number>> = {}
  for (const [index, { subject, pictures }] of subjects.entries()) {
    const part = partOfTurn(turn, index / subjects.length, (index + 1) / subjects.length)
    values[subject] = await measureOne(toRows(pictures), validating, testing, part)
  }
  return {
    name: 'parzenLogLikelihood',
    title: 'Parzen log-likelihood',
    better: 'higher',
    basis: `In nats: ${test} held-out pictures under Gaussian windows around the samples, pixels in 0..1; the windows' width is chosen on ${validation} others.`,
    values,
  }
}

async function measureOne(samples: Matrix, validation: Matrix, test: Matrix, turn: Turn): Promise<number> {
  const work = validation.rows * WIDTHS.length + test.rows
  let best = { width: WIDTHS[0], likelihood: Number.NEGATIVE_INFINITY }
  for (const [index, width] of WIDTHS.entries()) {
    const from = (index * validation.rows) / work
    const likelihood = await meanLikelihood(
      samples,
      validation,
      width,
      partOfTurn(turn, from, from + validation.rows / work),
    )
    if (likelihood > best.likelihood) best = { width, likelihood }
  }
  return meanLikelihood(samples, test, best.width, partOfTurn(turn, 1 - test.rows / work, 1))
}

async function meanLikelihood(
  samples: Matrix,
  { rows, columns, data }: Matrix,
  width: number,
  turn: Turn,
): Promise<number> {
  let total = 0
  for (let from = 0; from < rows; from += AT_ONCE) {
    const count = Math.min(AT_ONCE, rows - from)
    const some = { rows: count, columns, data: data.subarray(from * columns, (from + count) * columns) }
    total += parzenLogLikelihood(samples, some, width).mean * count
    await turn((from + count) / rows)
  }
  return total / rows
}

function toRows({ count, data }: Pictures): Matrix {
  return createMatrix(
    count,
    data.length / count,
    data.map((value) => (Math.max(-1, Math.min(1, value)) + 1) / 2),
  )
}

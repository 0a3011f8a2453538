/** Pictures a bounded number at a time, so that memory does not grow with how many there are. */
import type { Batch, Pictures } from '../../domain/picture.ts'
import { slicePictures } from '../pictureStacks.ts'

/** This many pictures of 28x28 are on the engine at once, and fewer of larger ones. */
const AT_ONCE = 100

/** 0 .. count in pieces that suit pictures of this side. */
export function* piecesOf(count: number, size: number): Generator<{ readonly from: number; readonly to: number }> {
  const most = Math.max(1, Math.min(AT_ONCE, Math.floor((AT_ONCE * 28 * 28) / (size * size))))
  for (let from = 0; from < count; from += most) yield { from, to: Math.min(count, from + most) }
}

/** As many as there are, but no more than `most`. */
export function firstPictures(pictures: Pictures, most: number): Pictures {
  return slicePictures(pictures, 0, Math.min(most, pictures.count))
}

/** Examples from .. to - 1. */
export function sliceExamples({ observed, condition, labels, mask }: Batch, from: number, to: number): Batch {
  return {
    observed: slicePictures(observed, from, to),
    condition: condition && slicePictures(condition, from, to),
    labels: labels?.subarray(from, to),
    mask: mask && slicePictures(mask, from, to),
  }
}

export function firstExamples(examples: Batch, most: number): Batch {
  return sliceExamples(examples, 0, Math.min(most, examples.observed.count))
}

/** Chosen pictures, copied. */
export function pickPictures(pictures: Pictures, indices: readonly number[]): Pictures {
  const size = pictures.height * pictures.width * pictures.channels
  const data = new Float32Array(indices.length * size)
  indices.forEach((index, place) => data.set(slicePictures(pictures, index, index + 1).data, place * size))
  return { ...pictures, count: indices.length, data }
}

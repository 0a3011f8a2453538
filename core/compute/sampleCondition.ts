/** What samples are drawn from, as plain data: cut into sub-batches, and as the tensors that the networks receive. */
import * as tf from '@tensorflow/tfjs-core'
import type { Pictures } from '../domain/picture.ts'
import type { Recipe } from '../domain/recipe.ts'
import type { Condition } from '../ebm/condition.ts'
import { conditionOf, picturesToTensor } from './batchTensors.ts'
import { slicePictures } from './pictureStacks.ts'

/** C as plain data: one row or picture per example. */
export type SampleCondition =
  /** Weights of the K labels per example; one 1 is a plain label, several are a blend. */
  | { readonly kind: 'labels'; readonly weights: readonly (readonly number[])[] }
  | { readonly kind: 'pictures'; readonly pictures: Pictures }
  /** Mask: 1 where hidden. */
  | { readonly kind: 'masked'; readonly observed: Pictures; readonly mask: Pictures }

export function sliceCondition(condition: SampleCondition, from: number, to: number): SampleCondition {
  switch (condition.kind) {
    case 'labels':
      return { ...condition, weights: condition.weights.slice(from, to) }
    case 'pictures':
      return { ...condition, pictures: slicePictures(condition.pictures, from, to) }
    case 'masked':
      return {
        ...condition,
        observed: slicePictures(condition.observed, from, to),
        mask: slicePictures(condition.mask, from, to),
      }
  }
}

/** The caller owns the tensors. */
export function toCondition(plain: SampleCondition, recipe: Recipe): Condition {
  switch (plain.kind) {
    case 'labels':
      return { label: tf.tensor2d(plain.weights.map((row) => [...row])) }
    case 'pictures':
      return { picture: picturesToTensor(plain.pictures) }
    case 'masked':
      return tf.tidy(() => conditionOf({ observed: plain.observed, mask: plain.mask }, recipe))
  }
}

/** From a batch of plain numbers to what the networks receive. */
import * as tf from '@tensorflow/tfjs-core'
import { AppError } from '../domain/errors.ts'
import type { Batch, Pictures } from '../domain/picture.ts'
import type { Recipe } from '../domain/recipe.ts'
import { type Condition, oneHot } from '../ebm/condition.ts'

export type BatchTensors = { readonly condition: Condition; readonly observed: tf.Tensor4D }

export function picturesToTensor({ data, count, height, width, channels }: Pictures): tf.Tensor4D {
  return tf.tensor4d(data, [count, height, width, channels])
}

/** The tensor must live until the answer. */
export async function tensorToPictures(tensor: tf.Tensor4D): Promise<Pictures> {
  const [count, height, width, channels] = tensor.shape
  return { count, height, width, channels, data: Float32Array.from(await tensor.data()) }
}

/** @throws AppError mismatch when the batch lacks what the recipe's task needs or has another size */
export function batchToTensors(batch: Batch, recipe: Recipe): BatchTensors {
  const { observed } = batch
  if (observed.height !== recipe.size || observed.width !== recipe.size || observed.channels !== recipe.channels)
    throw mismatch(recipe, `pictures of ${observed.width}x${observed.height} with ${observed.channels} channels`)
  return tf.tidy(() => ({ observed: picturesToTensor(observed), condition: conditionOf(batch, recipe) }))
}

/** C of a batch; for inpainting the picture with its hidden pixels grey, and where the recipe says so the mask as a last channel. */
export function conditionOf({ observed, condition, labels, mask }: Batch, recipe: Recipe): Condition {
  switch (recipe.task) {
    case 'class':
      if (labels === undefined) throw mismatch(recipe, 'pictures without labels')
      return { label: oneHot(labels, recipe.labels.length) }
    case 'picture':
      if (condition === undefined) throw mismatch(recipe, 'pictures without condition pictures')
      assertCondition(condition, recipe)
      return { picture: picturesToTensor(condition) }
    case 'inpaint': {
      if (mask === undefined) throw mismatch(recipe, 'pictures without masks')
      const hidden = picturesToTensor(mask)
      const visible: tf.Tensor4D = tf.mul(picturesToTensor(observed), tf.sub(1, hidden))
      return { mask: hidden, picture: recipe.data.maskChannel ? tf.concat4d([visible, hidden], 3) : visible }
    }
  }
}

function assertCondition({ height, width, channels }: Pictures, recipe: Recipe): void {
  const wanted = recipe.initializer.kind === 'uNet' ? recipe.initializer.conditionChannels : 0
  if (height !== recipe.size || width !== recipe.size || channels !== wanted)
    throw mismatch(recipe, `condition pictures of ${width}x${height} with ${channels} channels instead of ${wanted}`)
}

function mismatch(recipe: Recipe, found: string): AppError {
  const wanted = `${recipe.size}x${recipe.size} pictures with ${recipe.channels} channels for the ${recipe.task} task`
  return new AppError('mismatch', `The model needs ${wanted}, but was given ${found}.`)
}

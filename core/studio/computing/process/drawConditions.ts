/** From what a person gave (labels, a sketch, a picture with a mask) to what a model takes: its size, its channels, its number of classes. */
import type { SampleCondition } from '../../../compute/sampler.ts'
import { joinPictures } from '../../../compute/pictureStacks.ts'
import type { DrawCondition } from '../../../contract/drawOrders.ts'
import { resizePicture } from '../../../data/pictureFile.ts'
import { AppError, assertNever } from '../../../domain/errors.ts'
import { type Picture, type Pictures, stackPictures } from '../../../domain/picture.ts'
import type { Recipe, TaskKind } from '../../../domain/recipe.ts'
import { type Asker, assertTask, conditionChannels, repeatMask } from '../../drawingRules.ts'
import { fitMask } from '../../fitMask.ts'

/** One example: its condition, and its latent where that is not the seed's own. */
export interface FittedCondition {
  readonly condition: SampleCondition
  readonly latent?: readonly number[]
}

const taskOf: Record<DrawCondition['kind'], TaskKind> = { labels: 'class', picture: 'picture', masked: 'inpaint' }

/** @throws AppError misuse, mismatch or bad-input for what does not fit the model */
export async function fitCondition(given: DrawCondition, recipe: Recipe, asker: Asker): Promise<FittedCondition> {
  assertTask(recipe, taskOf[given.kind], asker)
  switch (given.kind) {
    case 'labels':
      assertWeights(given.weights, recipe, asker)
      if (given.latent) assertLatent(given.latent, recipe, asker)
      return { condition: { kind: 'labels', weights: [given.weights] }, latent: given.latent }
    case 'picture':
      return { condition: { kind: 'pictures', pictures: await fitSketch(given.picture, recipe) } }
    case 'masked':
      return { condition: await fitMasked(given.observed, given.mask, recipe) }
    default:
      return assertNever(given)
  }
}

/** A condition picture as the model takes it. */
export async function fitSketch(picture: Picture, recipe: Recipe): Promise<Pictures> {
  const { size } = recipe
  return stackPictures([await resizePicture(picture, size, size, { channels: conditionChannels(recipe) })])
}

/** A picture of the kind that the model draws. */
export async function fitObserved(picture: Picture, { size, channels }: Recipe): Promise<Pictures> {
  return stackPictures([await resizePicture(picture, size, size, { channels })])
}

/** @throws AppError misuse for another number of labels than the model has */
export function assertWeights(weights: readonly number[], { labels }: Recipe, { model }: Asker): void {
  if (weights.length === labels.length) return
  throw new AppError('misuse', `${model} has ${labels.length} labels, but the shares of ${weights.length} were given.`)
}

function assertLatent(latent: readonly number[], { initializer }: Recipe, { model }: Asker): void {
  if (initializer.kind === 'classDecoder' && latent.length === initializer.latent) return
  throw new AppError('misuse', `A latent of ${latent.length} numbers does not fit ${model}.`, {
    hint: 'Borrow the style again with this model.',
  })
}

async function fitMasked(observed: Picture, mask: Picture, recipe: Recipe): Promise<SampleCondition> {
  if (mask.width !== observed.width || mask.height !== observed.height)
    throw new AppError(
      'mismatch',
      `The mask is ${mask.width} x ${mask.height} and the picture ${observed.width} x ${observed.height}: both must be equal.`,
    )
  const hidden = fitMask(hiddenPixels(mask), recipe.size)
  return { kind: 'masked', observed: await fitObserved(observed, recipe), mask: repeatMask(hidden, 1) }
}

/** Every pixel above 0 is hidden. */
function hiddenPixels({ width, height, channels, data }: Picture): Picture {
  const hidden = Uint8Array.from({ length: width * height }, (_, pixel) =>
    data.subarray(pixel * channels, (pixel + 1) * channels).some((value) => value > 0) ? 1 : 0,
  )
  return { width, height, channels: 1, data: hidden }
}

/** Single examples of one model as one condition of many. @throws RangeError for none, and for different kinds */
export function joinConditions(parts: readonly SampleCondition[]): SampleCondition {
  const [first] = parts
  const same = <K extends SampleCondition['kind']>(kind: K) =>
    parts.map((part) => {
      if (part.kind !== kind) throw new RangeError(`a condition of ${part.kind} among ${kind}`)
      return part as Extract<SampleCondition, { readonly kind: K }>
    })
  switch (first?.kind) {
    case 'labels':
      return { kind: 'labels', weights: same('labels').flatMap(({ weights }) => weights) }
    case 'pictures':
      return { kind: 'pictures', pictures: joinPictures(same('pictures').map(({ pictures }) => pictures)) }
    case 'masked': {
      const masked = same('masked')
      const observed = joinPictures(masked.map((part) => part.observed))
      return { kind: 'masked', observed, mask: joinPictures(masked.map(({ mask }) => mask)) }
    }
    case undefined:
      throw new RangeError('no conditions to join')
    default:
      return assertNever(first)
  }
}

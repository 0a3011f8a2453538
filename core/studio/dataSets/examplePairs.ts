/** Examples of a batch as pictures to look at. */
import type { ExamplePair } from '../../contract/requests/data.ts'
import type { NamedBatch } from '../../data/batches.ts'
import { pictureAt, valueToByte } from '../../domain/picture.ts'
import type { Picture } from '../../domain/picture.ts'

/** @param withHole where there is a mask, the condition is the picture without its hidden part, as the models see it */
export function pairsOf(
  { batch, examples }: NamedBatch,
  { withHole }: { readonly withHole: boolean },
): readonly ExamplePair[] {
  return examples.map(({ name, label = null }, i) => {
    const observed = pictureAt(batch.observed, i)
    const condition = batch.condition === undefined ? null : pictureAt(batch.condition, i)
    const masked = withHole && batch.mask !== undefined ? hide(observed, batch.mask.data, i) : null
    return { name, observed, condition: condition ?? masked, label }
  })
}

function hide(picture: Picture, mask: Float32Array, index: number): Picture {
  const { width, height, channels } = picture
  const first = index * width * height
  const data = picture.data.map((byte, at) => (mask[first + Math.floor(at / channels)] === 1 ? valueToByte(0) : byte))
  return { width, height, channels, data }
}

/** Picture files of this machine as what a drawing is asked for: in the size of the model, so that they are small on their way to it. */
import { drawEdges } from '../data/edges.ts'
import { readMask } from '../data/masks.ts'
import { readPicture, resizePicture } from '../data/pictureFile.ts'
import type { Picture } from '../domain/picture.ts'
import type { Recipe } from '../domain/recipe.ts'
import { conditionChannels } from './drawingRules.ts'
import { fitMask } from './fitMask.ts'

/** A sketch, or with `edges` the sketch of a photo. @throws AppError bad-input */
export async function readSketch(file: string, recipe: Recipe, edges = false): Promise<Picture> {
  const { size } = recipe
  const picture = await readPicture(file)
  const sketch = edges ? await drawEdges(picture, size) : picture
  return resizePicture(sketch, size, size, { channels: conditionChannels(recipe) })
}

/** The middle square of a picture of the kind that the model draws. @throws AppError bad-input */
export async function readObserved(file: string, { size, channels }: Recipe): Promise<Picture> {
  return resizePicture(await readPicture(file), size, size, { channels })
}

/**
 * The same of a picture with its mask, which is above 0 where the picture is hidden.
 * @throws AppError bad-input where nothing is hidden, mismatch for different sizes
 */
export async function readMasked(
  file: string,
  maskFile: string,
  { size, channels }: Recipe,
): Promise<{ readonly observed: Picture; readonly mask: Picture }> {
  const picture = await readPicture(file)
  const mask = fitMask(await readMask(maskFile, picture), size)
  return { observed: await resizePicture(picture, size, size, { channels }), mask }
}

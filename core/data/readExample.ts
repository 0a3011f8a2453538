/** How the pictures of an example are read, wherever they lie: a path or a file's bytes give the same pixels. */
import type { Picture } from '../domain/picture.ts'
import type { ExamplePictures, ReadOptions, Side } from './examples.ts'
import { decodePicture, resizePicture } from './pictureFile.ts'

/** Path or bytes of a picture file. */
type Source = string | Uint8Array

export async function readAlone(file: Source, { size, channels }: ReadOptions): Promise<ExamplePictures> {
  return { observed: await decodePicture(file, { size, channels }) }
}

export async function readPair(file: Source, conditionFile: Source, options: ReadOptions): Promise<ExamplePictures> {
  const { size, channels, conditionChannels } = options
  const [observed, condition] = await Promise.all([
    decodePicture(file, { size, channels }),
    decodePicture(conditionFile, { size, channels: conditionChannels, kernel: 'area' }),
  ])
  return { observed, condition }
}

/** @param conditionSide the half that is the condition */
export async function readSideBySide(
  file: Source,
  conditionSide: Side,
  { size, channels, conditionChannels }: ReadOptions,
): Promise<ExamplePictures> {
  const [observed, condition] = await Promise.all([
    decodePicture(file, { half: conditionSide === 'left' ? 'right' : 'left', size, channels }),
    decodePicture(file, { half: conditionSide, size, channels: conditionChannels, kernel: 'area' }),
  ])
  return { observed, condition }
}

/** A picture of a binary file. */
export async function readPixels(picture: Picture, { size, channels }: ReadOptions): Promise<ExamplePictures> {
  return { observed: await resizePicture(picture, size, size, { channels }) }
}

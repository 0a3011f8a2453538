/** Tiny data sets and looks into files for the tests of the use cases and of the command line. */
import { beside, drawn, noisy, noisyFiles, png, writeFiles } from '../data/testPictures.ts'
import { readModelFile } from '../storage/modelFile.ts'

export { beside, drawn, flat, idx, noisy, noisyFiles, png, temporaryFolder, writeFiles } from '../data/testPictures.ts'
export { readPicture, writePng } from '../data/pictureFile.ts'
export { readPngText } from '../data/pngText.ts'
export { readModelFile, writeModelFile } from '../storage/modelFile.ts'
export { decodeSafetensors, encodeSafetensors } from '../storage/safetensors.ts'

/** `each` pictures of 28x28 in each of the folders. */
export async function makeClasses(folder: string, labels: readonly string[], each = 10): Promise<void> {
  for (const [index, label] of labels.entries())
    writeFiles(folder, await noisyFiles(`${label}/`, each, 28, 1000 * index))
}

/** Noise on the left, a drawing on the right, 32x32 each. */
export async function makePairs(folder: string, count = 10): Promise<void> {
  for (let index = 0; index < count; index++)
    writeFiles(folder, { [`${index}.png`]: await png(beside(noisy(32, 32, index), drawn(32, 32, index))) })
}

export async function makePhotos(folder: string, count = 10): Promise<void> {
  writeFiles(folder, await noisyFiles('', count, 32, 500))
}

/** Every tensor of a model file as hexadecimal bytes, by name. */
export async function tensorBytes(file: string): Promise<Record<string, string>> {
  const { tensors } = await readModelFile(file)
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { data }]) => [
      name,
      Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex'),
    ]),
  )
}

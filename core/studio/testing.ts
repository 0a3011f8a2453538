/** Tiny data sets and looks into files for the tests of the use cases and of the command line. */
import { hash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { beside, drawn, noisy, noisyFiles, png, writeFiles } from '../data/testPictures.ts'
import { classifierShapes } from '../compute/evaluation/classifierNetwork.ts'
import { openDataSet } from '../data/dataSet.ts'
import { Random } from '../domain/random.ts'
import { readModelFile, writeModelFile } from '../storage/modelFile.ts'
import { classifierFile } from './evaluate.ts'
import { loadModel } from './models.ts'

export { beside, drawn, flat, idx, noisy, noisyFiles, png, temporaryFolder, writeFiles } from '../data/testPictures.ts'
export { readPicture } from '../data/pictureFile.ts'
export { writePng } from './writePng.ts'
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

/** A digest of every tensor of a model file, by name. */
export async function tensorDigests(file: string): Promise<Record<string, string>> {
  const { tensors } = await readModelFile(file)
  return Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, hash('sha256', data)]))
}

/** Puts a classifier that has learnt nothing where evaluation keeps the one of these pictures. */
export async function keepUntaughtClassifier(model: string, folder: string, home: string): Promise<void> {
  const { recipe } = (await loadModel(model)).manifest
  const file = classifierFile(recipe, await openDataSet(folder), home)
  const shapes = classifierShapes({ size: recipe.size, channels: recipe.channels, classes: recipe.labels.length })
  const random = new Random(1)
  const tensors = Object.entries(shapes).map(([name, { shape }]) => {
    const count = shape.reduce((product, length) => product * length, 1)
    return [name, { shape, data: random.normals(count).map((value) => 0.1 * value) }]
  })
  await mkdir(dirname(file), { recursive: true })
  await writeModelFile(file, { manifest: { kind: 'classifier' }, tensors: Object.fromEntries(tensors) })
}

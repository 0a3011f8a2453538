/** A classifier of one data set's pictures: what it says about any number of pictures, and its form as plain data. */
import * as tf from '@tensorflow/tfjs-core'
import { AppError } from '../../domain/errors.ts'
import type { Pictures } from '../../domain/picture.ts'
import { Random } from '../../domain/random.ts'
import { initialiseParameters, type Parameters } from '../../ebm/parameters.ts'
import { copyTensors, type StoredTensors, takeNumbers } from '../../ebm/readTensors.ts'
import { createMatrix, type Matrix } from '../../evaluation/matrix.ts'
import { picturesToTensor } from '../batchTensors.ts'
import { slicePictures } from '../pictureStacks.ts'
import { type ClassifierShape, classifierShapes, FEATURES, featuresOf, scoreClasses } from './classifierNetwork.ts'
import { piecesOf } from './pieces.ts'
import { createTurn, type Turn } from './turn.ts'

export interface Classifier extends ClassifierShape {
  /** On the engine, until disposeClassifier. */
  readonly parameters: Parameters
}

/** Tensors as plain data, by name; fit for a safetensors file. */
export type StoredClassifier = Readonly<StoredTensors>

/** A classifier that has not learnt anything: its features are random, though the same for the same seed. */
export function createClassifier(shape: ClassifierShape, seed: number): Classifier {
  return { ...shape, parameters: initialiseParameters(classifierShapes(shape), new Random(seed)) }
}

/** Copies the classifier out of the engine. */
export function storeClassifier({ parameters }: Classifier): Promise<StoredClassifier> {
  return copyTensors(parameters)
}

/** @throws AppError mismatch when the tensors are not those of a classifier of this shape */
export function restoreClassifier(stored: StoredClassifier, shape: ClassifierShape): Classifier {
  const expected = Object.entries(classifierShapes(shape))
  const fits =
    Object.keys(stored).length === expected.length &&
    expected.every(([name, parameter]) => Object.hasOwn(stored, name) && isShaped(stored[name], parameter.shape))
  if (!fits)
    throw new AppError('mismatch', 'The stored classifier does not fit the pictures and classes that it is to judge.', {
      hint: 'Train it again; nothing else is lost.',
    })
  const parameters = expected.map(([name]) => [name, tf.tensor(stored[name].data, [...stored[name].shape])])
  return { ...shape, parameters: Object.fromEntries(parameters) as Parameters }
}

function isShaped(found: StoredClassifier[string], shape: readonly number[]): boolean {
  const wanted = shape.reduce((product, length) => product * length, 1)
  return found.data.length === wanted && found.shape.join() === shape.join()
}

export function disposeClassifier({ parameters }: Classifier): void {
  tf.dispose(parameters)
}

export interface Classification {
  /** [count, 64] */
  readonly features: Matrix
  /** Rows add up to 1: [count, classes] */
  readonly probabilities: Matrix
}

/**
 * What the classifier says about pictures (clamped to [-1, 1], as they would be shown), a bounded number at a time.
 * @throws RangeError for pictures of another size or channels
 */
export async function classify(
  classifier: Classifier,
  pictures: Pictures,
  turn: Turn = createTurn(),
): Promise<Classification> {
  const { size, channels, classes, parameters } = classifier
  if (pictures.height !== size || pictures.width !== size || pictures.channels !== channels)
    throw new RangeError(
      `a classifier of ${size}x${size}x${channels} was given ${pictures.height}x${pictures.width}x${pictures.channels}`,
    )
  const features = createMatrix(pictures.count, FEATURES)
  const probabilities = createMatrix(pictures.count, classes)
  for (const { from, to } of piecesOf(pictures.count, size)) {
    const found = tf.tidy(() => {
      const own = featuresOf(parameters, tf.clipByValue(picturesToTensor(slicePictures(pictures, from, to)), -1, 1))
      return [own, tf.softmax(scoreClasses(parameters, own))]
    })
    const [some, shares] = await Promise.all(found.map(takeNumbers))
    features.data.set(some, from * FEATURES)
    probabilities.data.set(shares, from * classes)
    await turn(to / pictures.count)
  }
  return { features, probabilities }
}

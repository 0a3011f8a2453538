/** Pictures for tests: class 0 has upright stripes, class 1 lying ones, each with its own phase and a little noise. */
import { createPictures, type Pictures } from '../../../domain/picture.ts'
import { Random } from '../../../domain/random.ts'

export interface StripeOptions {
  readonly size?: number
  readonly channels?: number
  /** Added to every pixel, standard deviation. */
  readonly noise?: number
}

export function stripes(
  count: number,
  seed: number,
  { size = 16, channels = 1, noise = 0.1 }: StripeOptions = {},
): { observed: Pictures; labels: Int32Array } {
  const observed = createPictures(count, size, size, channels)
  const labels = Int32Array.from({ length: count }, (_, index) => index % 2)
  for (let index = 0, at = 0; index < count; index++) {
    const random = new Random(seed, index)
    const phase = random.uniform() * 2 * Math.PI
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++)
        for (let channel = 0; channel < channels; channel++, at++)
          observed.data[at] = 0.8 * Math.sin((labels[index] === 0 ? x : y) + phase) + noise * random.normal()
  }
  return { observed, labels }
}

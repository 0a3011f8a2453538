/**
 * Sliced Wasserstein distance between the textures of two sets of pictures (Karras et al. 2018, section 5 and appendix
 * A.2): 7x7 patches from each level of a Laplacian pyramid are projected on 512 random directions; along each of them
 * the mean distance of the sorted values is the exact Wasserstein distance. Unlike the published form the patches are
 * standardised by the statistics of the REAL set, so that missing contrast counts too. Times 1000, as usual.
 */
import { Random } from '../domain/random.ts'
import type { Pictures } from '../domain/picture.ts'
import { buildLaplacianPyramid } from './laplacian.ts'
import { describeShape, prepareForMeasuring } from './region.ts'
import type { Region } from './region.ts'
import { sortFloats } from './sortFloats.ts'

const patchSide = 7
const patchesPerPicture = 128
const projections = 512
const projectionsAtOnce = 64 // as many directions as stay in the processor's cache

export interface SlicedWassersteinOptions {
  /** Scales to measure, finest first; default: as many as keep 14 pixels (3 for 64x64, 2 for 32x32 and 28x28). */
  readonly levels?: number
  /** Measure only this rectangle. */
  readonly region?: Region
  /**
   * Decides where patches lie and where projections point. Numbers of different seeds are not comparable to the last
   * digit.
   */
  readonly seed?: number
}

interface Level {
  readonly means: Float64Array
  readonly deviations: Float64Array
  /** Unit directions, one after the other: [projections, patch length]. */
  readonly directions: Float64Array
  /** For each direction the sorted projected patches of the real set. */
  readonly sorted: readonly Float32Array[]
}

/** Patches of one level: [count, 7, 7, channels]. */
interface Patches {
  readonly count: number
  readonly channels: number
  readonly data: Float64Array
}

/**
 * The real set, prepared once and then compared with any number of candidate sets. It keeps about 0.25 MB for each
 * real picture and level.
 * Throws RangeError when the pictures are too small or hold a value that is not finite.
 */
export class SlicedWasserstein {
  readonly #shape: Pictures
  readonly #region: Region | undefined
  readonly #seed: number
  readonly #levels: readonly Level[]

  constructor(real: Pictures, options: SlicedWassersteinOptions = {}) {
    this.#region = options.region
    this.#seed = options.seed ?? 5
    const prepared = prepareForMeasuring(real, this.#region)
    this.#shape = { ...real, data: new Float32Array(0) }
    const side = Math.min(prepared.height, prepared.width)
    const levels = options.levels ?? Math.max(1, Math.floor(Math.log2(side / 14)) + 1)
    if (!Number.isInteger(levels) || levels < 1 || Math.ceil(side / 2 ** (levels - 1)) < patchSide)
      throw new RangeError(
        `${levels} levels of 7x7 patches do not fit pictures of ${prepared.height}x${prepared.width}`,
      )
    this.#levels = samplePatches(prepared, levels, this.#seed).map((patches, level) =>
      prepareLevel(patches, this.#seed, level),
    )
  }

  /**
   * Distance of a candidate set at each level, finest first, x 1000. Pictures of the same size as the real ones; any
   * number of them.
   */
  measure(candidates: Pictures): number[] {
    const { height, width, channels } = this.#shape
    if (candidates.height !== height || candidates.width !== width || candidates.channels !== channels)
      throw new RangeError(`cannot compare ${describeShape(candidates)} with ${describeShape(this.#shape)}`)
    const prepared = prepareForMeasuring(candidates, this.#region)
    return samplePatches(prepared, this.#levels.length, this.#seed).map((patches, index) => {
      const level = this.#levels[index]
      standardize(patches, level)
      let total = 0
      forEachSorted(patches, level.directions, (sorted, direction) => {
        total += meanDistance(sorted, level.sorted[direction])
      })
      return (1000 * total) / projections
    })
  }
}

/** The same for a single comparison. */
export function slicedWasserstein(
  real: Pictures,
  candidates: Pictures,
  options: SlicedWassersteinOptions = {},
): number[] {
  return new SlicedWasserstein(real, options).measure(candidates)
}

/**
 * Up to 128 patches of each picture and level. The places depend on seed and picture number only, so equal sets give
 * equal patches.
 */
function samplePatches(pictures: Pictures, levels: number, seed: number): Patches[] {
  return buildLaplacianPyramid(pictures, levels).map(({ count, height, width, channels, data }, level) => {
    const places = (height - patchSide + 1) * (width - patchSide + 1)
    const taken = Math.min(patchesPerPicture, places)
    const run = patchSide * channels
    const patches = new Float64Array(count * taken * patchSide * run)
    let to = 0
    for (let index = 0; index < count; index++) {
      const order = new Random(seed, level, index).permutation(places)
      for (const place of order.subarray(0, taken)) {
        const top = Math.floor(place / (width - patchSide + 1))
        const left = place % (width - patchSide + 1)
        for (let row = 0; row < patchSide; row++, to += run) {
          const from = ((index * height + top + row) * width + left) * channels
          patches.set(data.subarray(from, from + run), to)
        }
      }
    }
    return { count: count * taken, channels, data: patches }
  })
}

function prepareLevel(patches: Patches, seed: number, level: number): Level {
  const { channels, data } = patches
  const perChannel = data.length / channels
  const means = new Float64Array(channels)
  const deviations = new Float64Array(channels)
  for (let i = 0; i < data.length; i++) means[i % channels] += data[i] / perChannel
  for (let i = 0; i < data.length; i++)
    deviations[i % channels] += (data[i] - means[i % channels]) ** 2 / (perChannel - 1)
  // A channel without any texture (blank pictures) still must not divide by zero.
  for (let channel = 0; channel < channels; channel++)
    deviations[channel] = Math.max(1e-6, Math.sqrt(deviations[channel]))
  const directions = createDirections(data.length / patches.count, new Random(seed, level, -1))
  const sorted: Float32Array[] = []
  standardize(patches, { means, deviations })
  forEachSorted(patches, directions, (values, direction) => {
    sorted[direction] = values.slice()
  })
  return { means, deviations, directions, sorted }
}

function createDirections(length: number, random: Random): Float64Array {
  const directions = Float64Array.from({ length: projections * length }, () => random.normal())
  for (let start = 0; start < directions.length; start += length) {
    const direction = directions.subarray(start, start + length)
    const norm = Math.hypot(...direction)
    direction.forEach((value, i) => (direction[i] = value / norm))
  }
  return directions
}

function standardize({ channels, data }: Patches, { means, deviations }: Pick<Level, 'means' | 'deviations'>): void {
  for (let i = 0; i < data.length; i++) data[i] = (data[i] - means[i % channels]) / deviations[i % channels]
}

/** Projects the patches on each direction and hands over the sorted values (valid until the next ones). */
function forEachSorted(
  patches: Patches,
  directions: Float64Array,
  visit: (sorted: Float32Array, direction: number) => void,
): void {
  const projected = new Float32Array(projectionsAtOnce * patches.count)
  const spare = new Uint32Array(patches.count)
  for (let first = 0; first < projections; first += projectionsAtOnce) {
    project(patches, directions, first, projected)
    for (let i = 0; i < projectionsAtOnce; i++) {
      const values = projected.subarray(i * patches.count, (i + 1) * patches.count)
      sortFloats(values, spare)
      visit(values, first + i)
    }
  }
}

/**
 * 64 directions from `first` on, four at a time for two patches: the numbers stay in registers, three times as fast as
 * one by one.
 */
function project({ count, data }: Patches, directions: Float64Array, first: number, out: Float32Array): void {
  const length = data.length / count
  for (let patch = 0; patch < count; patch += 2) {
    const x = patch * length
    // An odd last patch is computed twice.
    const second = Math.min(patch + 1, count - 1)
    const y = second * length
    for (let i = 0; i < projectionsAtOnce; i += 4) {
      const a = (first + i) * length
      const b = a + length
      const c = b + length
      const d = c + length
      let xa = 0, xb = 0, xc = 0, xd = 0, ya = 0, yb = 0, yc = 0, yd = 0 // prettier-ignore
      for (let k = 0; k < length; k++) {
        const valueX = data[x + k]
        const valueY = data[y + k]
        const alongA = directions[a + k]
        const alongB = directions[b + k]
        const alongC = directions[c + k]
        const alongD = directions[d + k]
        xa += valueX * alongA
        xb += valueX * alongB
        xc += valueX * alongC
        xd += valueX * alongD
        ya += valueY * alongA
        yb += valueY * alongB
        yc += valueY * alongC
        yd += valueY * alongD
      }
      const at = i * count
      out[at + patch] = xa
      out[at + count + patch] = xb
      out[at + 2 * count + patch] = xc
      out[at + 3 * count + patch] = xd
      out[at + second] = ya
      out[at + count + second] = yb
      out[at + 2 * count + second] = yc
      out[at + 3 * count + second] = yd
    }
  }
}

/** Mean |difference| of two sorted lists; a candidate list of another length is read at evenly spaced ranks. */
function meanDistance(candidate: Float32Array, real: Float32Array): number {
  const step = (candidate.length - 1) / Math.max(1, real.length - 1)
  let total = 0
  for (let i = 0; i < real.length; i++) total += Math.abs(candidate[Math.round(i * step)] - real[i])
  return total / real.length
}

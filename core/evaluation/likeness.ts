/**
 * Measures of pictures pixel by pixel: how alike two stacks are (PSNR, SSIM), how sharp one is, how varied a class is.
 * Everything takes pictures in [-1, 1], clamps them, and throws RangeError for values that are not finite.
 */
import type { Pictures } from '../domain/picture.ts'
import { assertSameShape, describeShape, prepareForMeasuring } from './region.ts'
import type { Region } from './region.ts'

/** Peak signal-to-noise ratio in dB, the mean over the pictures; Infinity as soon as one pair is identical. */
export function psnr(a: Pictures, b: Pictures, region?: Region): number {
  assertSameShape(a, b)
  const first = prepareForMeasuring(a, region)
  const second = prepareForMeasuring(b, region)
  const size = first.data.length / first.count
  let total = 0
  for (let index = 0; index < first.count; index++) {
    let squares = 0
    for (let i = index * size; i < (index + 1) * size; i++) squares += (first.data[i] - second.data[i]) ** 2
    total += 10 * Math.log10((4 * size) / squares) // the values span 2
  }
  return total / first.count
}

const ssimRadius = 5
const ssimTaps = 2 * ssimRadius + 1
const ssimWeights = gaussianWeights(1.5, ssimRadius)

/**
 * Structural similarity (Wang et al. 2004), as scikit-image computes it with gaussian_weights, population covariance:
 * Gaussian window of deviation 1.5 and 11 taps, averaged over the places where the window fits, the channels and the
 * pictures. Identical = 1.
 * Throws RangeError for pictures (or a region) under 11x11.
 */
export function ssim(a: Pictures, b: Pictures, region?: Region): number {
  assertSameShape(a, b)
  const first = prepareForMeasuring(a, region)
  const second = prepareForMeasuring(b, region)
  if (first.height < ssimTaps || first.width < ssimTaps)
    throw new RangeError(`SSIM needs ${ssimTaps}x${ssimTaps} pixels, not ${first.height}x${first.width}`)
  let total = 0
  for (let index = 0; index < first.count; index++)
    for (let channel = 0; channel < first.channels; channel++) total += planeSsim(first, second, index, channel)
  return total / (first.count * first.channels)
}

/** Mean absolute difference of neighbouring pixels, across and down: a blurred picture has less than a sharp one. */
export function gradientMagnitude(pictures: Pictures, region?: Region): number {
  const { count, height, width, channels, data } = prepareForMeasuring(pictures, region)
  if (height < 2 || width < 2) throw new RangeError(`a gradient needs 2x2 pixels, not ${height}x${width}`)
  let across = 0
  let down = 0
  const row = width * channels
  for (let line = 0; line < count * height; line++) {
    const start = line * row
    for (let i = start + channels; i < start + row; i++) across += Math.abs(data[i] - data[i - channels])
    if (line % height === 0) continue
    for (let i = start; i < start + row; i++) down += Math.abs(data[i] - data[i - row])
  }
  return (across / (count * height * (width - 1) * channels) + down / (count * (height - 1) * row)) / 2
}

/**
 * How much pictures of the same class differ: the deviation (divisor n - 1) of each pixel within a class, averaged
 * over pixels and over the classes that have two pictures or more. Throws RangeError when no class has.
 */
export function withinClassDeviation(pictures: Pictures, labels: ArrayLike<number>): number {
  if (labels.length !== pictures.count) throw new RangeError(`${labels.length} labels for ${describeShape(pictures)}`)
  const { data, count } = prepareForMeasuring(pictures)
  const size = data.length / count
  const members = Map.groupBy(
    Array.from({ length: count }, (_, index) => index),
    (index) => labels[index],
  )
  const deviations = [...members.values()]
    .filter((indices) => indices.length > 1)
    .map((indices) => {
      let total = 0
      for (let pixel = 0; pixel < size; pixel++) {
        const mean = indices.reduce((sum, index) => sum + data[index * size + pixel], 0) / indices.length
        const squares = indices.reduce((sum, index) => sum + (data[index * size + pixel] - mean) ** 2, 0)
        total += Math.sqrt(squares / (indices.length - 1))
      }
      return total / size
    })
  if (deviations.length === 0) throw new RangeError('no class has two pictures to compare')
  return deviations.reduce((sum, deviation) => sum + deviation, 0) / deviations.length
}

function planeSsim(first: Pictures, second: Pictures, index: number, channel: number): number {
  const { height, width, channels } = first
  const x = new Float64Array(height * width)
  const y = new Float64Array(height * width)
  for (let i = 0; i < x.length; i++) {
    const at = (index * height * width + i) * channels + channel
    x[i] = (first.data[at] + 1) / 2 // brightness counts from black: [0, 1]
    y[i] = (second.data[at] + 1) / 2
  }
  const smooth = (value: (i: number) => number): Float64Array =>
    smoothWherePossible(
      Float64Array.from(x, (_, i) => value(i)),
      height,
      width,
    )
  const meanX = smooth((i) => x[i])
  const meanY = smooth((i) => y[i])
  const squareX = smooth((i) => x[i] * x[i])
  const squareY = smooth((i) => y[i] * y[i])
  const product = smooth((i) => x[i] * y[i])
  const c1 = 0.01 ** 2
  const c2 = 0.03 ** 2
  let total = 0
  for (let i = 0; i < meanX.length; i++) {
    const both = meanX[i] * meanY[i]
    const squares = meanX[i] ** 2 + meanY[i] ** 2
    const covariance = product[i] - both
    const variances = squareX[i] + squareY[i] - squares
    total += ((2 * both + c1) * (2 * covariance + c2)) / ((squares + c1) * (variances + c2))
  }
  return total / meanX.length
}

/** Gaussian smoothing of one plane, only where the whole window fits: [height - 10, width - 10]. */
function smoothWherePossible(plane: Float64Array, height: number, width: number): Float64Array {
  const innerWidth = width - 2 * ssimRadius
  const innerHeight = height - 2 * ssimRadius
  const across = new Float64Array(height * innerWidth)
  for (let row = 0; row < height; row++)
    for (let column = 0; column < innerWidth; column++)
      for (let tap = 0; tap < ssimTaps; tap++)
        across[row * innerWidth + column] += ssimWeights[tap] * plane[row * width + column + tap]
  const smooth = new Float64Array(innerHeight * innerWidth)
  for (let i = 0; i < smooth.length; i++)
    for (let tap = 0; tap < ssimTaps; tap++) smooth[i] += ssimWeights[tap] * across[i + tap * innerWidth]
  return smooth
}

function gaussianWeights(deviation: number, radius: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * deviation ** 2)),
  )
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => weight / sum)
}

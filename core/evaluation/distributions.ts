/**
 * Measures between sets of pictures through numbers about them: features, class probabilities, raw pixels. All in
 * float64.
 */
import { assertFinite, columnMeans, covariance, multiply, squareRoot, symmetricEigen, trace } from './matrix.ts'
import type { Matrix } from './matrix.ts'

export interface Estimate {
  readonly mean: number
  readonly deviation: number
}

/**
 * Frechet distance of the Gaussians fitted to two sets of feature vectors, one per row (Heusel et al. 2017, "FID" when
 * the features are Inception's): |m1 - m2|^2 + tr(A + B - 2 (A B)^1/2), unbiased covariances. Also sound with singular
 * covariances.
 * Throws RangeError when the widths differ, a set has fewer than 2 rows or a number is not finite.
 */
export function frechetDistance(a: Matrix, b: Matrix): number {
  if (a.columns !== b.columns)
    throw new RangeError(`features of ${a.columns} and ${b.columns} numbers cannot be compared`)
  assertFinite(a)
  assertFinite(b)
  const meanA = columnMeans(a)
  const meanB = columnMeans(b)
  const shift = meanA.reduce((sum, value, i) => sum + (value - meanB[i]) ** 2, 0)
  const covarianceA = covariance(a)
  const covarianceB = covariance(b)
  // A B is not symmetric, but has the eigenvalues of the symmetric root(A) B root(A), all of them real and not negative.
  const root = squareRoot(covarianceA)
  const { values } = symmetricEigen(symmetrize(multiply(multiply(root, covarianceB), root)))
  const traceOfRoot = values.reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0)
  return shift + trace(covarianceA) + trace(covarianceB) - 2 * traceOfRoot
}

/**
 * Inception score (Salimans et al. 2016): exp of the mean Kullback-Leibler divergence (natural logarithm) between each
 * row of class probabilities and their mean, on `splits` consecutive nearly equal parts (the first ones take the
 * remainder).
 * Returns mean and population deviation over the parts. Throws RangeError for rows that are not probabilities.
 */
export function inceptionScore(probabilities: Matrix, splits = 10): Estimate {
  const { rows, columns, data } = probabilities
  assertProbabilities(probabilities)
  if (!Number.isInteger(splits) || splits < 1 || splits > rows)
    throw new RangeError(`${rows} pictures cannot be split into ${splits} parts`)
  const scores: number[] = []
  for (let part = 0, start = 0; part < splits; part++) {
    const count = Math.floor(rows / splits) + (part < rows % splits ? 1 : 0)
    const share = { rows: count, columns, data: data.subarray(start * columns, (start + count) * columns) }
    const marginal = columnMeans(share)
    const divergence = share.data.reduce((sum, p, i) => sum + (p > 0 ? p * Math.log(p / marginal[i % columns]) : 0), 0)
    scores.push(Math.exp(divergence / count))
    start += count
  }
  return estimate(scores)
}

/**
 * Mean log-likelihood of the test rows under Gaussian kernels of the given width around the sample rows (Parzen
 * windows, in nats), with its standard error. Throws RangeError when the widths differ or `width` is not positive.
 */
export function parzenLogLikelihood(
  samples: Matrix,
  test: Matrix,
  width: number,
): { mean: number; standardError: number } {
  const { columns } = samples
  if (columns !== test.columns)
    throw new RangeError(`samples of ${columns} and test rows of ${test.columns} numbers differ`)
  if (!(width > 0 && width < Infinity)) throw new RangeError(`a kernel width is positive, not ${width}`)
  assertFinite(samples)
  assertFinite(test)
  const normalizer = Math.log(samples.rows) + (columns / 2) * Math.log(2 * Math.PI * width * width)
  const exponents = new Float64Array(samples.rows)
  const likelihoods = Array.from({ length: test.rows }, (_, row) => {
    for (let sample = 0; sample < samples.rows; sample++) {
      let distance = 0
      for (let i = 0; i < columns; i++) {
        const difference = test.data[row * columns + i] - samples.data[sample * columns + i]
        distance += difference * difference
      }
      exponents[sample] = -distance / (2 * width * width)
    }
    return logSumExp(exponents) - normalizer
  })
  const { mean, deviation } = estimate(likelihoods)
  return { mean, standardError: deviation / Math.sqrt(test.rows) }
}

/** Share of rows whose largest score is at the wanted label. Throws RangeError when rows and labels do not fit. */
export function classAccuracy(scores: Matrix, labels: ArrayLike<number>): number {
  const { rows, columns, data } = scores
  if (labels.length !== rows) throw new RangeError(`${labels.length} labels for ${rows} pictures`)
  assertFinite(scores)
  let right = 0
  for (let row = 0; row < rows; row++) {
    const label = labels[row]
    if (!Number.isInteger(label) || label < 0 || label >= columns)
      throw new RangeError(`label ${label} is not one of ${columns} classes`)
    const own = data.subarray(row * columns, (row + 1) * columns)
    if (own.indexOf(own.reduce((most, score) => Math.max(most, score))) === label) right++
  }
  return right / rows
}

/** Wilson's 95 % interval of a proportion, for "people preferred ours in `wins` of `of` pairs". */
export function wilsonInterval(wins: number, of: number): [low: number, high: number] {
  if (!Number.isInteger(wins) || !Number.isInteger(of) || of < 1 || wins < 0 || wins > of)
    throw new RangeError(`${wins} of ${of} is not a proportion`)
  const z = 1.959963984540054 // the normal distribution's 97.5 % point
  const share = wins / of
  const centre = share + (z * z) / (2 * of)
  const margin = z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of))
  const scale = 1 + (z * z) / of
  return [wins === 0 ? 0 : (centre - margin) / scale, wins === of ? 1 : (centre + margin) / scale]
}

function estimate(values: readonly number[]): Estimate {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  return { mean, deviation: Math.sqrt(variance) }
}

function logSumExp(exponents: Float64Array): number {
  const largest = exponents.reduce((most, value) => Math.max(most, value))
  return largest + Math.log(exponents.reduce((sum, value) => sum + Math.exp(value - largest), 0))
}

function symmetrize(matrix: Matrix): Matrix {
  const { rows: n, data } = matrix
  return { ...matrix, data: data.map((value, i) => (value + data[(i % n) * n + Math.floor(i / n)]) / 2) }
}

function assertProbabilities(matrix: Matrix): void {
  assertFinite(matrix)
  const { rows, columns, data } = matrix
  for (let row = 0; row < rows; row++) {
    const own = data.subarray(row * columns, (row + 1) * columns)
    const sum = own.reduce((total, p) => total + p, 0)
    // float32 softmax over many classes is not exact.
    if (own.some((p) => p < 0) || Math.abs(sum - 1) > 1e-3)
      throw new RangeError(`row ${row} is not a distribution: it adds up to ${sum}`)
  }
}

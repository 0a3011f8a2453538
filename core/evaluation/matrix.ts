/** The little dense linear algebra that the measures need, in float64. */

/** Row-major: element (row, column) is data[row * columns + column]. */
export interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly data: Float64Array
}

/**
 * A matrix from row-major numbers (copied). Throws RangeError when the length does not fit or a number is not finite.
 */
export function createMatrix(rows: number, columns: number, values?: ArrayLike<number>): Matrix {
  if (!Number.isInteger(rows) || !Number.isInteger(columns) || rows < 1 || columns < 1)
    throw new RangeError(`a matrix has at least one row and one column, not ${rows}x${columns}`)
  if (values === undefined) return { rows, columns, data: new Float64Array(rows * columns) }
  if (values.length !== rows * columns) throw new RangeError(`${values.length} numbers do not fill ${rows}x${columns}`)
  const matrix = { rows, columns, data: Float64Array.from(values) }
  assertFinite(matrix)
  return matrix
}

/** Throws RangeError naming the first number that is not finite. */
export function assertFinite({ columns, data }: Matrix): void {
  const at = data.findIndex((value) => !Number.isFinite(value))
  if (at >= 0)
    throw new RangeError(`row ${Math.floor(at / columns)} holds ${data[at]}: only finite numbers can be measured`)
}

export function multiply(a: Matrix, b: Matrix): Matrix {
  if (a.columns !== b.rows) throw new RangeError(`${a.rows}x${a.columns} times ${b.rows}x${b.columns} does not exist`)
  const product = createMatrix(a.rows, b.columns)
  for (let i = 0; i < a.rows; i++) {
    for (let k = 0; k < a.columns; k++) {
      const factor = a.data[i * a.columns + k]
      for (let j = 0; j < b.columns; j++) product.data[i * b.columns + j] += factor * b.data[k * b.columns + j]
    }
  }
  return product
}

/** The mean row. */
export function columnMeans({ rows, columns, data }: Matrix): Float64Array {
  const means = new Float64Array(columns)
  for (let i = 0; i < data.length; i++) means[i % columns] += data[i] / rows
  return means
}

/** Unbiased covariance of the columns (divisor rows - 1): [columns, columns]. */
export function covariance(samples: Matrix): Matrix {
  const { rows, columns, data } = samples
  if (rows < 2) throw new RangeError(`a covariance needs at least 2 rows, not ${rows}`)
  const means = columnMeans(samples)
  const result = createMatrix(columns, columns)
  const centred = new Float64Array(columns)
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++) centred[i] = data[row * columns + i] - means[i]
    for (let i = 0; i < columns; i++)
      for (let j = 0; j <= i; j++) result.data[i * columns + j] += (centred[i] * centred[j]) / (rows - 1)
  }
  for (let i = 0; i < columns; i++)
    for (let j = 0; j < i; j++) result.data[j * columns + i] = result.data[i * columns + j]
  return result
}

export interface Eigen {
  /** In no particular order. */
  readonly values: Float64Array
  /** Row k is the unit eigenvector of values[k]. */
  readonly vectors: Matrix
}

/** Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations: slower than QR, but hard to upset. */
export function symmetricEigen(symmetric: Matrix): Eigen {
  const n = symmetric.rows
  if (symmetric.columns !== n) throw new RangeError(`${n}x${symmetric.columns} is not square`)
  assertFinite(symmetric)
  const a = symmetric.data.slice()
  const vectors = createMatrix(n, n)
  for (let i = 0; i < n; i++) vectors.data[i * n + i] = 1
  const negligible = 1e-30 * a.reduce((sum, value) => sum + value * value, 0)
  const maximumSweeps = 60
  for (let sweep = 0; sweep < maximumSweeps && offDiagonalSquares(a, n) > negligible; sweep++)
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotate(a, vectors.data, n, p, q)
  return { values: Float64Array.from({ length: n }, (_, i) => a[i * n + i]), vectors }
}

/** The symmetric square root of a positive semi-definite matrix; eigenvalues that rounding made negative count as 0. */
export function squareRoot(symmetric: Matrix): Matrix {
  const { values, vectors } = symmetricEigen(symmetric)
  const n = values.length
  const scaled = createMatrix(n, n)
  const transposed = createMatrix(n, n)
  for (let k = 0; k < n; k++) {
    const root = Math.sqrt(Math.max(0, values[k]))
    for (let i = 0; i < n; i++) {
      scaled.data[k * n + i] = root * vectors.data[k * n + i]
      transposed.data[i * n + k] = vectors.data[k * n + i]
    }
  }
  return multiply(transposed, scaled)
}

export function trace({ rows, columns, data }: Matrix): number {
  let sum = 0
  for (let i = 0; i < Math.min(rows, columns); i++) sum += data[i * columns + i]
  return sum
}

function offDiagonalSquares(a: Float64Array, n: number): number {
  let sum = 0
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) sum += 2 * a[i * n + j] ** 2
  return sum
}

/** One Jacobi rotation: makes a[p][q] zero (Golub and Van Loan, section 8.5). */
function rotate(a: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const off = a[p * n + q]
  if (off === 0) return
  const diagonalP = a[p * n + p]
  const diagonalQ = a[q * n + q]
  const ratio = (diagonalQ - diagonalP) / (2 * off)
  const tangent = Math.sign(ratio || 1) / (Math.abs(ratio) + Math.hypot(1, ratio))
  const cosine = 1 / Math.hypot(1, tangent)
  const sine = tangent * cosine
  for (let k = 0; k < n; k++) {
    const vectorP = vectors[p * n + k]
    const vectorQ = vectors[q * n + k]
    vectors[p * n + k] = cosine * vectorP - sine * vectorQ
    vectors[q * n + k] = sine * vectorP + cosine * vectorQ
    if (k === p || k === q) continue
    const rowP = a[p * n + k]
    const rowQ = a[q * n + k]
    a[k * n + p] = a[p * n + k] = cosine * rowP - sine * rowQ
    a[k * n + q] = a[q * n + k] = sine * rowP + cosine * rowQ
  }
  a[p * n + p] = diagonalP - tangent * off
  a[q * n + q] = diagonalQ + tangent * off
  a[p * n + q] = a[q * n + p] = 0
}

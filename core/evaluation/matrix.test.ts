import { describe, expect, it } from 'vitest'
import { Random } from '../domain/random.ts'
import { columnMeans, covariance, createMatrix, multiply, squareRoot, symmetricEigen, trace } from './matrix.ts'
import type { Matrix } from './matrix.ts'

/** Samples whose covariance has rank `rank` only, with very different scales. */
function randomSamples(rows: number, columns: number, rank = columns): Matrix {
  const random = new Random(1, rows, columns)
  const mix = createMatrix(rank, columns, random.normals(rank * columns))
  const scaled = createMatrix(
    rows,
    rank,
    random.normals(rows * rank).map((value, i) => value * 10 ** (-3 * ((i % rank) / rank))),
  )
  return multiply(scaled, mix)
}

function largestDifference(a: Matrix, b: Matrix): number {
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i])), 0)
}

describe('covariance', () => {
  it('is unbiased', () => {
    const samples = createMatrix(3, 2, [1, 10, 2, 10, 6, 40])
    expect([...columnMeans(samples)]).toEqual([3, 20])
    expect([...covariance(samples).data]).toEqual([7, 45, 45, 300].map((value) => expect.closeTo(value, 12)))
  })

  it('needs two rows', () => expect(() => covariance(createMatrix(1, 2))).toThrow(RangeError))
})

describe('symmetricEigen', () => {
  it('knows the eigenvalues of a small matrix', () => {
    const { values } = symmetricEigen(createMatrix(3, 3, [2, -1, 0, -1, 2, -1, 0, -1, 2]))
    const expected = [2 - Math.SQRT2, 2, 2 + Math.SQRT2]
    ;[...values].sort((a, b) => a - b).forEach((value, i) => expect(value).toBeCloseTo(expected[i], 13))
  })

  it.each([
    ['64 features', randomSamples(300, 64)],
    ['a singular covariance (rank 20 of 64)', randomSamples(300, 64, 20)],
    ['fewer samples than features', randomSamples(30, 96)],
  ])('decomposes %s: A v = value v with orthonormal v', (_, samples) => {
    const symmetric = covariance(samples)
    const { values, vectors } = symmetricEigen(symmetric)
    const n = values.length
    const scale = trace(symmetric)
    const transposed = createMatrix(
      n,
      n,
      vectors.data.map((_, i) => vectors.data[(i % n) * n + Math.floor(i / n)]),
    )
    const identity = createMatrix(
      n,
      n,
      Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)),
    )
    expect(largestDifference(multiply(vectors, transposed), identity)).toBeLessThan(1e-12)
    const applied = multiply(vectors, symmetric)
    const stretched = { ...vectors, data: vectors.data.map((value, i) => value * values[Math.floor(i / n)]) }
    expect(largestDifference(applied, stretched) / scale).toBeLessThan(1e-13)
  })

  it('is quick about equal eigenvalues and zero', () => {
    expect([...symmetricEigen(createMatrix(4, 4)).values]).toEqual([0, 0, 0, 0])
    expect([...symmetricEigen(createMatrix(2, 2, [3, 0, 0, 3])).values]).toEqual([3, 3])
  })

  it('refuses what is not square or not finite', () => {
    expect(() => symmetricEigen(createMatrix(2, 3))).toThrow('2x3 is not square')
    expect(() => symmetricEigen({ rows: 1, columns: 1, data: Float64Array.of(NaN) })).toThrow('NaN')
  })
})

describe('squareRoot', () => {
  it('times itself gives the matrix back, also a singular one', () => {
    const symmetric = covariance(randomSamples(200, 40, 10))
    const root = squareRoot(symmetric)
    expect(largestDifference(multiply(root, root), symmetric) / trace(symmetric)).toBeLessThan(1e-13)
  })
})

describe('createMatrix', () => {
  it('refuses wrong sizes and numbers that are not finite', () => {
    expect(() => createMatrix(2, 2, [1, 2, 3])).toThrow('3 numbers do not fill 2x2')
    expect(() => createMatrix(0, 2)).toThrow(RangeError)
    expect(() => createMatrix(2, 1, [1, Infinity])).toThrow('row 1 holds Infinity')
    expect(() => multiply(createMatrix(2, 3), createMatrix(2, 3))).toThrow(RangeError)
  })
})

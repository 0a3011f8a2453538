import { describe, expect, it } from 'vitest'
import { createPictures } from '../domain/picture.ts'
import type { Pictures } from '../domain/picture.ts'
import { Random } from '../domain/random.ts'
import { buildLaplacianPyramid } from './laplacian.ts'
import { SlicedWasserstein, slicedWasserstein } from './slicedWasserstein.ts'
import { sortFloats } from './sortFloats.ts'

/** Stripes of random phase with some grain: a texture one can have more or less of. */
function stripes(count: number, seed: number, { contrast = 0.5, grain = 0.1, size = 32 } = {}): Pictures {
  const random = new Random(seed)
  const pictures = createPictures(count, size, size, 3)
  for (let index = 0; index < count; index++) {
    const phase = random.uniform() * 6
    for (let i = 0; i < size * size * 3; i++) {
      const x = Math.floor(i / 3) % size
      pictures.data[index * size * size * 3 + i] = contrast * Math.sin(x + phase) + grain * random.normal()
    }
  }
  return pictures
}

describe('slicedWasserstein', () => {
  const real = stripes(8, 1)
  const prepared = new SlicedWasserstein(real)

  it('is 0 for the real set itself and the same each time', () => {
    expect(prepared.measure(real)).toEqual([0, 0])
    const others = stripes(8, 2)
    expect(prepared.measure(others)).toEqual(prepared.measure(others))
    expect(slicedWasserstein(real, others)).toEqual(prepared.measure(others))
    expect(slicedWasserstein(real, others, { seed: 6 })).not.toEqual(prepared.measure(others))
  })

  it('falls as the texture comes nearer', () => {
    const blank = prepared.measure(stripes(8, 2, { contrast: 0, grain: 0 }))
    const faint = prepared.measure(stripes(8, 2, { contrast: 0.25, grain: 0.05 }))
    const same = prepared.measure(stripes(8, 2))
    for (const level of [0, 1]) {
      expect(same[level]).toBeLessThan(faint[level] / 2)
      expect(faint[level]).toBeLessThan(blank[level])
    }
    // Grain of one pixel shows at the finest level.
    expect(prepared.measure(stripes(8, 2, { grain: 0.3 }))[0]).toBeGreaterThan(2 * same[0])
  })

  it('is exact for one-dimensional data that are moved by one deviation', () => {
    // One level, brightness only: standardised patches move by 1 in all 49 places, so each direction d moves them by |sum of d|.
    const grey = (shift: number): Pictures => {
      const random = new Random(3)
      const pictures = createPictures(4, 9, 9, 1)
      pictures.data.forEach((_, i) => (pictures.data[i] = (random.uniform() < 0.5 ? -0.25 : 0.25) + shift))
      return pictures
    }
    const [distance] = slicedWasserstein(grey(0), grey(0.25), { levels: 1 })
    // The mean of |sum of a random unit vector of 49| is close to sqrt(2 / pi).
    expect(distance / 1000).toBeGreaterThan(0.9 * Math.sqrt(2 / Math.PI))
    expect(distance / 1000).toBeLessThan(1.1 * Math.sqrt(2 / Math.PI))
  })

  it('compares sets of different sizes, odd patch counts and grey pictures', () => {
    const one = slicedWasserstein(real, stripes(3, 2))
    expect(one.every((distance) => distance > 0 && distance < 300)).toBe(true)
    const odd = createPictures(1, 13, 13, 1) // 49 patches
    odd.data.forEach((_, i) => (odd.data[i] = Math.sin(i)))
    expect(slicedWasserstein(odd, odd, { levels: 1 })).toEqual([0])
    expect(slicedWasserstein(createPictures(2, 28, 28, 1), createPictures(1, 28, 28, 1))).toEqual([0, 0])
  })

  it('looks at the region only', () => {
    const region = { top: 8, left: 8, height: 16, width: 16 }
    const framed = { ...real, data: real.data.slice() }
    for (let index = 0; index < framed.count; index++) framed.data.fill(1, index * 3072, index * 3072 + 8 * 32 * 3)
    expect(slicedWasserstein(real, framed, { region })).toEqual([0])
    expect(slicedWasserstein(real, framed)[0]).toBeGreaterThan(50)
  })

  it('refuses other sizes, too many levels and numbers that are not finite', () => {
    expect(() => prepared.measure(stripes(2, 1, { size: 16 }))).toThrow(
      '2 pictures of 16x16x3 with 8 pictures of 32x32x3',
    )
    expect(() => new SlicedWasserstein(real, { levels: 4 })).toThrow('4 levels')
    expect(() => new SlicedWasserstein(createPictures(1, 6, 6, 1))).toThrow(RangeError)
    expect(() => prepared.measure({ ...real, data: real.data.with(5000, NaN) })).toThrow('picture 1 holds NaN')
  })
})

describe('buildLaplacianPyramid', () => {
  it('has no detail in even pictures and halves the size, rounded up', () => {
    const flat = createPictures(1, 9, 12, 2)
    flat.data.fill(0.5)
    const pyramid = buildLaplacianPyramid(flat, 3)
    expect(pyramid.map(({ height, width }) => [height, width])).toEqual([[9, 12], [5, 6], [3, 3]]) // prettier-ignore
    expect(pyramid[2].data.every((value) => Math.abs(value - 0.5) < 1e-6)).toBe(true)
    for (const detail of pyramid.slice(0, 2))
      for (const value of detail.data) expect(Math.abs(value)).toBeLessThan(1e-6)
  })

  it('equals the blur and the enlargement written as plain sums', () => {
    const random = new Random(9)
    const picture = createPictures(1, 8, 10, 1)
    picture.data.set(random.normals(80))
    const kernel = [1, 4, 6, 4, 1]
    const mirror = (i: number, n: number): number => (i < 0 ? -i : i >= n ? 2 * n - 2 - i : i)
    const blurAt = (at: (row: number, column: number) => number, row: number, column: number): number =>
      kernel.reduce(
        (sum, a, i) =>
          sum +
          kernel.reduce(
            (part, b, j) => part + (a * b * at(mirror(row + i - 2, 8), mirror(column + j - 2, 10))) / 256,
            0,
          ),
        0,
      )
    const original = (row: number, column: number): number => picture.data[row * 10 + column]
    const spread = (row: number, column: number): number =>
      row % 2 === 0 && column % 2 === 0 ? 4 * blurAt(original, row, column) : 0
    const [detail, rest] = buildLaplacianPyramid(picture, 2)
    for (let row = 0; row < 8; row++)
      for (let column = 0; column < 10; column++)
        expect(detail.data[row * 10 + column]).toBeCloseTo(original(row, column) - blurAt(spread, row, column), 5)
    expect(rest.data[1 * 5 + 2]).toBeCloseTo(blurAt(original, 2, 4), 5)
  })
})

describe('sortFloats', () => {
  it('sorts as TypedArray.sort does, also negative zeros, ties, huge and tiny numbers', () => {
    const random = new Random(2)
    const special = [0, -0, 1e-40, -1e-40, Infinity, -Infinity, 3.4e38, -3.4e38, 1, 1]
    const values = Float32Array.from([...random.normals(3000), ...special, ...random.normals(7)])
    const expected = values.slice().sort()
    const surrounded = Float32Array.of(99, ...values, -99)
    sortFloats(surrounded.subarray(1, -1), new Uint32Array(values.length))
    expect([...surrounded]).toEqual([99, ...expected, -99])
  })
})

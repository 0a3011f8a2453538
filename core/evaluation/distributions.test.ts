import { describe, expect, it } from 'vitest'
import { Random } from '../domain/random.ts'
import { classAccuracy, frechetDistance, inceptionScore, parzenLogLikelihood, wilsonInterval } from './distributions.ts'
import { createMatrix } from './matrix.ts'

const features = createMatrix(80, 12, new Random(4).normals(80 * 12))

describe('frechetDistance', () => {
  it('is 0 for identical sets, also when their covariance is singular', () => {
    expect(frechetDistance(features, features)).toBeCloseTo(0, 10)
    const few = createMatrix(5, 12, features.data.subarray(0, 60))
    expect(frechetDistance(few, few)).toBeCloseTo(0, 6)
  })

  it('is the squared distance of the means for a shifted set', () => {
    const shifted = {
      ...features,
      data: features.data.map((value, i) => value + (i % 12 === 0 ? 3 : i % 12 === 1 ? -4 : 0)),
    }
    expect(frechetDistance(features, shifted)).toBeCloseTo(25, 9)
  })

  it('is the squared difference of the deviations for a stretched set', () => {
    const line = createMatrix(3, 1, [-1, 0, 1])
    expect(frechetDistance(line, createMatrix(3, 1, [-3, 0, 3]))).toBeCloseTo(4, 12)
    expect(frechetDistance(line, createMatrix(4, 1, [0, 0, 0, 0]))).toBeCloseTo(1, 12)
  })

  it('refuses other widths, a single row and numbers that are not finite', () => {
    expect(() => frechetDistance(features, createMatrix(2, 3))).toThrow('12 and 3')
    expect(() => frechetDistance(features, createMatrix(1, 12))).toThrow(RangeError)
    const broken = { ...features, data: features.data.with(13, NaN) }
    expect(() => frechetDistance(features, broken)).toThrow('row 1 holds NaN')
  })
})

describe('inceptionScore', () => {
  it('is the number of classes for certain and evenly spread pictures, 1 for uncertain ones', () => {
    const certain = createMatrix(
      8,
      4,
      Array.from({ length: 32 }, (_, i) => (i % 4 === Math.floor(i / 4) % 4 ? 1 : 0)),
    )
    expect(inceptionScore(certain, 2)).toEqual({ mean: expect.closeTo(4, 12), deviation: 0 })
    expect(inceptionScore(createMatrix(5, 2, Array(10).fill(0.5)), 1).mean).toBeCloseTo(1, 12)
  })

  it('gives the first parts the remainder', () => {
    // [0 1] [0] [1]: the first part knows two classes, the others one each.
    const rows = createMatrix(4, 2, [1, 0, 0, 1, 1, 0, 0, 1])
    expect(inceptionScore(rows, 3).mean).toBeCloseTo((2 + 1 + 1) / 3, 12)
  })

  it('refuses what is no distribution and too many parts', () => {
    expect(() => inceptionScore(createMatrix(1, 2, [0.9, 0.9]), 1)).toThrow('adds up to 1.8')
    expect(() => inceptionScore(createMatrix(1, 2, [1.5, -0.5]), 1)).toThrow(RangeError)
    expect(() => inceptionScore(createMatrix(2, 1, [1, 1]), 3)).toThrow('2 pictures cannot be split into 3')
  })
})

describe('parzenLogLikelihood', () => {
  it('is the normal density around a single sample', () => {
    const { mean, standardError } = parzenLogLikelihood(createMatrix(1, 2, [0, 0]), createMatrix(1, 2, [0.3, 0.4]), 0.5)
    expect(mean).toBeCloseTo(-Math.log(2 * Math.PI * 0.25) - 0.5, 12)
    expect(standardError).toBe(0)
  })

  it('stays finite far from every sample', () => {
    const { mean } = parzenLogLikelihood(createMatrix(2, 1, [0, 1]), createMatrix(1, 1, [1000]), 0.01)
    expect(mean).toBeLessThan(-4e9)
    expect(mean).toBeGreaterThan(-Infinity)
  })

  it('refuses a width that is not positive and rows of another length', () => {
    const one = createMatrix(1, 1, [0])
    for (const width of [0, -1, NaN, Infinity]) expect(() => parzenLogLikelihood(one, one, width)).toThrow(RangeError)
    expect(() => parzenLogLikelihood(one, createMatrix(1, 2), 1)).toThrow(RangeError)
  })
})

describe('classAccuracy', () => {
  it('counts the rows whose largest score is at the label', () => {
    const scores = createMatrix(3, 2, [-2, -1, 5, 0, 0.2, 0.8])
    expect(classAccuracy(scores, [1, 0, 0])).toBeCloseTo(2 / 3, 12)
  })

  it('refuses labels that do not fit', () => {
    expect(() => classAccuracy(createMatrix(1, 2), [2])).toThrow('label 2 is not one of 2')
    expect(() => classAccuracy(createMatrix(1, 2), [])).toThrow('0 labels for 1')
  })
})

describe('wilsonInterval', () => {
  it('stays inside 0..1 and narrows with more answers', () => {
    expect(wilsonInterval(0, 1)[0]).toBe(0)
    expect(wilsonInterval(1, 1)[1]).toBe(1)
    const [low, high] = wilsonInterval(720, 1000)
    expect(high - low).toBeLessThan(0.06)
    expect(low).toBeLessThan(0.72)
    expect(high).toBeGreaterThan(0.72)
  })

  it('refuses what is no proportion', () => {
    for (const [wins, of] of [
      [1, 0],
      [3, 2],
      [-1, 2],
      [0.5, 1],
    ])
      // prettier-ignore
      expect(() => wilsonInterval(wins, of)).toThrow(RangeError)
  })
})

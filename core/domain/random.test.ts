import { describe, expect, it } from 'vitest'
import { Random } from './random.ts'

const take = (random: Random, count: number) => Array.from({ length: count }, () => random.next())

describe('Random', () => {
  it('gives the same numbers for the same seed and stream, and others for another', () => {
    const names = [
      [1],
      [2],
      [-1],
      [1, 0],
      [1, 1],
      [1, 2],
      [1, 1, 2],
      [1, 2, 1],
      [0],
      [2 ** 32 + 1],
      [2 ** 40],
      [4294967295],
    ]
    const drawn = names.map(([seed, ...stream]) => take(new Random(seed, ...stream), 8).join())
    const again = names.map(([seed, ...stream]) => take(new Random(seed, ...stream), 8).join())
    expect(again).toEqual(drawn)
    expect(new Set(drawn).size).toBe(names.length)
  })

  it('never changes its numbers: a stored seed must keep its pictures', () => {
    expect(take(new Random(1), 3)).toEqual([3338037887, 1841171289, 2164736596])
  })

  it('keeps streams of neighbouring examples uncorrelated', () => {
    const count = 20_000
    for (const [a, b] of [
      [new Random(1, 0), new Random(1, 1)],
      [new Random(1, 2, 3, 4), new Random(1, 2, 3, 5)],
      [new Random(7), new Random(8)],
    ]) {
      const [x, y] = [a.normals(count), b.normals(count)]
      const correlation = x.reduce((sum, value, index) => sum + value * y[index], 0) / count
      // Deviation of the mean of products is 1 / sqrt(20,000) = 0.007.
      expect(Math.abs(correlation)).toBeLessThan(0.03)
    }
  })

  it('draws uniform numbers in [0, 1) and integers below a limit, all of them', () => {
    const random = new Random(3)
    const uniform = Array.from({ length: 50_000 }, () => random.uniform())
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...uniform)).toBeLessThan(1)
    const counts = new Uint32Array(10)
    for (const value of uniform) counts[Math.floor(value * 10)]++
    // Expected 5,000 with deviation 67.
    for (const count of counts) expect(Math.abs(count - 5000)).toBeLessThan(350)
    const integers = new Set(Array.from({ length: 500 }, () => random.integer(5)))
    expect([...integers].sort()).toEqual([0, 1, 2, 3, 4])
  })

  it.each([
    ['one by one', (random: Random, count: number) => Float64Array.from({ length: count }, () => random.normal())],
    ['in one go', (random: Random, count: number) => random.normals(count)],
    [
      'in odd pieces',
      (random: Random, count: number) =>
        Float64Array.from(Array.from({ length: count / 5 }, () => [...random.normals(5)]).flat()),
    ],
  ])('draws standard normal numbers %s', (_, draw) => {
    const count = 100_000
    const values = [...draw(new Random(11), count)]
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / count
    expect(Math.abs(moment(1))).toBeLessThan(0.016) // five deviations of 1 / sqrt(n)
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.023) // sqrt(2 / n)
    expect(Math.abs(moment(3))).toBeLessThan(0.062) // sqrt(15 / n)
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.16) // sqrt(96 / n)
    expect(values.every(Number.isFinite)).toBe(true)
    const neighbours = values.slice(1).reduce((sum, value, index) => sum + value * values[index], 0) / count
    expect(Math.abs(neighbours)).toBeLessThan(0.016)
  })

  it('makes permutations in which every number stands once, every order alike', () => {
    const order = [...new Random(4).permutation(257)]
    expect(order).not.toEqual([...order].sort((a, b) => a - b))
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 257 }, (_, index) => index))
    expect([...new Random(4).permutation(0)]).toEqual([])
    const random = new Random(9)
    const seen = new Map<string, number>()
    for (let i = 0; i < 6000; i++) {
      const name = random.permutation(3).join('')
      seen.set(name, (seen.get(name) ?? 0) + 1)
    }
    expect(seen.size).toBe(6)
    // Expected 1,000 with deviation 29.
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })
})

import { describe, expect, it } from 'vitest'
import { createTurnSize, portionsOf } from './portions.ts'

const megabyte = 1024 ** 2
const sizesOf = (sizes: readonly number[]) => [...portionsOf(sizes, (size) => size)]

describe('portionsOf', () => {
  it('keeps the order and holds at most 4 MB each', () => {
    const sizes = [3, 1, 1, 4, 0.5].map((size) => size * megabyte)
    expect(sizesOf(sizes).map((portion) => portion.map((size) => size / megabyte))).toEqual([[3, 1], [1], [4], [0.5]])
  })

  it('gives what is larger a portion of its own', () => {
    expect(sizesOf([1, 9 * megabyte, 1])).toEqual([[1], [9 * megabyte], [1]])
  })

  it('holds at most 500 items, and has none for nothing', () => {
    expect(sizesOf(new Array<number>(1001).fill(0)).map(({ length }) => length)).toEqual([500, 500, 1])
    expect(sizesOf([])).toEqual([])
  })

  it('asks anew for every group how large it may be', () => {
    let most = 2
    const sizes: number[] = []
    for (const portion of portionsOf(
      new Array<number>(9).fill(1),
      (size) => size,
      () => most,
    )) {
      sizes.push(portion.length)
      most++
    }
    expect(sizes).toEqual([2, 3, 4])
  })
})

describe('the size of a turn', () => {
  const range = { least: 10, most: 100 }
  /** The sizes of turns that take so many milliseconds each. */
  function sizesAfter(durations: readonly number[]): number[] {
    let now = 1000
    const size = createTurnSize(range, () => now)
    return durations.map((duration) => size.measure((most) => ((now += duration), most)))
  }

  it('grows while turns are quick, and is halved by a long one', () => {
    expect(sizesAfter([1, 1, 1, 1, 1, 10, 21, 12, 500, 3, 0])).toEqual([10, 20, 40, 80, 100, 100, 100, 50, 50, 25, 50])
  })

  it('does not become smaller than makes sense, however slow the machine is', () => {
    expect(sizesAfter([1, 900, 900, 900])).toEqual([10, 20, 10, 10])
  })

  it('learns nothing from work that fails', () => {
    const size = createTurnSize(range)
    const fail = () => {
      throw new Error('no')
    }
    expect(() => size.measure(fail)).toThrow('no')
    expect(size.now).toBe(10)
  })
})

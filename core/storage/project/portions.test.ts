import { describe, expect, it } from 'vitest'
import { portionsOf } from './portions.ts'

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
})

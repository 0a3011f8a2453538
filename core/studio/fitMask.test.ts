import { describe, expect, it } from 'vitest'
import type { Picture } from '../domain/picture.ts'
import { fitMask } from './fitMask.ts'

/** A mask in which the given pixels are hidden. */
function mask(width: number, height: number, ...hidden: readonly (readonly [x: number, y: number])[]): Picture {
  const data = new Uint8Array(width * height)
  for (const [x, y] of hidden) data[y * width + x] = 1
  return { width, height, channels: 1, data }
}
/** The hidden pixels of a mask as x,y. */
const hiddenIn = ({ width, data }: Picture) =>
  [...data].flatMap((value, index) => (value ? [`${index % width},${Math.floor(index / width)}`] : []))

describe('fitMask', () => {
  it('leaves a mask of the right size as it is', () => {
    const same = mask(32, 32, [0, 0], [31, 31], [5, 7])
    expect(fitMask(same, 32)).toEqual(same)
  })

  it('loses no hidden pixel of a large mask, and hides nothing far from it', () => {
    expect(hiddenIn(fitMask(mask(2048, 2048, [1000, 3]), 32))).toEqual(['15,0'])
    expect(hiddenIn(fitMask(mask(48, 48, [1, 0]), 32))).toEqual(['0,0', '1,0'])
  })

  it('grows a small mask with its pixels', () => {
    expect(hiddenIn(fitMask(mask(16, 16, [1, 0]), 32))).toEqual(['2,0', '3,0', '2,1', '3,1'])
  })

  it('takes the middle square, as the picture is cut', () => {
    expect(hiddenIn(fitMask(mask(64, 32, [16, 0], [47, 31]), 32))).toEqual(['0,0', '31,31'])
    expect(hiddenIn(fitMask(mask(32, 96, [3, 32], [4, 0]), 32))).toEqual(['3,0'])
  })

  it('hides everything where everything was hidden, at any size', () => {
    for (const side of [8, 31, 32, 45, 100]) {
      const all = { width: side, height: side, channels: 1 as const, data: new Uint8Array(side * side).fill(1) }
      expect(fitMask(all, 32).data.every((value) => value === 1)).toBe(true)
    }
  })

  it('refuses a mask that hides only what is cut off', () => {
    expect(() => fitMask(mask(64, 32, [15, 0], [48, 5]), 32)).toThrow(
      expect.objectContaining({
        code: 'bad-input',
        message: expect.stringContaining('hides nothing in the middle square'),
      }),
    )
  })
})

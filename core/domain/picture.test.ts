import { describe, expect, it } from 'vitest'
import { byteToValue, createPictures, type Picture, pictureAt, stackPictures, valueToByte } from './picture.ts'

const picture = (channels: 1 | 3, seed: number): Picture => ({
  width: 3,
  height: 2,
  channels,
  data: Uint8Array.from({ length: 6 * channels }, (_, index) => (index * 37 + seed) % 256),
})

describe('bytes and values', () => {
  it('gives every byte back', () => {
    for (let byte = 0; byte < 256; byte++) expect(valueToByte(byteToValue(byte))).toBe(byte)
    for (let byte = 0; byte < 256; byte++) expect(valueToByte(Math.fround(byteToValue(byte)))).toBe(byte)
  })

  it('spans -1 to 1 and clamps beyond', () => {
    expect([byteToValue(0), byteToValue(255)]).toEqual([-1, 1])
    expect([-7, -1.001, 1.001, 7].map(valueToByte)).toEqual([0, 0, 255, 255])
    expect([valueToByte(Number.NEGATIVE_INFINITY), valueToByte(Number.POSITIVE_INFINITY)]).toEqual([0, 255])
  })
})

describe('stacks of pictures', () => {
  it.each([1, 3] as const)('gives back what was stacked, %i channels', (channels) => {
    const pictures = [picture(channels, 1), picture(channels, 90), picture(channels, 200)]
    const stack = stackPictures(pictures)
    expect(stack).toMatchObject({ count: 3, height: 2, width: 3, channels })
    pictures.forEach((expected, index) => expect(pictureAt(stack, index)).toEqual(expected))
  })

  it('refuses pictures that do not exist, do not match or have other channels', () => {
    const stack = stackPictures([picture(1, 0)])
    expect(() => pictureAt(stack, 1)).toThrow(new RangeError('picture 1 of 1'))
    expect(() => pictureAt(stack, -1)).toThrow(RangeError)
    expect(() => pictureAt(createPictures(1, 2, 2, 4), 0)).toThrow('1 or 3 channels, not 4')
    expect(() => stackPictures([])).toThrow(RangeError)
    expect(() => stackPictures([picture(1, 0), picture(3, 0)])).toThrow('picture 1 has another size')
    expect(() => stackPictures([picture(1, 0), { ...picture(1, 0), width: 2, height: 3 }])).toThrow(RangeError)
  })
})

import { describe, expect, it } from 'vitest'
import { createPictures } from '../domain/picture.ts'
import type { Picture, Pictures } from '../domain/picture.ts'
import { letterHeight, measureText } from './lettering.ts'
import { composeSheet } from './sheet.ts'

function plain(count: number, channels: number, value: (index: number, channel: number) => number, size = 4): Pictures {
  const pictures = createPictures(count, size, size, channels)
  const length = size * size * channels
  pictures.data.forEach((_, i) => (pictures.data[i] = value(Math.floor(i / length), i % channels)))
  return pictures
}

function pixel({ width, data }: Picture, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)]
}

const dark = [0x17, 0x17, 0x17]

describe('composeSheet', () => {
  const colours = plain(3, 3, (index, channel) => (index === channel ? 1 : -1))
  const white = plain(2, 1, () => 1)

  it('sets grey and coloured rows one below the other, with gaps and empty places', () => {
    const sheet = composeSheet([{ pictures: colours }, { pictures: white }], { scale: 2, gap: 1 })
    expect([sheet.width, sheet.height, sheet.channels]).toEqual([2 + 3 * 8 + 2 + 2, 2 + 2 * 8 + 1 + 2, 3])
    expect(pixel(sheet, 1, 1)).toEqual(dark)
    expect(pixel(sheet, 2, 2)).toEqual([255, 0, 0])
    expect(pixel(sheet, 9, 9)).toEqual([255, 0, 0])
    expect(pixel(sheet, 10, 2)).toEqual(dark)
    expect(pixel(sheet, 11, 2)).toEqual([0, 255, 0])
    expect(pixel(sheet, 11, 11)).toEqual([255, 255, 255])
    expect(pixel(sheet, 20, 11)).toEqual(dark)
  })

  it('repeats pixels when it enlarges', () => {
    const checks = plain(1, 1, () => -1, 2)
    checks.data[1] = 1
    const sheet = composeSheet([{ pictures: checks }], { scale: 3, gap: 0 })
    expect([pixel(sheet, 2, 0)[0], pixel(sheet, 3, 0)[0], pixel(sheet, 5, 2)[0], pixel(sheet, 5, 3)[0]]).toEqual([
      0, 255, 255, 0,
    ])
  })

  it('continues below when there are more pictures than columns', () => {
    const sheet = composeSheet([{ pictures: colours }, { pictures: white }], { scale: 1, gap: 1, columns: 2 })
    expect(sheet.height).toBe(2 + 9 + 3 + 9 + 2)
    expect(pixel(sheet, 2, 2 + 9 + 3)).toEqual([0, 0, 255])
    expect(pixel(sheet, 2, 2 + 9 + 3 + 5)).toEqual(dark)
  })

  it('writes labels at the left, or not', () => {
    const rows = [{ label: 'Refined', pictures: plain(1, 1, () => -1, 32) }]
    const without = composeSheet(rows, { scale: 1, captions: false })
    const labelled = composeSheet(rows, { scale: 1 })
    expect(labelled.width - without.width).toBe(measureText('Refined', 2) + 16)
    const bright = (sheet: Picture): number => sheet.data.filter((byte) => byte > 100).length
    expect(bright(without)).toBe(0)
    expect(bright(labelled)).toBeGreaterThan(500)
  })

  it('has room for labels beside tiny pictures and shows letters it lacks as question marks', () => {
    const tiny = plain(1, 1, () => -1, 2)
    const sheet = composeSheet([{ label: 'é', pictures: tiny }], { scale: 1 })
    expect(sheet.height).toBe(2 * letterHeight + 16)
    expect(sheet.data).toEqual(composeSheet([{ label: '?', pictures: tiny }], { scale: 1 }).data)
  })

  it('enlarges small pictures by itself', () => {
    expect(composeSheet([{ pictures: plain(1, 1, () => 0, 32) }]).width).toBe(128 + 16)
    expect(composeSheet([{ pictures: plain(1, 1, () => 0, 200) }]).width).toBe(200 + 16)
  })

  it('shows pictures that are not finite instead of failing', () => {
    expect(pixel(composeSheet([{ pictures: plain(1, 1, () => NaN) }], { scale: 1 }), 9, 9)).toEqual([0, 0, 0])
  })

  it('refuses no rows, no pictures, other sizes and senseless options', () => {
    expect(() => composeSheet([])).toThrow('at least one row')
    expect(() => composeSheet([{ pictures: createPictures(0, 4, 4, 1) }])).toThrow(RangeError)
    expect(() => composeSheet([{ pictures: white }, { label: 'b', pictures: plain(1, 1, () => 0, 5) }])).toThrow(
      'row b',
    )
    for (const options of [{ scale: 0 }, { scale: 1.5 }, { columns: 0 }, { gap: -1 }])
      expect(() => composeSheet([{ pictures: white }], options)).toThrow(RangeError)
  })
})

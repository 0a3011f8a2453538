import { describe, expect, it } from 'vitest'
import { defaultEdges, drawEdges, extractEdges } from './edges.ts'
import { flat, noisy } from './testPictures.ts'

/** A square of one colour on another. */
function square(inside: readonly number[], outside: readonly number[]) {
  const picture = flat(64, 64, outside)
  for (let y = 16; y < 48; y++) for (let x = 16; x < 48; x++) picture.data.set(inside, (y * 64 + x) * inside.length)
  return picture
}
const dark = (data: Uint8Array) => data.filter((value) => value === 0).length

describe('extractEdges', () => {
  it('draws the outline of a square as one thin line on white', () => {
    const { data, channels } = extractEdges(square([30, 30, 30], [220, 220, 220]))
    expect(channels).toBe(1)
    // Four sides of 32 pixels, one pixel thin; corners are rounded by the blur.
    expect(dark(data)).toBeGreaterThan(100)
    expect(dark(data)).toBeLessThan(150)
    expect(data[32 * 64 + 32]).toBe(255)
    expect([15, 16].some((x) => data[32 * 64 + x] === 0)).toBe(true)
  })

  it('sees an edge between colours of equal brightness', () => {
    expect(dark(extractEdges(square([200, 0, 0], [0, 102, 0])).data)).toBeGreaterThan(100)
  })

  it('draws nothing on flat pictures, with or without a little noise', () => {
    expect(dark(extractEdges(flat(32, 32, [128])).data)).toBe(0)
    const speckled = noisy(64, 64, 3)
    for (let i = 0; i < speckled.data.length; i++) speckled.data[i] = 120 + (speckled.data[i] >> 6)
    expect(dark(extractEdges(speckled).data)).toBe(0)
  })

  it('drops lines shorter than asked', () => {
    const picture = square([30, 30, 30], [220, 220, 220])
    expect(dark(extractEdges(picture, { ...defaultEdges, shortest: 1000 }).data)).toBe(0)
  })
})

describe('drawEdges', () => {
  it('gives a soft drawing of the asked size', async () => {
    const drawing = await drawEdges(square([30, 30, 30], [220, 220, 220]), 32)
    expect(drawing).toMatchObject({ width: 32, height: 32, channels: 1 })
    expect(Math.min(...drawing.data)).toBeLessThan(200)
    expect(drawing.data[16 * 32 + 16]).toBe(255)
  })
})

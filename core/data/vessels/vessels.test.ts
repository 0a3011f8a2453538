import { describe, expect, it } from 'vitest'
import type { Picture } from '../../domain/picture.ts'
import { drawVesselPair, drawVesselSketch, drawVessels, vesselKinds } from './vessels.ts'

function difference(a: Picture, b: Picture): number {
  return a.data.reduce((sum, byte, i) => sum + Math.abs(byte - b.data[i]), 0) / a.data.length
}

function halve({ width, data }: Picture): Picture {
  const size = width / 2
  const halved = Uint8Array.from({ length: size * size * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3)
    const at = (2 * Math.floor(pixel / size) * width + 2 * (pixel % size)) * 3 + (i % 3)
    return Math.round((data[at] + data[at + 3] + data[at + 3 * width] + data[at + 3 * width + 3]) / 4)
  })
  return { width: size, height: size, channels: 3, data: halved }
}

describe('drawVesselPair', () => {
  it('answers RGB pictures of the asked size, with dark lines on white for the sketch', () => {
    const { sketch, picture, kind } = drawVesselPair(5, 48)
    expect(vesselKinds).toContain(kind)
    for (const { width, height, channels, data } of [sketch, picture])
      expect([width, height, channels, data.length]).toEqual([48, 48, 3, 48 * 48 * 3])
    expect(Math.max(...sketch.data)).toBe(255)
    expect(Math.min(...sketch.data)).toBeLessThan(60)
    expect(sketch.data.filter((byte) => byte > 250).length / sketch.data.length).toBeGreaterThan(0.6)
  })

  it('gives the same bytes and strokes for the same seed, and others for another', () => {
    const first = drawVesselPair(11, 32)
    expect(drawVesselPair(11, 32)).toEqual(first)
    const second = drawVesselPair(12, 32)
    expect(difference(first.picture, second.picture)).toBeGreaterThan(2)
    expect(difference(first.sketch, second.sketch)).toBeGreaterThan(2)
  })

  it('changes only the picture with another glaze seed', () => {
    const kept = drawVesselPair(21, 32, { glazeSeed: 1 })
    const glazed = drawVesselPair(21, 32, { glazeSeed: 2 })
    expect(glazed.sketch).toEqual(kept.sketch)
    expect(glazed.strokes).toEqual(kept.strokes)
    expect(difference(glazed.picture, kept.picture)).toBeGreaterThan(2)
    expect(drawVesselPair(21, 32, { glazeSeed: 21 }).picture).toEqual(drawVesselPair(21, 32).picture)
  })

  it.each(vesselKinds)('draws the same %s at every size', (kind) => {
    const small = drawVesselPair(3, 64, { kind })
    const large = drawVesselPair(3, 128, { kind })
    expect(small.kind).toBe(kind)
    expect(difference(halve(large.picture), small.picture)).toBeLessThan(1.2)
    expect(large.strokes).toEqual(small.strokes)
  })

  it('keeps every stroke inside the frame, with pressures of a pen', () => {
    for (let seed = 0; seed < 40; seed++) {
      const { strokes } = drawVesselPair(seed, 16)
      expect(strokes.length).toBeGreaterThan(4)
      for (const { points } of strokes) {
        expect(points.length).toBeGreaterThan(1)
        for (const { x, y, pressure } of points) {
          expect(Math.min(x, y, 1 - x, 1 - y)).toBeGreaterThan(0.02)
          expect(pressure > 0 && pressure <= 1).toBe(true)
        }
      }
    }
  })

  it('refuses a size that is no size', () => {
    expect(() => drawVesselPair(1, 8)).toThrow(RangeError)
    expect(() => drawVesselPair(1, 64.5)).toThrow('64.5')
  })
})

describe('drawVessels', () => {
  it('draws each pair from the seed and its place alone', () => {
    const pairs = drawVessels(6, 16, 7)
    expect(drawVessels(3, 16, 7)).toEqual(pairs.slice(0, 3))
    expect(drawVessels(1, 16, 8)[0].picture).not.toEqual(pairs[0].picture)
    expect(drawVessels(0, 16, 7)).toEqual([])
    expect(() => drawVessels(-1, 16, 7)).toThrow(RangeError)
  })

  it('draws every kind in a long list', () => {
    expect(new Set(drawVessels(60, 16, 1).map(({ kind }) => kind))).toEqual(new Set(vesselKinds))
  })
})

describe('drawVesselSketch', () => {
  const line = [0.2, 0.5, 0.8].map((x) => ({ x, y: 0.5, pressure: 0.625 }))

  it.each([
    [64, 1.3],
    [256, 2.2],
  ])('draws a line at %i pixels about %f pixels wide', (size, width) => {
    const { data } = drawVesselSketch([{ points: line }], size)
    let ink = 0
    for (let row = 0; row < size; row++) ink += (255 - data[3 * (row * size + size / 2)]) / 233
    expect(ink).toBeCloseTo(width, 0.5)
  })

  it('is the sketch of the pair', () => {
    const { sketch, strokes } = drawVesselPair(9, 64)
    expect(drawVesselSketch(strokes, 64)).toEqual(sketch)
    expect(() => drawVesselSketch(strokes, 0)).toThrow(RangeError)
  })
})

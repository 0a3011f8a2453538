import { describe, expect, it } from 'vitest'
import { createPictures } from '../domain/picture.ts'
import type { Pictures } from '../domain/picture.ts'
import { Random } from '../domain/random.ts'
import { gradientMagnitude, psnr, ssim, withinClassDeviation } from './likeness.ts'

function fill(shape: [number, number, number, number], value: (i: number) => number): Pictures {
  const pictures = createPictures(...shape)
  pictures.data.forEach((_, i) => (pictures.data[i] = value(i)))
  return pictures
}

const random = new Random(8)
const noise = fill([2, 16, 14, 3], () => random.uniform() - 0.5)

describe('psnr', () => {
  it('knows the value of a constant error and averages over pictures', () => {
    const black = fill([2, 4, 4, 1], () => -1)
    // Errors of 0.2 and 0.02 of a span of 2: 20 dB and 40 dB.
    expect(
      psnr(
        black,
        fill([2, 4, 4, 1], (i) => (i < 16 ? -0.8 : -0.98)),
      ),
    ).toBeCloseTo(30, 4)
    expect(psnr(black, black)).toBe(Infinity)
  })

  it('clamps before it compares and looks at the region only', () => {
    const white = fill([1, 4, 4, 1], () => 1)
    expect(
      psnr(
        white,
        fill([1, 4, 4, 1], () => 7),
      ),
    ).toBe(Infinity)
    const corner = fill([1, 4, 4, 1], (i) => (i === 0 ? -1 : 0.8))
    expect(psnr(white, corner, { top: 1, left: 0, height: 3, width: 4 })).toBeCloseTo(20, 4)
  })

  it('refuses other shapes, places outside and numbers that are not finite', () => {
    expect(() =>
      psnr(
        noise,
        fill([2, 16, 14, 1], () => 0),
      ),
    ).toThrow('2 pictures of 16x14x3 with 2 pictures of 16x14x1')
    for (const region of [
      { top: 0, left: 1, height: 4, width: 14 },
      { top: -1, left: 0, height: 4, width: 4 },
      { top: 0, left: 0, height: 0, width: 4 },
      { top: 0.5, left: 0, height: 4, width: 4 },
    ])
      expect(() => psnr(noise, noise, region)).toThrow(RangeError)
    const broken = { ...noise, data: noise.data.with(16 * 14 * 3, NaN) }
    expect(() => psnr(noise, broken)).toThrow('picture 1 holds NaN')
    expect(() => psnr(noise, { ...noise, data: noise.data.with(0, Infinity) })).toThrow('picture 0 holds Infinity')
    expect(() => psnr(createPictures(0, 4, 4, 1), createPictures(0, 4, 4, 1))).toThrow('no pictures')
  })
})

describe('ssim', () => {
  it('is 1 for identical pictures and for blank ones', () => {
    expect(ssim(noise, noise)).toBeCloseTo(1, 12)
    const grey = fill([1, 11, 11, 1], () => 0)
    expect(ssim(grey, grey)).toBeCloseTo(1, 12)
  })

  it('is negative for an inverted picture and falls with noise', () => {
    const inverted = { ...noise, data: noise.data.map((value) => -value) }
    expect(ssim(noise, inverted)).toBeLessThan(-0.9)
    const noisy = (amount: number): number =>
      ssim(noise, { ...noise, data: noise.data.map((value, i) => value + (i % 2 === 0 ? amount : -amount)) })
    expect(noisy(0.05)).toBeGreaterThan(noisy(0.2))
  })

  it('needs 11x11 pixels', () => {
    expect(() => ssim(noise, noise, { top: 0, left: 0, height: 10, width: 12 })).toThrow('11x11 pixels, not 10x12')
  })
})

describe('gradientMagnitude', () => {
  it('averages the steps across and down', () => {
    // Rises by 0.1 across and stays the same down, in two pictures that must not mix.
    const ramp = fill([2, 3, 4, 2], (i) => 0.1 * (Math.floor(i / 2) % 4) - (i < 24 ? 0 : 0.7))
    expect(gradientMagnitude(ramp)).toBeCloseTo(0.05, 6)
    expect(gradientMagnitude(fill([1, 4, 2, 1], (i) => 0.2 * Math.floor(i / 2)))).toBeCloseTo(0.1, 6)
  })

  it('needs neighbours', () => expect(() => gradientMagnitude(createPictures(1, 1, 4, 1))).toThrow(RangeError))
})

describe('withinClassDeviation', () => {
  it('looks at each class by itself', () => {
    const pictures = fill([5, 1, 1, 1], (i) => [-0.5, 0.5, 0.9, 0.9, 0.1][i])
    // Class 0: deviation of -0.5 and 0.5; class 7: none; the single picture of class 3 says nothing.
    expect(withinClassDeviation(pictures, [0, 0, 7, 7, 3])).toBeCloseTo(Math.SQRT1_2 / 2, 6)
  })

  it('needs a class of two and a label for each picture', () => {
    expect(() => withinClassDeviation(noise, [0, 1])).toThrow('no class has two')
    expect(() => withinClassDeviation(noise, [0])).toThrow('1 labels')
  })
})

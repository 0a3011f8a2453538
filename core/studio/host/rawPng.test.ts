import { describe, expect, it } from 'vitest'
import { decodePicture, inspectBytes } from '../../data/pictureFile.ts'
import { Random } from '../../domain/random.ts'
import { encodeRawPng } from './rawPng.ts'

describe('a PNG made at once', () => {
  it.each([
    [28, 28, 1],
    [5, 3, 3],
    [1, 1, 1],
  ] as const)('comes back as it was: %i x %i x %i', async (width, height, channels) => {
    const random = new Random(3)
    const data = Uint8Array.from({ length: width * height * channels }, () => random.integer(256))
    const png = encodeRawPng({ width, height, channels, data })
    expect(await inspectBytes(png)).toEqual({ kind: 'picture', width, height, channels })
    expect(await decodePicture(png, { channels })).toEqual({ width, height, channels, data })
  })
})

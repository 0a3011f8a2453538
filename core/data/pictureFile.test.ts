import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { AppError } from '../domain/errors.ts'
import { encodePng, inspectBytes, readPicture, resizePicture } from './pictureFile.ts'
import { insertPngText, readPngText } from './pngText.ts'
import { flat, noisy, png, temporaryFolder, toSharp } from './testPictures.ts'

const folder = temporaryFolder()
afterAll(() => rmSync(folder, { recursive: true }))

async function readBytes(name: string, bytes: Uint8Array | string, options?: { maxPixels: number }) {
  writeFileSync(join(folder, name), bytes)
  return readPicture(join(folder, name), options)
}

describe('readPicture', () => {
  it.each(['png', 'jpeg', 'webp'] as const)('reads %s whatever the file is called', async (format) => {
    const picture = await readBytes(
      'wrong-ending.txt',
      await toSharp(flat(20, 10, [200, 100, 50]))
        .toFormat(format)
        .toBuffer(),
    )
    expect(picture).toMatchObject({ width: 20, height: 10, channels: 3 })
    expect(Math.abs(picture.data[0] - 200)).toBeLessThan(6)
  })

  it('turns a picture as its EXIF orientation says', async () => {
    const leftRed = flat(16, 8, [255, 0, 0])
    leftRed.data.fill(0, 0, 16 * 4 * 3)
    const rotated = await toSharp(leftRed)
      .jpeg({ chromaSubsampling: '4:4:4' })
      .withMetadata({ orientation: 6 })
      .toBuffer()
    const picture = await readBytes('rotated.jpg', rotated)
    expect([picture.width, picture.height]).toEqual([8, 16])
    // Orientation 6 shows the stored top on the right: the dark upper half is now the right half.
    expect(picture.data[0]).toBeGreaterThan(200)
    expect(picture.data[7 * 3]).toBeLessThan(60)
  })

  it('makes transparency white', async () => {
    const clear = await sharp({
      create: { width: 9, height: 9, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
    const picture = await readBytes('clear.png', await clear.png().toBuffer())
    expect(new Set(picture.data)).toEqual(new Set([255]))
  })

  it('keeps grey as one channel, also from 16 bits', async () => {
    const grey = toSharp(flat(9, 9, [77]))
      .toColourspace('b-w')
      .png()
    expect(await readBytes('grey.png', await grey.toBuffer())).toEqual(flat(9, 9, [77]))
    const deep = toSharp(flat(9, 9, [77]))
      .toColourspace('grey16')
      .png()
    expect(await readBytes('deep.png', await deep.toBuffer())).toEqual(flat(9, 9, [77]))
  })

  it('takes the first frame of an animation', async () => {
    const frames = await Promise.all(
      [
        [255, 0, 0],
        [0, 0, 255],
      ].map((colour) => png(flat(12, 12, colour))),
    )
    const animation = await sharp(frames, { join: { animated: true } })
      .webp({ lossless: true })
      .toBuffer()
    expect(await readBytes('animation.webp', animation)).toEqual(flat(12, 12, [255, 0, 0]))
  })

  it('refuses a forged header before decoding anything', async () => {
    const forged = Buffer.from(await png(flat(8, 8, [1, 2, 3])))
    forged.writeUInt32BE(30000, 16)
    forged.writeUInt32BE(30000, 20)
    await expect(readBytes('forged.png', forged)).rejects.toThrow(
      /30000 x 30000 is more than 50 million pixels|header is damaged/,
    )
    const { crc32 } = await import('node:zlib')
    forged.writeUInt32BE(crc32(forged.subarray(12, 29)), 29)
    await expect(readBytes('forged.png', forged)).rejects.toThrow('30000 x 30000 is more than 50 million pixels')
  })

  it('honours a smaller cap', async () => {
    await expect(readBytes('cap.png', await png(flat(20, 20, [0])), { maxPixels: 399 })).rejects.toThrow(AppError)
    expect((await readBytes('cap.png', await png(flat(20, 20, [0])), { maxPixels: 400 })).width).toBe(20)
  })

  it.each([
    ['a cut off PNG', async () => (await png(noisy(32, 32, 1))).subarray(0, 1500), 'damaged or cut off'],
    [
      'a cut off JPEG',
      async () =>
        (
          await toSharp(noisy(64, 64, 1))
            .jpeg()
            .toBuffer()
        ).subarray(0, 1500),
      'damaged or cut off',
    ],
    ['an SVG', async () => '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'not a PNG, JPEG or WebP'],
    [
      'a GIF',
      async () =>
        toSharp(flat(9, 9, [1, 2, 3]))
          .gif()
          .toBuffer(),
      'not a PNG, JPEG or WebP',
    ],
    [
      'a TIFF',
      async () =>
        toSharp(flat(9, 9, [1, 2, 3]))
          .tiff()
          .toBuffer(),
      'not a PNG, JPEG or WebP',
    ],
    ['a lone signature', async () => Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), 'header is damaged'],
    ['an empty file', async () => '', 'empty'],
  ])('refuses %s with one sentence', async (_, make, reason) => {
    const refusal = readBytes('refused.png', await make())
    await expect(refusal).rejects.toThrow(AppError)
    await expect(refusal).rejects.toThrow(reason)
  })

  it('says when there is no such file', async () => {
    await expect(readPicture(join(folder, 'absent.png'))).rejects.toThrow('there is no such file')
  })
})

describe('inspectBytes', () => {
  it('knows the size as seen without decoding the pixels', async () => {
    const jpeg = await toSharp(noisy(64, 32, 1))
      .jpeg()
      .withMetadata({ orientation: 8 })
      .toBuffer()
    const inspection = await inspectBytes(jpeg.subarray(0, 1200))
    expect(inspection).toEqual({ kind: 'picture', width: 32, height: 64, channels: 3 })
  })
})

describe('encodePng', () => {
  it('adds texts only when there are some', async () => {
    const picture = noisy(13, 7, 5)
    expect(readPngText(await encodePng(picture, { seed: '42' }))).toEqual({ seed: '42' })
    expect(readPngText(await encodePng(picture))).toEqual({})
  })

  it('refuses keywords that a PNG cannot hold', () => {
    expect(() => insertPngText(new Uint8Array(40), { ä: 'x' })).toThrow(RangeError)
  })
})

describe('resizePicture', () => {
  it('keeps the middle when the shape differs', async () => {
    const striped = flat(30, 10, [0])
    for (let y = 0; y < 10; y++) striped.data.fill(200, y * 30 + 10, y * 30 + 20)
    expect(await resizePicture(striped, 10, 10)).toEqual(flat(10, 10, [200]))
  })

  it('adds no rings around flat colours when averaging areas', async () => {
    const halves = flat(64, 64, [60])
    for (let y = 0; y < 64; y++) halves.data.fill(180, y * 64 + 31, y * 64 + 64)
    const { data } = await resizePicture(halves, 24, 24, { kernel: 'area' })
    expect([Math.min(...data), Math.max(...data)]).toEqual([60, 180])
  })
})

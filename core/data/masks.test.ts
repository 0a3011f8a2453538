import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Random } from '../domain/random.ts'
import { createMask, hiddenShare, readMask } from './masks.ts'
import { flat, png, temporaryFolder } from './testPictures.ts'

describe('createMask', () => {
  it('hides the middle square of half the side', () => {
    const { data } = createMask('centre', 32, new Random(1))
    expect(hiddenShare({ width: 32, height: 32, channels: 1, data })).toBe(0.25)
    expect([data[7 * 32 + 8], data[8 * 32 + 8], data[23 * 32 + 23], data[24 * 32 + 23]]).toEqual([0, 1, 1, 0])
  })

  it.each(['rectangles', 'brush'] as const)('%s hide 10 to 40 %, by ones and zeros, repeatably', (kind) => {
    for (let seed = 0; seed < 60; seed++) {
      const mask = createMask(kind, 48, new Random(seed))
      expect(hiddenShare(mask)).toBeGreaterThanOrEqual(0.1)
      expect(hiddenShare(mask)).toBeLessThanOrEqual(0.4)
      expect(new Set(mask.data)).toEqual(new Set([0, 1]))
      expect(createMask(kind, 48, new Random(seed))).toEqual(mask)
    }
    expect(createMask(kind, 48, new Random(1))).not.toEqual(createMask(kind, 48, new Random(2)))
  })

  it('refuses a side of no use', () => {
    expect(() => createMask('brush', 4, new Random(1))).toThrow(RangeError)
  })
})

describe('readMask', () => {
  const folder = temporaryFolder()
  const file = join(folder, 'mask.png')
  afterAll(() => rmSync(folder, { recursive: true }))

  it('hides what is white', async () => {
    const picture = flat(16, 16, [0, 0, 0])
    picture.data.fill(255, 0, 16 * 3)
    writeFileSync(file, await png(picture))
    const mask = await readMask(file, { width: 16, height: 16 })
    expect([...mask.data]).toEqual([...Array.from({ length: 256 }, (_, i) => (i < 16 ? 1 : 0))])
  })

  it('refuses another size with one sentence that names both', async () => {
    writeFileSync(file, await png(flat(16, 16, [255])))
    const refusal = readMask(file, { width: 32, height: 16 })
    await expect(refusal).rejects.toMatchObject({ code: 'mismatch' })
    await expect(refusal).rejects.toThrow('“mask.png” is 16 x 16 and the picture 32 x 16')
  })

  it('refuses a mask that hides nothing', async () => {
    writeFileSync(file, await png(flat(16, 16, [0])))
    await expect(readMask(file, { width: 16, height: 16 })).rejects.toThrow('hides nothing')
  })
})

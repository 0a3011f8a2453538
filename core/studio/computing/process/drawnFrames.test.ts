import { describe, expect, it } from 'vitest'
import { pictureAt, type Pictures } from '../../../domain/picture.ts'
import { Random } from '../../../domain/random.ts'
import { DrawnFrames } from './drawnFrames.ts'

function numbers(seed: number): Pictures {
  return { count: 1, width: 2, height: 2, channels: 3, data: new Random(seed).normals(12).map((value) => value / 4) }
}

describe('the numbers behind a picture', () => {
  it('are those that were sent as it, of its own step', () => {
    const frames = new DrawnFrames()
    const exact = numbers(1)
    // Rounds to the same bytes.
    const close = { ...exact, data: exact.data.map((value) => Math.fround(value + 1e-6)) }
    const picture = pictureAt(exact, 0)
    expect(pictureAt(close, 0)).toEqual(picture)
    frames.remember(3, picture, exact)
    frames.remember(4, picture, close)
    expect(frames.exact(3, picture)).toBe(exact)
    expect(frames.exact(4, structuredClone(picture))).toBe(close)
  })

  it('are its bytes where nobody remembers', () => {
    const frames = new DrawnFrames()
    const picture = pictureAt(numbers(1), 0)
    frames.remember(3, picture, numbers(1))
    const found = frames.exact(5, picture)
    expect(found).not.toEqual(numbers(1))
    expect(pictureAt(found, 0)).toEqual(picture)
  })

  it('are forgotten from the oldest on, never the newest', () => {
    const frames = new DrawnFrames(24)
    const all = [1, 2, 3].map((seed) => ({ exact: numbers(seed), picture: pictureAt(numbers(seed), 0) }))
    for (const { exact, picture } of all) frames.remember(1, picture, exact)
    // What is told twice takes room once.
    frames.remember(1, all[2].picture, all[2].exact)
    expect(all.map(({ exact, picture }) => frames.exact(1, picture) === exact)).toEqual([false, true, true])
    const small = new DrawnFrames(1)
    small.remember(1, all[0].picture, all[0].exact)
    expect(small.exact(1, all[0].picture)).toBe(all[0].exact)
  })
})

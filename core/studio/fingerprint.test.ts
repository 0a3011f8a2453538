import { cp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDataSet } from '../data/dataSet.ts'
import type { Example } from '../data/examples.ts'
import { assertSamePictures, fingerprintOf, isFingerprintOf } from './fingerprint.ts'
import { drawn, makeClasses, makePairs, noisy, png, temporaryFolder, writeFiles } from './testing.ts'

const folder = temporaryFolder()
const original = join(folder, 'original')
const fingerprint = async (path: string) => fingerprintOf(await openDataSet(path))
const copy = async (name: string) => {
  await cp(original, join(folder, name), { recursive: true })
  return join(folder, name)
}
beforeAll(() => makeClasses(original, ['a', 'b']))
afterAll(() => rm(folder, { recursive: true }))

describe('fingerprintOf', () => {
  it('is the same wherever the folder lies', async () => {
    expect(await fingerprint(await copy('moved'))).toBe(await fingerprint(original))
  })

  it('notices another picture, another label and another name of a class', async () => {
    const exchanged = await copy('exchanged')
    writeFiles(exchanged, { 'a/3.png': await png(noisy(28, 28, 77)) })
    const relabelled = await copy('relabelled')
    await rename(join(relabelled, 'a/3.png'), join(relabelled, 'b/3-too.png'))
    const renamed = await copy('renamed')
    await rename(join(renamed, 'b'), join(renamed, 'c'))
    const all = await Promise.all([original, exchanged, relabelled, renamed].map(fingerprint))
    expect(new Set(all).size).toBe(4)
  })
})

describe('a fingerprint of pairs', () => {
  const folders = join(folder, 'two-folders')
  const sides = join(folder, 'sides')
  beforeAll(async () => {
    await makePairs(sides)
    for (let i = 0; i < 10; i++)
      writeFiles(folders, { [`A/${i}.png`]: await png(drawn(32, 32, i)), [`B/${i}.png`]: await png(noisy(32, 32, i)) })
  })

  it('notices sides that were swapped', async () => {
    for (const path of [folders, sides]) {
      const [left, right] = await Promise.all(
        (['left', 'right'] as const).map((conditionSide) => openDataSet(path, { conditionSide })),
      )
      const seen = { pictures: left.count.train, fingerprint: fingerprintOf(left) }
      expect(() => assertSamePictures(seen, left, '“Pairs”')).not.toThrow()
      expect(() => assertSamePictures(seen, right, '“Pairs”')).toThrow(
        /“Pairs” has other pictures \(or pairs them otherwise\)/,
      )
    }
  })

  it('notices another condition, and pictures that were paired otherwise', async () => {
    const before = await fingerprint(folders)
    const changed = join(folder, 'changed')
    await cp(folders, changed, { recursive: true })
    expect(await fingerprint(changed)).toBe(before)
    const [first, second, spare] = ['3.png', '4.png', 'spare'].map((name) => join(changed, 'A', name))
    await rename(first, spare)
    await rename(second, first)
    await rename(spare, second)
    const paired = await fingerprint(changed)
    writeFiles(changed, { 'A/3.png': await png(drawn(32, 32, 99)) })
    expect(new Set([before, paired, await fingerprint(changed)]).size).toBe(3)
  })
})

describe('a fingerprint of the first form', () => {
  // Written by the program when it did not look at conditions yet.
  const noted = '069fbb9b42f6521235b495edc0eeae3e'
  const example = (digit: string, label: number): Example => ({
    ...{ name: digit, content: digit.repeat(64), label },
    read: () => Promise.reject(new Error('nobody reads it')),
  })
  const examples = { train: [example('1', 0), example('2', 1)], heldOut: [example('3', 0)] }

  it('still holds for the same pictures, and for no others', async () => {
    const data = { ...(await openDataSet(original)), labels: ['a', 'b'], examples }
    expect(isFingerprintOf(noted, data)).toBe(true)
    const others = { ...examples, heldOut: [example('4', 0)] }
    expect(isFingerprintOf(noted, { ...data, examples: others })).toBe(false)
    expect(isFingerprintOf(noted, { ...data, labels: ['a', 'c'] })).toBe(false)
    expect(fingerprintOf(data)).toMatch(/^2:[0-9a-f]{32}$/)
  })
})

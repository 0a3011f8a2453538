import { cp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDataSet } from '../data/dataSet.ts'
import { fingerprintOf } from './fingerprint.ts'
import { makeClasses, noisy, png, temporaryFolder, writeFiles } from './testing.ts'

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

import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CancelledError } from '../domain/errors.ts'
import { noisy, temporaryFolder } from './testPictures.ts'
import { makeZip } from './testZip.ts'
import type { ZipMember } from './testZip.ts'
import { unpackZip } from './zip.ts'

let folder = ''
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => rmSync(folder, { recursive: true }))

const limits = { mostBytes: 2 ** 30, mostFiles: 100 }
const text = (content: string) => Buffer.from(content)
const unpack = (zip: Buffer, options: Partial<Parameters<typeof unpackZip>[2]> = {}) => {
  writeFileSync(join(folder, 'set.zip'), zip)
  return unpackZip(join(folder, 'set.zip'), join(folder, 'out'), { ...limits, ...options })
}

describe('unpackZip', () => {
  it('writes the files of folders, packed or not, and leaves nested archives packed', async () => {
    const nested = makeZip([{ name: 'inside.txt', bytes: text('deep') }])
    const zip = makeZip([
      { name: 'cats/', bytes: text(''), mode: 0o040755 },
      { name: 'cats/one.txt', bytes: text('mew'.repeat(1000)) },
      { name: 'dogs\\two.txt', bytes: text('wuff'), method: 0 },
      { name: 'nested.zip', bytes: nested },
      { name: '__MACOSX/cats/._one.txt', bytes: text('junk') },
      { name: 'empty.txt', bytes: text('') },
    ])
    const { files, sizeBytes } = await unpack(zip)
    expect(files).toEqual(['cats/one.txt', 'dogs/two.txt', 'nested.zip', 'empty.txt'])
    expect(sizeBytes).toBe(3000 + 4 + nested.length)
    expect(readFileSync(join(folder, 'out/cats/one.txt'), 'utf8')).toBe('mew'.repeat(1000))
    expect(readFileSync(join(folder, 'out/dogs/two.txt'), 'utf8')).toBe('wuff')
    expect(readFileSync(join(folder, 'out/nested.zip'))).toEqual(nested)
    expect(readdirSync(join(folder, 'out')).toSorted()).toEqual(['cats', 'dogs', 'empty.txt', 'nested.zip'])
  })

  const good: ZipMember = { name: 'good.txt', bytes: text('good') }
  const incompressible: ZipMember = { name: 'noise', bytes: noisy(64, 64, 1).data }
  const zeros = (size: number) => Buffer.alloc(size)
  const attacks: readonly (readonly [string, Buffer, RegExp])[] = [
    ['zip-slip', makeZip([good, { name: '../evil.txt', bytes: text('x') }]), /leads out of its folder/],
    ['zip-slip inside', makeZip([good, { name: 'a/../../evil.txt', bytes: text('x') }]), /leads out of its folder/],
    ['zip-slip by backslash', makeZip([good, { name: '..\\evil.txt', bytes: text('x') }]), /leads out of its folder/],
    ['absolute name', makeZip([good, { name: '/tmp/evil.txt', bytes: text('x') }]), /no path inside a folder/],
    ['drive letter', makeZip([good, { name: 'C:\\evil.txt', bytes: text('x') }]), /no path inside a folder/],
    ['NUL in a name', makeZip([good, { name: 'evil\0.png', bytes: text('x') }]), /control characters/],
    ['deep folders', makeZip([good, { name: `${'a/'.repeat(30)}x`, bytes: text('x') }]), /lies deeper/],
    ['long name', makeZip([good, { name: 'a'.repeat(300), bytes: text('x') }]), /too long/],
    ['link', makeZip([good, { name: 'link', bytes: text('/etc/passwd'), mode: 0o120777 }]), /link to another place/],
    ['device', makeZip([good, { name: 'device', bytes: text(''), mode: 0o020666 }]), /no plain file/],
    ['password', makeZip([good, { name: 'secret', bytes: text('x'), flags: 0x801 }]), /password/],
    ['unknown packing', makeZip([good, { name: 'odd', bytes: text('x'), method: 12 }]), /not supported/],
    ['the same name twice', makeZip([good, { name: 'GOOD.txt', bytes: text('x') }]), /twice/],
    ['a file as a folder', makeZip([good, { name: 'good.txt/more', bytes: text('x') }]), /twice/],
    [
      'too many files',
      makeZip(Array.from({ length: 101 }, (_, i) => ({ ...good, name: `${i}` }))),
      /more than 100 files/,
    ],
    ['too large', makeZip([{ name: 'a', bytes: text('x'), announcedSize: 2 ** 31 }]), /larger than may be taken in/],
    [
      'ratio bomb',
      makeZip([{ name: 'bomb', bytes: zeros(10_000), announcedSize: 300 * 2 ** 20 }]),
      /grow more than 200 times/,
    ],
    [
      'overlapping entries',
      makeZip([
        incompressible,
        ...Array.from({ length: 50 }, (_, i) => ({ ...incompressible, name: `${i}`, overlaps: true })),
      ]),
      /overlap/,
    ],
    [
      'a file longer than announced',
      makeZip([good, { name: 'b', bytes: zeros(10_000), announcedSize: 10 }]),
      /damaged/,
    ],
    ['a file shorter than announced', makeZip([good, { name: 'b', bytes: zeros(10), announcedSize: 99 }]), /damaged/],
    [
      'a wrong checksum',
      makeZip([good, { name: 'b', bytes: text('x'), announcedChecksum: 1 }]),
      /“b” in it is damaged/,
    ],
    ['cut off', makeZip([good]).subarray(0, 40), /damaged, cut off or no zip file/],
    ['no zip at all', text('hello'), /damaged, cut off or no zip file/],
    ['nothing in it', makeZip([]), /holds no files/],
  ]

  it.each(attacks)('refuses %s in one sentence, and nothing of it remains', async (_, zip, reason) => {
    await expect(unpack(zip)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/^“set.zip” was not unpacked, because .*; nothing of it was kept\.$/) as string,
    })
    await expect(unpack(zip)).rejects.toThrow(reason)
    expect(readdirSync(folder)).toEqual(['set.zip'])
    expect(existsSync('/tmp/evil.txt')).toBe(false)
  })

  it('writes not one byte beyond the announced size', async () => {
    const zip = makeZip([{ name: 'b', bytes: zeros(5_000_000), announcedSize: 1000 }])
    await expect(unpack(zip)).rejects.toThrow('damaged')
  })

  it('ends when cancelled, before and in the middle', async () => {
    const zip = makeZip(Array.from({ length: 50 }, (_, i) => ({ ...good, name: `${i}` })))
    await expect(unpack(zip, { signal: AbortSignal.abort() })).rejects.toThrow(CancelledError)
    const aborter = new AbortController()
    const unpacking = unpack(zip, { signal: aborter.signal })
    const watch = setInterval(() => {
      if (existsSync(join(folder, 'out/3'))) aborter.abort()
    }, 0)
    await expect(unpacking).rejects.toThrow(CancelledError)
    clearInterval(watch)
    expect(existsSync(join(folder, 'out'))).toBe(false)
  })
})

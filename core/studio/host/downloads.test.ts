import { existsSync, readdirSync, utimesSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { temporaryFolder } from '../testing.ts'
import { fileName, openDownloads } from './downloads.ts'

afterEach(() => void vi.useRealTimers())

const filesUnder = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())

describe('downloads', () => {
  it('hand out a file whole and in ranges, and are gone when closed', async () => {
    const folder = join(temporaryFolder(), 'downloads')
    const downloads = await openDownloads(folder)
    const offer = await downloads.offer('a/b.txt', 'text/plain', (path) => writeFile(path, '0123456789'))
    expect(offer).toMatchObject({ name: 'a b.txt', sizeBytes: 10 })
    const file = downloads.find(offer.downloadId)
    expect(file).toMatchObject({ name: 'a b.txt', type: 'text/plain', sizeBytes: 10 })
    expect(await text(file.open())).toBe('0123456789')
    expect(await text(file.open({ first: 2, last: 4 }))).toBe('234')
    expect(() => file.open({ first: 5, last: 10 })).toThrow('bytes 5 to 10 of 10')
    expect(() => file.open({ first: -1, last: 3 })).toThrow(RangeError)
    await downloads.close()
    expect(readdirSync(folder)).toEqual([])
    expect(() => downloads.find(offer.downloadId)).toThrow('no longer there')
  })

  it('are gone after an hour', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const downloads = await openDownloads(temporaryFolder())
    const { downloadId } = await downloads.offer('x', 'text/plain', (path) => writeFile(path, 'x'))
    vi.advanceTimersByTime(3_599_000)
    expect(downloads.find(downloadId).sizeBytes).toBe(1)
    vi.advanceTimersByTime(2000)
    expect(() => downloads.find(downloadId)).toThrow('no longer there')
    await downloads.close()
  })

  it('leave nothing of a file that could not be made', async () => {
    const folder = temporaryFolder()
    const downloads = await openDownloads(folder)
    const broken = downloads.offer('x', 'text/plain', async (path) => {
      await writeFile(path, 'half')
      throw new Error('the disk is full')
    })
    await expect(broken).rejects.toThrow('the disk is full')
    expect(filesUnder(folder)).toEqual([])
  })

  it('remove what a killed program left, but not what another one offers now', async () => {
    const folder = temporaryFolder()
    for (const name of ['old', 'fresh']) await mkdir(join(folder, name))
    const long = new Date(Date.now() - 3 * 3_600_000)
    utimesSync(join(folder, 'old'), long, long)
    await openDownloads(folder)
    expect(existsSync(join(folder, 'old'))).toBe(false)
    expect(existsSync(join(folder, 'fresh'))).toBe(true)
  })

  it.each([
    ['../../etc/passwd', 'etc passwd'],
    ['a\u0000b\u202Egpj.exe', 'a b gpj.exe'],
    ['CON', 'Tandem CON'],
    ['nul.txt', 'Tandem nul.txt'],
    ['...', 'Tandem'],
    ['Vase – 3.png', 'Vase – 3.png'],
    [`${'x'.repeat(300)}.tandem`, `${'x'.repeat(193)}.tandem`],
    [`${'壺'.repeat(120)}.tandem`, `${'壺'.repeat(64)}.tandem`],
    ['🏺'.repeat(60), '🏺'.repeat(50)],
  ])('call %j %j', (from, to) => {
    expect(fileName(from)).toBe(to)
  })
})

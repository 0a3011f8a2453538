import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../data/testPictures.ts'
import { makeZip } from '../../data/testZip.ts'
import { findFolder, findOnlyFile, openUploads } from './uploads.ts'
import type { Uploads } from './uploads.ts'

let base = ''
let root = ''
let uploads: Uploads
beforeEach(async () => {
  base = temporaryFolder()
  root = join(base, 'uploads')
  uploads = await openUploads(root, { mostBytes: 10_000, mostFiles: 5 })
})
afterEach(() => rmSync(base, { recursive: true }))

const bytes = (content: string | Uint8Array) => Readable.from([Buffer.from(content)])
const filesOf = (id: string) =>
  readdirSync(uploads.get(id).path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(uploads.get(id).path.length + 1))
    .toSorted()
/** Everything below the root that is a file. */
const allFiles = () => readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
const zipOf = (...names: string[]) => makeZip(names.map((name) => ({ name, bytes: Buffer.from(name) })))

describe('uploads', () => {
  it('receive files into folders, several at once, and discard them', async () => {
    const id = await uploads.begin('data')
    await Promise.all(['set/a/1.png', 'set/b/2.png'].map((name) => uploads.receive(id, name, bytes(name))))
    expect(filesOf(id)).toEqual(['set/a/1.png', 'set/b/2.png'])
    const folder = await findFolder(uploads.get(id))
    expect(readFileSync(join(folder, 'b/2.png'), 'utf8')).toBe('set/b/2.png')
    await uploads.discard(id)
    expect(readdirSync(root)).toEqual([])
    expect(() => uploads.get(id)).toThrow('This upload is not there (any more).')
    await expect(uploads.receive(id, 'x', bytes('x'))).rejects.toMatchObject({ code: 'not-found' })
  })

  it.each(['../x', 'a/../../x', '/etc/x', 'C:\\x', '..\\x', 'a\0b', '', 'x'.repeat(300)])(
    'refuse the name %j',
    async (name) => {
      const id = await uploads.begin('data')
      await expect(uploads.receive(id, name, bytes('x'))).rejects.toMatchObject({ code: 'bad-input' })
      expect([allFiles(), readdirSync(base)]).toEqual([[], ['uploads']])
    },
  )

  it('never write over a file, or where a file is a folder', async () => {
    const id = await uploads.begin('picture')
    await uploads.receive(id, 'a.png', bytes('first'))
    for (const name of ['a.png', 'A.PNG', 'a.png/b', './a.png'])
      await expect(uploads.receive(id, name, bytes('second'))).rejects.toThrow('was sent already')
    expect(readFileSync(await findOnlyFile(uploads.get(id)), 'utf8')).toBe('first')
  })

  it('keep their limits, also after refusals', async () => {
    const id = await uploads.begin('data')
    const half = 'x'.repeat(6000)
    await uploads.receive(id, '1', bytes(half))
    await expect(uploads.receive(id, '2', bytes(half))).rejects.toThrow('larger than may be taken in')
    expect(allFiles()).toHaveLength(1)
    await uploads.receive(id, '2', bytes('small'))
    for (const name of ['3', '4', '5']) await uploads.receive(id, name, bytes(''))
    await expect(uploads.receive(id, '6', bytes(''))).rejects.toThrow('at most 5 files')
    const zipped = await uploads.begin('data')
    const many = zipOf('1', '2', '3', '4', '5', '6')
    await expect(uploads.receive(zipped, 'set.zip', bytes(many))).rejects.toThrow(/more than \d files/)
    const large = makeZip([{ name: 'large', bytes: Buffer.alloc(20_000) }])
    await expect(uploads.receive(zipped, 'set.zip', bytes(large))).rejects.toThrow('larger than may be taken in')
    await uploads.receive(zipped, 'set.zip', bytes(zipOf('1', '2')))
    expect(filesOf(zipped)).toEqual(['set/1', 'set/2'])
  })

  it('unpack archives of data, each into a folder of its name, whatever it is called', async () => {
    const id = await uploads.begin('data')
    await uploads.receive(id, 'cats.zip', bytes(zipOf('a', 'b')))
    await uploads.receive(id, 'dogs', bytes(zipOf('c')))
    expect(filesOf(id)).toEqual(['cats/a', 'cats/b', 'dogs unpacked/c'])
    await expect(uploads.receive(id, 'cats.zip', bytes(zipOf('x')))).rejects.toThrow('“cats” was sent already')
    const evil = await uploads.begin('data')
    await expect(uploads.receive(evil, 'evil.zip', bytes(zipOf('../x')))).rejects.toThrow(
      '“evil.zip” was not unpacked, because the file name “../x” leads out of its folder; nothing of it was kept.',
    )
    expect([filesOf(evil), existsSync(join(root, 'x'))]).toEqual([[], false])
    const project = await uploads.begin('project')
    await uploads.receive(project, 'p.zip', bytes(zipOf('a')))
    expect(filesOf(project)).toEqual(['p.zip'])
  })

  it('keep nothing of a transfer that breaks off or is discarded', async () => {
    const id = await uploads.begin('data')
    const broken = Readable.from(
      (function* () {
        yield Buffer.from('half')
        throw new Error('the line is cut')
      })(),
    )
    await expect(uploads.receive(id, 'a', broken)).rejects.toMatchObject({ code: 'storage-failed' })
    expect(allFiles()).toEqual([])
    await uploads.receive(id, 'a', bytes('whole'))
    const endless = new Readable({ read: () => undefined })
    endless.push('some')
    const receiving = uploads.receive(id, 'b', endless)
    const refused = expect(receiving).rejects.toThrow('cancelled')
    await uploads.discard(id)
    await refused
    expect(readdirSync(root)).toEqual([])
  })

  it('take files of this machine as they are, and unpack an archive into a copy', async () => {
    const own = join(base, 'own')
    mkdirSync(join(own, 'inside'), { recursive: true })
    writeFileSync(join(own, 'inside/a.txt'), 'a')
    writeFileSync(join(own, 'set.zip'), zipOf('a'))
    const local = uploads.get(await uploads.takeLocal(join(own, 'inside'), 'data'))
    expect(local).toMatchObject({ local: true, path: join(own, 'inside') })
    await expect(uploads.receive(local.id, 'x', bytes('x'))).rejects.toMatchObject({ code: 'misuse' })
    await uploads.discard(local.id)
    expect(existsSync(join(own, 'inside/a.txt'))).toBe(true)
    const unpacked = uploads.get(await uploads.takeLocal(join(own, 'set.zip'), 'data'))
    expect([unpacked.local, filesOf(unpacked.id)]).toEqual([false, ['set/a']])
    const model = uploads.get(await uploads.takeLocal(join(own, 'set.zip'), 'model'))
    expect(await findOnlyFile(model)).toBe(join(own, 'set.zip'))
    await expect(uploads.takeLocal(join(own, 'nothing'), 'data')).rejects.toMatchObject({ code: 'not-found' })
    await uploads.close()
    expect([readdirSync(root), readdirSync(own).toSorted()]).toEqual([[], ['inside', 'set.zip']])
  })

  it('sweep what ended programs have left, without following links, and nobody else’s', async () => {
    const [own, living, dead] = [process.pid, process.ppid, 2 ** 22 + 12345]
    for (const name of [`${own}-a`, `${living}-b`, `${dead}-c`, 'junk'])
      mkdirSync(join(root, name, 'files'), { recursive: true })
    const safe = join(base, 'safe')
    mkdirSync(safe)
    writeFileSync(join(safe, 'kept.txt'), 'kept')
    symlinkSync(safe, join(root, `${dead}-c`, 'files/link'), 'junction')
    await openUploads(root)
    expect(readdirSync(root)).toEqual([`${living}-b`])
    expect(existsSync(join(safe, 'kept.txt'))).toBe(true)
  })
})

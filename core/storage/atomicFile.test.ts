import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../domain/errors.ts'
import { localDisk, writeFileAtomically } from './atomicFile.ts'
import type { Disk } from './atomicFile.ts'

let folder = ''
let file = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-atomic-'))
  file = join(folder, 'shoes.safetensors')
  await writeFile(file, 'the earlier model')
})
afterEach(() => rm(folder, { recursive: true }))

const chunks = [Buffer.from('a new '), Buffer.from(''), Buffer.from('model')]
const systemError = (code: string, syscall: string): Error =>
  Object.assign(new Error(`${code}: ${syscall}`), { code, syscall })
const refuse = (code: string, syscall: string) => () => Promise.reject(systemError(code, syscall))

/** The real disk, of which one operation on new files fails. */
function diskWhere(operation: 'write' | 'flush' | 'close', code: string, after = 0): Disk {
  return {
    ...localDisk,
    async create(path) {
      const target = await localDisk.create(path)
      let calls = 0
      const attempt = async (name: typeof operation, real: () => Promise<void>): Promise<void> => {
        if (name === operation && calls++ >= after) {
          if (name === 'close') await real()
          throw systemError(code, name)
        }
        await real()
      }
      return {
        write: (bytes) => attempt('write', () => target.write(bytes)),
        flush: () => attempt('flush', () => target.flush()),
        close: () => attempt('close', () => target.close()),
      }
    },
  }
}

async function expectUntouched(disk: Disk, sentence: RegExp): Promise<void> {
  const error: unknown = await writeFileAtomically(file, chunks, disk).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(AppError)
  expect(error).toMatchObject({ code: 'storage-failed', hint: expect.stringMatching(/\.$/) })
  expect((error as AppError).message).toMatch(/^shoes\.safetensors could not be saved .* untouched\.$/)
  expect((error as AppError).message).toMatch(sentence)
  expect(await readFile(file, 'utf8')).toBe('the earlier model')
  expect(await readdir(folder)).toEqual(['shoes.safetensors'])
}

describe('writeFileAtomically', () => {
  it('replaces the earlier file and leaves nothing else behind', async () => {
    await writeFileAtomically(file, chunks)
    expect(await readFile(file, 'utf8')).toBe('a new model')
    expect(await readdir(folder)).toEqual(['shoes.safetensors'])
  })

  it('creates a file that was not there, also two at a time', async () => {
    const paths = ['one', 'two', 'three'].map((name) => join(folder, name))
    await Promise.all(paths.map((path) => writeFileAtomically(path, chunks)))
    for (const path of paths) expect(await readFile(path, 'utf8')).toBe('a new model')
  })

  it('flushes before it renames, and the folder after', async () => {
    const order: string[] = []
    const target = { write: note('write'), flush: note('flush'), close: note('close') }
    function note(name: string): () => Promise<void> {
      return () => Promise.resolve(void order.push(name))
    }
    const disk: Disk = {
      create: () => Promise.resolve(target),
      rename: note('rename'),
      remove: note('remove'),
      flushFolder: note('flushFolder'),
      wait: note('wait'),
    }
    await writeFileAtomically(file, chunks, disk)
    expect(order).toEqual(['write', 'write', 'write', 'flush', 'close', 'rename', 'flushFolder'])
  })

  it.each([
    ['the disk fills up half way', diskWhere('write', 'ENOSPC', 1), /disk is full/],
    ['the quota is used up', diskWhere('write', 'EDQUOT'), /disk is full/],
    ['the disk cannot flush', diskWhere('flush', 'EIO'), /the disk refused \(EIO\)/],
    ['a network disk tells at the end', diskWhere('close', 'ENOSPC'), /disk is full/],
    ['the folder is read-only', { ...localDisk, create: refuse('EACCES', 'open') }, /may not be written/],
    ['the disk is read-only', { ...localDisk, create: refuse('EROFS', 'open') }, /may not be written/],
    ['the rename fails', { ...localDisk, rename: refuse('EIO', 'rename') }, /the disk refused \(EIO\)/],
  ])('keeps the earlier file when %s', (_, disk, sentence) => expectUntouched(disk, sentence))

  it('waits for a scanner that holds the earlier file for a moment', async () => {
    const pauses: number[] = []
    const wait = (milliseconds: number): Promise<void> => Promise.resolve(void pauses.push(milliseconds))
    const rename: Disk['rename'] = (from, to) =>
      pauses.length < 3 ? refuse('EPERM', 'rename')() : localDisk.rename(from, to)
    await writeFileAtomically(file, chunks, { ...localDisk, rename, wait })
    expect(pauses).toEqual([10, 20, 40])
    expect(await readFile(file, 'utf8')).toBe('a new model')
  })

  it('gives up when another program holds it for good', () =>
    expectUntouched(
      { ...localDisk, rename: refuse('EBUSY', 'rename'), wait: () => Promise.resolve() },
      /another program holds it open/,
    ))

  it('lets an error of the chunks pass and cleans up', async () => {
    function* broken(): Generator<Uint8Array> {
      yield chunks[0]
      throw new RangeError('no more tensors')
    }
    await expect(writeFileAtomically(file, broken())).rejects.toThrow(RangeError)
    expect(await readFile(file, 'utf8')).toBe('the earlier model')
    expect(await readdir(folder)).toEqual(['shoes.safetensors'])
  })

  it('tells the first failure even when the leftover cannot be removed', async () => {
    const disk = { ...diskWhere('flush', 'ENOSPC'), remove: refuse('EIO', 'unlink') }
    await expect(writeFileAtomically(file, chunks, disk)).rejects.toThrow('the disk is full')
  })

  it('says so when the disk does not confirm the new name, and forgives a folder that cannot be flushed', async () => {
    await writeFileAtomically(file, chunks, { ...localDisk, flushFolder: refuse('EINVAL', 'fsync') })
    await expect(
      writeFileAtomically(file, chunks, { ...localDisk, flushFolder: refuse('EIO', 'fsync') }),
    ).rejects.toMatchObject({ code: 'storage-failed', message: expect.stringContaining('did not confirm') })
    expect(await readFile(file, 'utf8')).toBe('a new model')
  })

  it('names a folder that is missing, is a file, or stands where the file should', async () => {
    const missing = writeFileAtomically(join(folder, 'gone', 'a'), chunks)
    await expect(missing).rejects.toMatchObject({
      code: 'storage-failed',
      message: expect.stringContaining('does not exist'),
    })
    const insideFile = writeFileAtomically(join(file, 'a'), chunks)
    await expect(insideFile).rejects.toMatchObject({ message: expect.stringContaining('does not exist') })
    await mkdir(join(folder, 'taken'))
    await expect(writeFileAtomically(join(folder, 'taken'), chunks)).rejects.toMatchObject({ code: 'storage-failed' })
    expect(await readdir(folder)).toEqual(['shoes.safetensors', 'taken'])
  })

  it('keeps the earlier file on a disk that is really full', async ({ skip }) => {
    const run = promisify(execFile)
    const small = join(folder, 'small')
    await mkdir(small)
    try {
      await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small])
    } catch {
      return skip('a small disk cannot be mounted here (Linux, as root)')
    }
    try {
      const model = join(small, 'model')
      await writeFileAtomically(model, chunks)
      await expect(writeFileAtomically(model, [Buffer.alloc(40_000), Buffer.alloc(40_000)])).rejects.toThrow(
        'disk is full',
      )
      expect(await readFile(model, 'utf8')).toBe('a new model')
      expect(await readdir(small)).toEqual(['model'])
    } finally {
      await run('umount', [small])
    }
  })
})

/**
 * Saving a file so that it is there whole or not at all: write beside it, flush to the disk, rename over it, flush the
 * folder. Whatever fails, the earlier file stays as it was.
 */
import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { AppError } from '../domain/errors.ts'

/** The few things asked of a disk, so that tests can let each of them fail. */
export interface Disk {
  /** Creates a file that must not exist yet. */
  create(path: string): Promise<NewFile>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** Makes the names in a folder durable. */
  flushFolder(path: string): Promise<void>
  wait(milliseconds: number): Promise<void>
}

export interface NewFile {
  /** Writes all of the bytes behind the ones before. */
  write(bytes: Uint8Array): Promise<void>
  /** Returns once everything has reached the disk. */
  flush(): Promise<void>
  close(): Promise<void>
}

export const localDisk: Disk = {
  async create(path) {
    const handle = await open(path, 'wx')
    return { write: (bytes) => handle.writeFile(bytes), flush: () => handle.sync(), close: () => handle.close() }
  },
  rename,
  remove: (path) => rm(path, { force: true }),
  async flushFolder(path) {
    // Windows cannot open a folder and keeps names durable by itself.
    if (process.platform === 'win32') return
    await using folder = await open(path, 'r')
    await folder.sync()
  },
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
}

/**
 * Replaces or creates `file` with the chunks, one after the other. An error thrown by the chunks passes through
 * unchanged.
 * Throws AppError('storage-failed') when the disk refuses; then the earlier file is untouched and nothing is left
 * behind.
 */
export async function writeFileAtomically(
  file: string,
  chunks: Iterable<Uint8Array>,
  disk: Disk = localDisk,
): Promise<void> {
  const temporary = join(dirname(file), `.tandem-${randomUUID()}.part`)
  try {
    await writeDurably(temporary, chunks, disk)
    await renamePatiently(temporary, file, disk)
  } catch (error) {
    // The first error is the one to tell; a leftover that cannot be removed does no harm.
    await disk.remove(temporary).catch(() => undefined)
    throw explain(error, file)
  }
  await disk.flushFolder(dirname(file)).catch((error: unknown) => {
    // Some network folders cannot flush names at all: that is no failure of this save.
    if (['EINVAL', 'ENOTSUP', 'ENOSYS', 'EPERM', 'EACCES', 'EISDIR'].includes(codeOf(error) ?? '')) return
    throw new AppError(
      'storage-failed',
      `${basename(file)} is written, but the disk did not confirm it (${codeOf(error)}).`,
      {
        cause: error,
        hint: 'Save once more, or to another disk, before you close.',
      },
    )
  })
}

async function writeDurably(path: string, chunks: Iterable<Uint8Array>, disk: Disk): Promise<void> {
  const target = await disk.create(path)
  try {
    for (const chunk of chunks) await target.write(chunk)
    await target.flush()
  } catch (error) {
    await target.close().catch(() => undefined)
    throw error
  }
  await target.close()
}

/** On Windows a virus scanner or an indexer may hold the earlier file for a moment: worth a second of patience. */
async function renamePatiently(from: string, to: string, disk: Disk): Promise<void> {
  for (let pauseMs = 10; ; pauseMs *= 2) {
    try {
      return await disk.rename(from, to)
    } catch (error) {
      const mayPass = ['EPERM', 'EBUSY', 'EACCES'].includes(codeOf(error) ?? '')
      if (!mayPass || pauseMs > 640) throw error
      await disk.wait(pauseMs)
    }
  }
}

function explain(error: unknown, file: string): unknown {
  const code = codeOf(error)
  if (code === undefined) return error
  const name = basename(file)
  const failed = (reason: string, hint: string): AppError =>
    new AppError(
      'storage-failed',
      `${name} could not be saved because ${reason}; what was there before is untouched.`,
      {
        cause: error,
        hint,
      },
    )
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return failed('the disk is full', 'Free some space, or save to another folder.')
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return failed('the folder may not be written to', 'Save to another folder, or ask for the right to write there.')
    case 'EBUSY':
      return failed('another program holds it open', 'Close that program and save again.')
    case 'ENOENT':
    case 'ENOTDIR':
      return failed('its folder does not exist', 'Connect the disk again, or choose another folder.')
    case 'EISDIR':
      return failed('a folder has that name', 'Choose another name.')
    case 'ENAMETOOLONG':
      return failed('its name is too long', 'Choose a shorter name.')
    default:
      return failed(`the disk refused (${code})`, 'Save to another disk, and check this one.')
  }
}

/** The system's error code, or undefined when the error did not come from the system. */
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : undefined
}

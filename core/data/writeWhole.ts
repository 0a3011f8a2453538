/** Writes a file whole or not at all: a temporary file in the same folder, flushed to the disk, then renamed. */
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { AppError } from '../domain/errors.ts'

let written = 0

/** Throws AppError('storage-failed'); a file that was there before is then unchanged. */
export async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}-${written++}.part`)
  try {
    const handle = await open(temporary, 'wx')
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw writeFailure(file, error)
  }
}

/** The sentence for what the file system refused. */
export function writeFailure(file: string, cause: unknown): AppError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
  const folder = dirname(file)
  const reason: Record<string, string> = {
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    EROFS: `“${folder}” is read-only`,
    EACCES: `“${folder}” may not be written to`,
    EPERM: `“${folder}” may not be written to`,
    ENOENT: `the folder “${folder}” does not exist`,
    ENOTDIR: `“${folder}” is not a folder`,
    EISDIR: 'a folder has that name',
  }
  const message = `“${basename(file)}” was not saved: ${reason[code] ?? `the file system refused it (${code})`}.`
  return new AppError('storage-failed', message, { cause, hint: 'Choose another place or make room, then save again.' })
}

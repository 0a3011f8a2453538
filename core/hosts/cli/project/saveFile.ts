/** A file of the studio at a place that a person named: there whole or not at all. */
import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AppError } from '../../../domain/errors.ts'
import type { StoredFile } from '../../../studio/host/studio.ts'

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder does not exist',
  EACCES: 'the folder may not be written to',
  EPERM: 'the folder may not be written to',
  EROFS: 'the folder may not be written to',
  EISDIR: 'a folder has that name',
}

/** Replaces what is there. @throws AppError storage-failed; then what was there before is untouched */
export async function saveFile(file: Pick<StoredFile, 'open'>, to: string): Promise<void> {
  const temporary = join(dirname(to), `.tandem-${randomUUID()}.part`)
  try {
    await pipeline(file.open(), createWriteStream(temporary, { flags: 'wx', flush: true }))
    await rename(temporary, to)
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined)
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    const reason = reasons[code] ?? `the disk refused (${code})`
    throw new AppError(
      'storage-failed',
      `${basename(to)} could not be saved because ${reason}; what was there before is untouched.`,
      { hint: 'Choose another place.', cause },
    )
  }
}

/** One file comes into an upload: streamed to the disk under a name of ours, and put at its place when it is whole. */
import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { toSafePath } from '../../data/safePath.ts'
import type { TakenPaths } from '../../data/safePath.ts'
import { unpackZip } from '../../data/zip.ts'
import { AppError, CancelledError } from '../../domain/errors.ts'
import type { Id } from '../../domain/records.ts'

export type UploadPurpose = 'data' | 'picture' | 'project' | 'model'

export interface Upload {
  readonly id: Id
  readonly purpose: UploadPurpose
  /** The folder of its files; for files of this machine the folder or file that was named. */
  readonly path: string
  /** The files are this machine's own, not a copy: never change or delete them. */
  readonly local: boolean
}

export interface OpenUpload extends Upload {
  /** Ours, with everything in it; null where nothing was copied. */
  readonly home: string | null
  readonly taken: TakenPaths
  readonly ending: AbortController
  readonly receiving: Set<Promise<void>>
  /** On the disk or on the way there. */
  sizeBytes: number
  files: number
}

/** Of one upload, archives unpacked. */
export interface UploadLimits {
  readonly mostBytes: number
  readonly mostFiles: number
}

/** @throws AppError bad-input, misuse, storage-failed, CancelledError; the upload is then as it was before */
export async function receiveFile(
  upload: OpenUpload,
  name: string,
  bytes: Readable,
  limits: UploadLimits,
): Promise<void> {
  const { home, path: folder, taken } = upload
  if (home === null)
    throw new AppError('misuse', 'This upload is a folder of this machine; no files can be added to it.')
  const safe = toSafePath(name)
  if (safe.refused !== undefined) throw refusal(safe.refused)
  if (upload.files >= limits.mostFiles)
    throw refusal(`an upload has at most ${limits.mostFiles.toLocaleString('en')} files`)
  const { path } = safe
  if (!taken.take(path)) throw refusal(`“${path}” was sent already`)
  upload.files++
  const part = join(home, `part-${randomUUID()}`)
  let sizeBytes = 0
  let isPlaced = false
  try {
    sizeBytes = await write(bytes, part, upload, limits)
    if (upload.purpose === 'data' && (await isZip(part))) await unpackInto(upload, part, path, limits)
    else {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await rename(part, join(folder, path))
      isPlaced = true
    }
  } catch (error) {
    throw sayWhy(error, path, upload.ending.signal)
  } finally {
    if (!isPlaced) {
      await rm(part, { force: true })
      taken.giveBack(path)
      upload.sizeBytes -= sizeBytes
      upload.files--
    }
  }
}

/** Unpacks an archive into the folder of the upload that has its name without ending. @throws as unpackZip does */
export async function unpackInto(upload: OpenUpload, zip: string, name: string, limits: UploadLimits): Promise<void> {
  const { home, path: folder, taken, ending } = upload
  if (home === null) throw new TypeError('an archive is unpacked into a folder of ours')
  const target = /^(.*?[^/.][^/]*?)\.zip$/i.exec(name)?.[1] ?? `${name} unpacked`
  if (!taken.take(target)) throw refusal(`“${target}” was sent already`)
  const staging = join(home, `part-${randomUUID()}`)
  try {
    const { files, sizeBytes } = await unpackZip(zip, staging, {
      name,
      mostBytes: limits.mostBytes - upload.sizeBytes,
      mostFiles: limits.mostFiles - upload.files,
      signal: ending.signal,
    })
    await mkdir(dirname(join(folder, target)), { recursive: true })
    await rename(staging, join(folder, target))
    upload.sizeBytes += sizeBytes
    upload.files += files.length
  } catch (error) {
    taken.giveBack(target)
    await rm(staging, { recursive: true, force: true })
    throw error
  }
}

/** Not by its name: a zip file begins with a file's header, an empty one with the end of its list. */
export async function isZip(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
    return bytesRead === 4 && [0x04034b50, 0x06054b50].includes(buffer.readUInt32LE())
  } finally {
    await file.close()
  }
}

/** @returns how many bytes there were; those of a failed transfer do not count */
async function write(bytes: Readable, part: string, upload: OpenUpload, limits: UploadLimits): Promise<number> {
  let sizeBytes = 0
  const count = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      sizeBytes += chunk.length
      upload.sizeBytes += chunk.length
      if (upload.sizeBytes > limits.mostBytes) throw refusal('the upload is larger than may be taken in')
      yield chunk
    }
  }
  try {
    const file = createWriteStream(part, { flags: 'wx', mode: 0o600 })
    await pipeline(bytes, count, file, { signal: upload.ending.signal })
    return sizeBytes
  } catch (error) {
    upload.sizeBytes -= sizeBytes
    throw error
  }
}

function refusal(why: string): AppError {
  return new AppError('bad-input', `A file was not taken in, because ${why}; the others are not affected.`)
}

function sayWhy(error: unknown, path: string, signal: AbortSignal): unknown {
  if (signal.aborted) return new CancelledError()
  if (error instanceof AppError) return error
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const isOver = code === 'ENOSPC' || code === 'EDQUOT'
  const why = isOver ? 'the disk is full' : 'it did not arrive whole or the disk did not take it'
  return new AppError('storage-failed', `“${path}” was not taken in, because ${why}; send it again.`, { cause: error })
}

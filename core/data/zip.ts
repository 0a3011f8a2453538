/**
 * Unpacks a zip file from a stranger. Everything is judged by the list of its entries before a byte is written, each file ends where the list
 * says, and of a refused or cancelled archive nothing remains. Archives inside the archive stay packed.
 */
import { createWriteStream } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { crc32 } from 'node:zlib'
import * as yauzl from 'yauzl'
import { AppError, CancelledError } from '../domain/errors.ts'
import { isPassedOver } from './folder.ts'
import { createTakenPaths, toSafePath } from './safePath.ts'

export interface UnpackOptions {
  /** What people know the archive by; default its file's name. */
  readonly name?: string
  /** Of all files together, unpacked. */
  readonly mostBytes: number
  readonly mostFiles: number
  readonly signal?: AbortSignal | undefined
}

export interface Unpacked {
  /** Paths inside the folder. */
  readonly files: readonly string[]
  readonly sizeBytes: number
}

interface Member {
  readonly entry: yauzl.Entry
  readonly path: string
}

/** Its message goes on after “because”. */
class Refusal extends Error {}

/** Pictures hardly shrink when they are packed and binary files by a factor of ten at most; deflate itself can reach a thousand. */
const greatestRatio = 200
const unsuspiciousBytes = 256 * 2 ** 20

/**
 * @param folder is made, and must not be there before
 * @throws AppError bad-input with one sentence for what is no sound, harmless zip file; storage-failed when the disk does not take it;
 * CancelledError. In each case the folder is gone.
 */
export async function unpackZip(zip: string, folder: string, options: UnpackOptions): Promise<Unpacked> {
  await mkdir(folder)
  try {
    return await unpack(zip, folder, options)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw sayWhy(error, options.name ?? basename(zip), options.signal)
  }
}

async function unpack(zip: string, folder: string, options: UnpackOptions): Promise<Unpacked> {
  const archive = await yauzl.openPromise(zip, { autoClose: false, decodeStrings: false, validateEntrySizes: true })
  try {
    const members = await judge(archive, (await stat(zip)).size, options)
    for (const member of members) {
      options.signal?.throwIfAborted()
      await writeMember(archive, member, join(folder, member.path), options.signal)
    }
    return {
      files: members.map(({ path }) => path),
      sizeBytes: members.reduce((sum, { entry }) => sum + entry.uncompressedSize, 0),
    }
  } finally {
    archive.close()
  }
}

/** The files to unpack; hidden and system files are passed over. */
async function judge(archive: yauzl.ZipFile, archiveBytes: number, options: UnpackOptions): Promise<Member[]> {
  const { mostBytes, mostFiles, signal } = options
  const taken = createTakenPaths()
  const members: Member[] = []
  let packed = 0
  let unpacked = 0
  if (archive.entryCount > mostFiles) throw new Refusal(`it holds more than ${mostFiles.toLocaleString('en')} files`)
  for await (const entry of archive.eachEntry()) {
    signal?.throwIfAborted()
    const name = yauzl.getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false)
    const safe = toSafePath(name)
    if (safe.refused !== undefined) throw new Refusal(safe.refused)
    const { path } = safe
    const fileType = (entry.externalFileAttributes >>> 16) & 0o170000
    if (fileType === 0o120000) throw new Refusal(`its entry “${path}” is a link to another place`)
    if (fileType !== 0 && fileType !== 0o100000 && fileType !== 0o040000)
      throw new Refusal(`its entry “${path}” is no plain file`)
    if (name.endsWith('/')) continue
    if (entry.isEncrypted()) throw new Refusal('it is locked with a password')
    if (!entry.canDecodeFileData()) throw new Refusal(`“${path}” is packed in a way that is not supported`)
    if (!taken.take(path)) throw new Refusal(`it holds “${path}” twice`)
    packed += entry.compressedSize
    unpacked += entry.uncompressedSize
    if (unpacked > mostBytes) throw new Refusal('what is in it is larger than may be taken in')
    if (packed > archiveBytes) throw new Refusal('its entries overlap, as in a file made to fill disks')
    if (unpacked > Math.max(unsuspiciousBytes, greatestRatio * archiveBytes))
      throw new Refusal(`it would grow more than ${greatestRatio} times, as a file made to fill disks`)
    if (!path.split('/').some(isPassedOver)) members.push({ entry, path })
  }
  if (members.length === 0) throw new Refusal('it holds no files')
  return members
}

/** Never longer than announced: the archive's reader stops there. The file must be new, so nothing is followed or replaced. */
async function writeMember(
  archive: yauzl.ZipFile,
  { entry, path }: Member,
  file: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  let checksum = 0
  await pipeline(
    await archive.openReadStreamPromise(entry),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        checksum = crc32(chunk, checksum)
        yield chunk
      }
    },
    createWriteStream(file, { flags: 'wx', mode: 0o600 }),
    { signal },
  )
  if (checksum !== entry.crc32) throw new Refusal(`“${path}” in it is damaged`)
}

function sayWhy(error: unknown, name: string, signal: AbortSignal | undefined): Error {
  if (signal?.aborted) return new CancelledError()
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (/^E[A-Z]+$/.test(code)) {
    const why = code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full' : 'the disk does not let files be written'
    const message = `“${name}” could not be unpacked, because ${why}; nothing of it was kept.`
    return new AppError('storage-failed', message, { cause: error })
  }
  const why = error instanceof Refusal ? error.message : 'it is damaged, cut off or no zip file'
  return new AppError('bad-input', `“${name}” was not unpacked, because ${why}; nothing of it was kept.`, {
    cause: error,
  })
}

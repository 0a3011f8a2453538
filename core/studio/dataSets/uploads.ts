/**
 * Files on their way into the studio: received ones in a folder of their own below the data folder, or files of this machine that stay where
 * they are. Names come from strangers, so no file is ever written outside its upload, over another, or through a link.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Readable } from 'node:stream'
import { mostBytes } from '../../contract/fields.ts'
import { isPassedOver } from '../../data/folder.ts'
import { createTakenPaths } from '../../data/safePath.ts'
import { AppError } from '../../domain/errors.ts'
import type { Id } from '../../domain/records.ts'
import { isZip, receiveFile, unpackInto } from './receiveFile.ts'
import type { OpenUpload, Upload, UploadLimits, UploadPurpose } from './receiveFile.ts'

export type { Upload, UploadPurpose } from './receiveFile.ts'

export const defaultLimits: UploadLimits = { mostBytes: mostBytes.upload, mostFiles: 200_000 }

export type Uploads = Awaited<ReturnType<typeof openUploads>>

/** Clears away what a program that is gone has left in `root`, which is made where it is not there. */
export async function openUploads(root: string, limits: UploadLimits = defaultLimits) {
  await mkdir(root, { recursive: true })
  await sweep(root)
  const uploads = new Map<Id, OpenUpload>()

  const find = (id: Id): OpenUpload => {
    const upload = uploads.get(id)
    if (upload === undefined)
      throw new AppError('not-found', 'This upload is not there (any more).', { hint: 'Choose the files once more.' })
    return upload
  }

  const add = (upload: Pick<OpenUpload, 'id' | 'purpose' | 'path' | 'local' | 'home'>): OpenUpload => {
    const more = { taken: createTakenPaths(), ending: new AbortController(), receiving: new Set<Promise<void>>() }
    const added = { ...upload, ...more, sizeBytes: 0, files: 0 }
    uploads.set(upload.id, added)
    return added
  }

  const begin = async (purpose: UploadPurpose): Promise<OpenUpload> => {
    const id = randomUUID()
    // The process is in the name, so that another one leaves it alone while we live.
    const home = join(root, `${process.pid}-${id}`)
    const path = join(home, 'files')
    await mkdir(path, { recursive: true })
    return add({ id, purpose, path, local: false, home })
  }

  const discard = async (id: Id): Promise<void> => {
    const { home, ending, receiving } = find(id)
    uploads.delete(id)
    ending.abort()
    await Promise.allSettled(receiving)
    if (home !== null) await rm(home, { recursive: true, force: true })
  }

  return {
    begin: async (purpose: UploadPurpose): Promise<Id> => (await begin(purpose)).id,

    /** A folder or file of this machine; only an archive of data is unpacked into a copy. @throws AppError not-found, bad-input */
    async takeLocal(path: string, purpose: UploadPurpose): Promise<Id> {
      const found = await stat(path).catch(() => undefined)
      if (found === undefined) throw new AppError('not-found', `There is no file or folder “${path}”.`)
      if (purpose !== 'data' || !found.isFile() || !(await isZip(path))) {
        const id = randomUUID()
        return add({ id, purpose, path, local: true, home: null }).id
      }
      const upload = await begin(purpose)
      try {
        await unpackInto(upload, path, basename(path), limits)
      } catch (error) {
        await discard(upload.id)
        throw error
      }
      return upload.id
    },

    /** One file; an archive of data is unpacked into a folder of its name. @throws AppError bad-input, not-found, misuse, storage-failed */
    async receive(id: Id, relativePath: string, bytes: Readable): Promise<void> {
      const upload = find(id)
      const receiving = receiveFile(upload, relativePath, bytes, limits)
      upload.receiving.add(receiving)
      try {
        await receiving
      } finally {
        upload.receiving.delete(receiving)
      }
    },

    get: (id: Id): Upload => find(id),

    /** Removes the copy, where there is one, also while it is being received. */
    discard,

    /** Discards all. */
    async close(): Promise<void> {
      await Promise.all([...uploads.keys()].map(discard))
    },
  }
}

/** The folder to look for data in: archives and dropped folders often hold everything in one folder more. */
export async function findFolder({ path }: Upload): Promise<string> {
  let folder = path
  for (;;) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
    const visible = entries.filter(({ name }) => !isPassedOver(name))
    if (visible.length !== 1 || !visible[0].isDirectory()) return folder
    folder = join(folder, visible[0].name)
  }
}

/** The only file of an upload that is one file. @throws AppError bad-input */
export async function findOnlyFile(upload: Upload): Promise<string> {
  if ((await stat(upload.path).catch(() => undefined))?.isFile()) return upload.path
  const folder = await findFolder(upload)
  const names = (await readdir(folder).catch(() => [])).filter((name) => !isPassedOver(name))
  if (names.length === 1) return join(folder, names[0])
  throw new AppError('bad-input', `One file is needed here, and there are ${names.length}.`)
}

/** What ended programs have left. Our own process has only begun, so what carries its number is older. */
async function sweep(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const pid = Number(/^(\d+)-/.exec(name)?.[1])
    if (Number.isInteger(pid) && pid !== process.pid && isAlive(pid)) continue
    await rm(join(root, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** The files of a folder, told apart by header and content, and what the names of its subfolders mean for the split. */
import { hash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { PictureEntry, Problem, Split } from './examples.ts'
import { CancelledError } from '../domain/errors.ts'
import { mapBounded } from './mapBounded.ts'
import { inspectFile } from './pictureFile.ts'

const deepest = 5
const filesAtOnce = 4
const splitNames: Record<string, Split> = {
  train: 'train',
  training: 'train',
  val: 'heldOut',
  valid: 'heldOut',
  validation: 'heldOut',
  test: 'heldOut',
  testing: 'heldOut',
}

export interface Listing {
  /** Paths inside the folder with forward slashes, sorted. */
  readonly files: readonly string[]
  readonly folders: readonly string[]
}

/** Hidden and system files, which belong to no data set. */
export function isPassedOver(name: string): boolean {
  return /^(\.|__MACOSX$|Thumbs\.db$|desktop\.ini$)/i.test(name)
}

/** Everything in the folder, five levels deep at most; hidden and system files are passed over. Links are followed. */
export async function listFolder(root: string): Promise<Listing> {
  const files: string[] = []
  const folders: string[] = []
  const visit = async (inside: string, depth: number): Promise<void> => {
    for (const entry of await readdir(join(root, inside), { withFileTypes: true })) {
      if (isPassedOver(entry.name)) continue
      const path = inside === '' ? entry.name : `${inside}/${entry.name}`
      const target = entry.isSymbolicLink() ? await stat(join(root, path)).catch(() => undefined) : entry
      if (target?.isFile()) files.push(path)
      if (!target?.isDirectory()) continue
      folders.push(path)
      if (depth < deepest) await visit(path, depth + 1)
    }
  }
  await visit('', 1)
  return { files: files.toSorted(byName), folders: folders.toSorted(byName) }
}

/**
 * Reads every file once (header and hash, nothing is decoded), four at a time. Whatever is no sound picture becomes a
 * problem.
 */
export async function inspectPictures(
  root: string,
  listing: Listing,
  signal?: AbortSignal,
): Promise<{ entries: PictureEntry[]; problems: Problem[] }> {
  const readNames = readFolderNames(listing.files)
  const entries: PictureEntry[] = []
  const problems: Problem[] = []
  const found = await mapBounded(listing.files, filesAtOnce, async (file) => {
    if (signal?.aborted) throw new CancelledError()
    const { inspection, bytes } = await inspectFile(join(root, file))
    return {
      file,
      inspection,
      sizeBytes: bytes.length,
      content: inspection.kind === 'picture' ? hash('sha256', bytes) : '',
    }
  })
  for (const { file, inspection, sizeBytes, content } of found) {
    if (inspection.kind !== 'picture') problems.push({ file, kind: inspection.kind, message: inspection.message })
    else {
      const { width, height, channels } = inspection
      const entry = { file, ...readNames(file), width, height, channels, sizeBytes, content }
      const message = `${width} x ${height} is smaller than 8 pixels`
      if (Math.min(width, height) < 8) problems.push({ file, kind: 'odd-size', message, pictures: { alone: entry } })
      else entries.push(entry)
    }
  }
  const filled = new Set(
    entries.flatMap(({ file }) => [...file.matchAll(/\//g)].map(({ index }) => file.slice(0, index))),
  )
  for (const folder of listing.folders)
    if (!filled.has(folder))
      problems.push({ file: folder, kind: 'empty-label', message: 'the folder holds no usable picture' })
  return { entries, problems }
}

/**
 * A level of folders names the split when every name in it does (so a class called “train” among others stays a class).
 * trainA and testB are a split and a group in one word.
 */
function readFolderNames(files: readonly string[]): (file: string) => { groups: string[]; split: Split | undefined } {
  const foldersOf = (file: string) => file.split('/').slice(0, -1).map(unfoldSplitName)
  const namesSplit = [0, 1].map((level) =>
    files.every((file) => {
      const folders = foldersOf(file)
      return folders.length <= level || folders[level].split !== undefined
    }),
  )
  return (file) => {
    const folders = foldersOf(file)
    return {
      groups: folders.map(({ name, group }, level) => (namesSplit[level] ? group : name)).filter((name) => name !== ''),
      split: folders.find(({ split }, level) => namesSplit[level] && split !== undefined)?.split,
    }
  }
}

function unfoldSplitName(name: string): { name: string; split: Split | undefined; group: string } {
  const [, word = '', group = ''] = /^([a-z]+?)[-_]?([AB]?)$/.exec(name.charAt(0).toLowerCase() + name.slice(1)) ?? []
  return { name, split: Object.hasOwn(splitNames, word) ? splitNames[word] : undefined, group }
}

/** The same order in every language; numbers in names count as numbers. */
const collator = new Intl.Collator('en', { numeric: true })
function byName(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : 1)
}

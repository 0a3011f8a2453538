/** The files of a folder, told apart by header and content, and what the names of its subfolders mean for the split. */
import { hash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Problem, Split } from './examples.ts'
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

/** A sound picture file. */
export interface PictureEntry {
  readonly file: string
  /** The folders it lies in, without those that name a split. */
  readonly groups: readonly string[]
  readonly split: Split | undefined
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3
  /** SHA-256 of the file, hexadecimal. */
  readonly content: string
}

/** Everything in the folder, five levels deep at most; hidden and system files are passed over. Links are followed. */
export async function listFolder(root: string): Promise<Listing> {
  const files: string[] = []
  const folders: string[] = []
  const visit = async (inside: string, depth: number): Promise<void> => {
    for (const entry of await readdir(join(root, inside), { withFileTypes: true })) {
      if (/^(\.|__MACOSX$|Thumbs\.db$|desktop\.ini$)/i.test(entry.name)) continue
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
): Promise<{ entries: PictureEntry[]; problems: Problem[] }> {
  const readNames = readFolderNames(listing.files)
  const entries: PictureEntry[] = []
  const problems: Problem[] = []
  const found = await mapBounded(listing.files, filesAtOnce, async (file) => {
    const { inspection, bytes } = await inspectFile(join(root, file))
    return { file, inspection, content: inspection.kind === 'picture' ? hash('sha256', bytes) : '' }
  })
  for (const { file, inspection, content } of found) {
    if (inspection.kind !== 'picture') problems.push({ file, kind: inspection.kind, message: inspection.message })
    else if (Math.min(inspection.width, inspection.height) < 8) {
      const message = `${inspection.width} x ${inspection.height} is smaller than 8 pixels`
      problems.push({ file, kind: 'odd-size', message })
    } else {
      const { width, height, channels } = inspection
      entries.push({ file, ...readNames(file), width, height, channels, content })
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

/** Maps in order with at most `limit` under way. */
async function mapBounded<T, U>(items: readonly T[], limit: number, map: (item: T) => Promise<U>): Promise<U[]> {
  const results: U[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++
      results[index] = await map(items[index])
    }
  }
  await Promise.all(Array.from({ length: limit }, lane))
  return results
}

/** The same order in every language; numbers in names count as numbers. */
const collator = new Intl.Collator('en', { numeric: true })
function byName(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : 1)
}

/** Opening a folder as a data set: the layout is recognised and said, bad files are listed, nothing in the folder is changed. */
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { basename, dirname } from 'node:path/posix'
import { AppError } from '../domain/errors.ts'
import { openCifar, openIdx } from './binarySets.ts'
import { acceptedLayouts } from './examples.ts'
import type { Example, Layout, Opened, Problem, ProblemKind, Side, Split } from './examples.ts'
import { listFolder } from './folder.ts'
import type { Listing } from './folder.ts'
import { openPictures } from './pictureSets.ts'
import { splitExamples } from './split.ts'

export interface DataSet {
  readonly kind: 'class' | 'pair' | 'photo'
  readonly layout: Layout
  /** One sentence for people: what was recognised, how many examples, how they are split. */
  readonly description: string
  /** Names of the classes; the index is the label. Only in sets of classes. */
  readonly labels?: readonly string[]
  readonly count: { readonly train: number; readonly heldOut: number }
  /** Files that are not used. Grows when a file turns out to be damaged at its first use. */
  readonly problems: readonly Problem[]
  /** Of the observed pictures: 1 when all are grey. */
  readonly channels: 1 | 3
  /** Of the conditions: 1 when all looked at are grey. Only in sets of pairs. */
  readonly conditionChannels?: 1 | 3
  /** Which half or folder is the condition. Only in sets of pairs. */
  readonly conditionSide?: Side
  /** Of the observed pictures, in pixels; the most frequent size where they differ. */
  readonly naturalSize: { readonly width: number; readonly height: number }
  readonly examples: Readonly<Record<Split, readonly Example[]>>
  /** Records a file that could not be used; each file once. */
  report(file: string, kind: ProblemKind, message: string): void
}

export interface OpenOptions {
  /** `auto` (default) recognises the layout; a name forces it. */
  readonly layout?: Layout | 'auto'
  /** Overrides the guess which half, or which folder (left = A or the first by name), is the condition. */
  readonly conditionSide?: Side | undefined
  /** Stops looking through the files with a CancelledError. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Opens a folder. Throws AppError('bad-input') with one clear sentence when there is nothing to learn from: missing or empty
 * folder, a single picture, a damaged binary file.
 */
export async function openDataSet(path: string, options: OpenOptions = {}): Promise<DataSet> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new AppError('bad-input', `There is no folder “${path}”. ${acceptedLayouts}`)
  if (!found.isDirectory())
    throw new AppError(
      'bad-input',
      `“${path}” is a single file; choose the folder that holds the data set. ${acceptedLayouts}`,
    )
  const listing = await listFolder(path).catch((cause: unknown) => {
    throw new AppError('bad-input', `The folder “${path}” or one inside it may not be read.`, { cause })
  })
  if (listing.files.length === 0)
    throw new AppError('bad-input', `The folder “${path}” holds no files. ${acceptedLayouts}`)
  return toDataSet(await openLayout(path, listing, options))
}

async function openLayout(path: string, listing: Listing, options: OpenOptions): Promise<Opened> {
  const { layout = 'auto', conditionSide, signal } = options
  const hasPictures = listing.files.some((file) => /\.(png|jpe?g|webp)$/i.test(file))
  const maybeCifar = layout === 'cifar' || (layout === 'auto' && !hasPictures)
  // Archives often unpack into a folder of their own, so the binary files may lie deeper.
  for (const [inside, files] of Map.groupBy(listing.files, dirname)) {
    const folder = join(resolve(path), inside)
    const names = files.map((file) => basename(file))
    const opened =
      (layout === 'auto' || layout === 'idx' ? await openIdx(folder, names) : undefined) ??
      (maybeCifar ? await openCifar(folder, names) : undefined)
    if (opened !== undefined) return opened
  }
  return openPictures(path, listing, { layout, conditionSide, signal })
}

function toDataSet(opened: Opened): DataSet {
  const { examples, recognised, ...rest } = opened
  const splits = splitExamples(examples)
  const sides = {
    train: examples.filter((_, i) => splits[i] === 'train'),
    heldOut: examples.filter((_, i) => splits[i] === 'heldOut'),
  }
  if (sides.train.length === 0 || sides.heldOut.length === 0) {
    const message = `Too few usable examples were found (${sides.train.length} to train, ${sides.heldOut.length} held out), and both sides need at least one. ${acceptedLayouts}`
    throw new AppError('bad-input', message)
  }
  const given = examples.some((example) => example.split === 'heldOut')
  const count = (of: readonly Example[]) => of.length.toLocaleString('en')
  const way = given ? 'by the names of the folders or files' : 'chosen by content'
  const problems = [...opened.problems]
  return {
    ...rest,
    description: `${recognised}; ${count(sides.train)} to train, ${count(sides.heldOut)} held out (${way}).`,
    count: { train: sides.train.length, heldOut: sides.heldOut.length },
    examples: sides,
    problems,
    report(file, kind, message) {
      if (!problems.some((problem) => problem.file === file)) problems.push({ file, kind, message })
    },
  }
}

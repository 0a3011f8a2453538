/** Data sets of picture files: class folders, A/B folders, side-by-side pairs, photos alone. Recognised by names and shapes. */
import { join } from 'node:path'
import { AppError } from '../domain/errors.ts'
import { guessCondition } from './conditionGuess.ts'
import { isRatio, looksOf, usualRatio, withoutDuplicates } from './entries.ts'
import { acceptedLayouts } from './examples.ts'
import type { Example, Layout, Opened, PictureEntry, Problem, Side } from './examples.ts'
import type { Listing } from './folder.ts'
import { inspectPictures } from './folder.ts'
import { pairNames } from './pairing.ts'
import { openPairedFolders, openSideBySide, sampleHalves } from './pairSets.ts'
import { readAlone } from './readExample.ts'

export interface PictureSetOptions {
  readonly layout: Layout | 'auto'
  readonly conditionSide?: Side | undefined
  readonly signal?: AbortSignal | undefined
}

/** Throws AppError('bad-input') when the folder is nothing to learn from. */
export async function openPictures(root: string, listing: Listing, options: PictureSetOptions): Promise<Opened> {
  const { entries, problems } = await inspectPictures(root, listing, options.signal)
  if (entries.length < 2) {
    const found = entries.length === 0 ? 'no usable picture' : 'a single picture'
    const others = problems.length === 0 ? '' : ` and ${problems.length} unusable files`
    throw new AppError(
      'bad-input',
      `The folder holds ${found}${others}; a data set needs at least two. ${acceptedLayouts}`,
    )
  }
  const groups = Map.groupBy(entries, (entry) => entry.groups[0] ?? '')
  const layout = options.layout === 'auto' ? await recogniseLayout(root, entries, groups) : options.layout
  switch (layout) {
    case 'class-folders':
      return openClasses(root, entries, problems)
    case 'paired-folders':
      return openPairedFolders(root, groups, problems, options.conditionSide)
    case 'side-by-side':
      return openSideBySide(root, entries, problems, options.conditionSide)
    case 'photos':
      return openPhotos(root, entries, problems)
    default:
      throw new AppError('bad-input', `The folder holds picture files, not ${layout} files. ${acceptedLayouts}`)
  }
}

async function recogniseLayout(
  root: string,
  entries: readonly PictureEntry[],
  groups: ReadonlyMap<string, readonly PictureEntry[]>,
): Promise<Layout> {
  const named = [...groups.keys()].filter((name) => name !== '')
  if (pairNames(named) !== undefined) return 'paired-folders'
  if (named.length > 1) return 'class-folders'
  const ratio = usualRatio(entries)
  const alike = entries.filter((entry) => isRatio(entry, ratio)).length
  if (alike < 0.8 * entries.length || ratio < 1.5 || ratio > 2.7) return 'photos'
  if (Math.abs(ratio - 2) < 0.05) return 'side-by-side'
  // Photographs are that wide, too (3:2, 16:9): only halves that clearly differ in kind make a pair.
  const guess = guessCondition(await sampleHalves(root, entries))
  return guess.sure ? 'side-by-side' : 'photos'
}

function openClasses(root: string, entries: readonly PictureEntry[], problems: Problem[]): Opened {
  const sound = withoutDuplicates(entries, problems)
  for (const alone of sound.filter(({ groups }) => groups.length === 0))
    problems.push({ file: alone.file, kind: 'misplaced', message: 'it lies in no label folder', pictures: { alone } })
  const labelled = sound.filter(({ groups }) => groups.length > 0)
  const labels = [...new Set(labelled.map(({ groups }) => groups[0]))]
  if (labels.length < 2) {
    const found = labels.length === 0 ? 'No folder holds' : `Only the folder “${labels[0]}” holds`
    throw new AppError(
      'bad-input',
      `${found} usable pictures; class folders need at least two labels. ${acceptedLayouts}`,
    )
  }
  return {
    kind: 'class',
    layout: 'class-folders',
    recognised: `Class folders with ${labels.length} labels (${shortList(labels)})`,
    labels,
    ...looksOf(labelled),
    examples: labelled.map((entry) => ({
      ...fileExample(root, entry),
      label: labels.indexOf(entry.groups[0]),
    })),
    problems,
  }
}

function openPhotos(root: string, entries: readonly PictureEntry[], problems: Problem[]): Opened {
  const sound = withoutDuplicates(entries, problems)
  return {
    kind: 'photo',
    layout: 'photos',
    recognised: 'Photos alone, without conditions: these are made from the photos (edges or masks)',
    ...looksOf(sound),
    examples: sound.map((entry) => fileExample(root, entry)),
    problems,
  }
}

function fileExample(root: string, entry: PictureEntry): Example {
  return {
    name: entry.file,
    content: entry.content,
    split: entry.split,
    origin: { kind: 'files', observed: entry },
    read: (options) => readAlone(join(root, entry.file), options),
  }
}

function shortList(labels: readonly string[]): string {
  return labels.length <= 4 ? labels.join(', ') : `${labels.slice(0, 3).join(', ')} …`
}

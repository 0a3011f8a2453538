/** The vocabulary of the readers: what every layout turns into before it becomes a data set. */
import type { Picture } from '../domain/picture.ts'

export type Layout = 'idx' | 'cifar' | 'class-folders' | 'paired-folders' | 'side-by-side' | 'photos'
export type Split = 'train' | 'heldOut'
/** Which half of a side-by-side picture, or which folder of a pair (left = the first, A), is the condition. */
export type Side = 'left' | 'right'

/** A sound picture file. */
export interface PictureEntry {
  readonly file: string
  /** The folders it lies in, without those that name a split. */
  readonly groups: readonly string[]
  readonly split: Split | undefined
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3
  readonly sizeBytes: number
  /** SHA-256 of the file, hexadecimal. */
  readonly content: string
}

/** One file that is not used, and why. */
export interface Problem {
  /** Path inside the data set's folder, with forward slashes. */
  readonly file: string
  readonly kind: ProblemKind
  /** The reason in a few words, fit to follow the file's name and a colon. */
  readonly message: string
  /** The sound pictures that it keeps from being used. */
  readonly pictures?: ProblemPictures | undefined
}
/** In two folders the sides of a pair, as far as they are there (left = the first folder); otherwise one picture alone. */
export interface ProblemPictures {
  readonly alone?: PictureEntry
  readonly left?: PictureEntry
  readonly right?: PictureEntry
}
export type ProblemKind =
  'not-picture' | 'unreadable' | 'too-large' | 'odd-size' | 'duplicate' | 'orphan' | 'empty-label' | 'misplaced'

/** How an example is wanted: square, `size` pixels a side (centre crop where needed), 1 = grey or 3 = RGB. */
export interface ReadOptions {
  readonly size: number
  readonly channels: 1 | 3
  readonly conditionChannels: 1 | 3
}

export interface ExamplePictures {
  readonly observed: Picture
  /** Only in sets of pairs. */
  readonly condition?: Picture
}

/** Where the pictures of an example are, for whoever copies them. */
export type Origin =
  /** In pairs of side-by-side pictures both are the same file. */
  | { readonly kind: 'files'; readonly observed: PictureEntry; readonly condition?: PictureEntry }
  | { readonly kind: 'pixels'; readonly picture: Picture }

/** One thing to learn from, not decoded yet. */
export interface Example {
  /** File path inside the folder, or file and row for binary files. */
  readonly name: string
  /** Class, 0..K-1, in sets of classes. */
  readonly label?: number
  /** SHA-256 of the content that decides the split (file bytes or pixels), as hexadecimal digits. */
  readonly content: string
  /** SHA-256 of the condition's file, where that is a file of its own. */
  readonly condition?: string
  /** The side that the folder's own train/val/test names give. */
  readonly split?: Split | undefined
  /** Absent where the pictures are in a project already. */
  readonly origin?: Origin
  /** Throws what the decoder says when the pixels are damaged. */
  read(options: ReadOptions): Promise<ExamplePictures>
}

/** What a reader found. */
export interface Opened {
  readonly kind: 'class' | 'pair' | 'photo'
  readonly layout: Layout
  /** What was recognised, without the counts: one clause, no full stop. */
  readonly recognised: string
  readonly labels?: readonly string[]
  readonly channels: 1 | 3
  readonly conditionChannels?: 1 | 3
  readonly conditionSide?: Side
  /** Size of the observed pictures, in pixels; the most frequent one where they differ. */
  readonly naturalSize: { readonly width: number; readonly height: number }
  readonly examples: readonly Example[]
  readonly problems: Problem[]
}

export const acceptedLayouts =
  'Accepted are: IDX files (MNIST), CIFAR-10 binary files, one folder of pictures per label, two folders A and B with equal file names, pictures with condition and picture side by side, or a folder of photos.'

/** The most frequent entry; the first of equals. */
export function mostFrequent<T>(values: readonly T[], key: (value: T) => string): T {
  const counts = Map.groupBy(values, key)
  return [...counts.values()].reduce((best, group) => (group.length > best.length ? group : best))[0]
}

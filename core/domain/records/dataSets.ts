/** Data sets inside a project: a row for every picture that was found, used or not. */
import type { ContentHash, Id, Timestamp } from './ids.ts'

export type DataSetKind = 'class' | 'pair' | 'photo'
export type SplitName = 'train' | 'heldOut'
export type ProblemName =
  'not-picture' | 'unreadable' | 'too-large' | 'odd-size' | 'duplicate' | 'orphan' | 'empty-label' | 'misplaced'

export interface DataSetRecord {
  readonly id: Id
  readonly name: string
  readonly kind: DataSetKind
  /** How the source was laid out: `class-folders`, `idx`, `side-by-side` ... */
  readonly layout: string
  /** One sentence: what was recognised and how it is split. */
  readonly description: string
  /** Names of the classes, the index is the label; empty for other kinds. */
  readonly labels: readonly string[]
  /** Of the observed pictures. */
  readonly channels: 1 | 3
  /** Of the condition pictures; null where there are none. */
  readonly conditionChannels: 1 | 3 | null
  readonly conditionSide: 'left' | 'right' | null
  readonly naturalSize: { readonly width: number; readonly height: number }
  /** `inside`: the pictures' bytes are in the project. `referenced`: they stay where they are, known by their hash. */
  readonly keeping: 'inside' | 'referenced'
  readonly count: {
    readonly train: number
    readonly heldOut: number
    readonly skipped: number
    readonly problems: number
  }
  /** Bytes of pictures that are in the project for it. */
  readonly sizeBytes: number
  readonly createdAt: Timestamp
  readonly binnedAt: Timestamp | null
}

export interface PictureRecord {
  /** Consecutive inside its data set, from 0. */
  readonly number: number
  /** Path inside the source folder, or file and row for binary files. */
  readonly name: string
  /** Of the observed picture's bytes; null where they could not be read. */
  readonly content: ContentHash | null
  /** Of the condition picture's bytes, in sets of pairs. */
  readonly condition: ContentHash | null
  readonly split: SplitName
  readonly label: number | null
  readonly width: number
  readonly height: number
  /** Left out on purpose or because of its problem. */
  readonly skipped: boolean
  readonly problem: { readonly kind: ProblemName; readonly message: string } | null
}

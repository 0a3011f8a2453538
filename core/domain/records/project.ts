/** What is known of a project as a whole, and of the projects on this machine. */
import type { ContentHash, Id, Timestamp } from './ids.ts'

export interface ProjectRecord {
  readonly id: Id
  readonly name: string
  readonly createdAt: Timestamp
  /** Of the file with its write-ahead log. */
  readonly sizeBytes: number
  /** Bytes inside the file that nothing uses any more. */
  readonly freeBytes: number
  /** Another program writes to it, or the file or its disk may not be written. */
  readonly readOnly: boolean
}

/** One line of the library: a project that this machine has seen. */
export interface LibraryEntry {
  readonly projectId: Id
  readonly name: string
  readonly openedAt: Timestamp
  /** The file is where it was. */
  readonly present: boolean
  readonly sizeBytes: number
  /** Moved to the bin. */
  readonly binnedAt: Timestamp | null
  /** Content of a small picture for its card. */
  readonly thumbnail: ContentHash | null
}

/** Where the bytes of a project are, by what they are for. */
export interface SpaceReport {
  readonly pictures: number
  readonly checkpoints: number
  readonly results: number
  readonly documents: number
  readonly metrics: number
  readonly bin: number
  readonly free: number
}

/**
 * Sketches and masks: strokes as data with the whole undo log. An entry is written once and never changed; `position` says how many entries
 * are in force, so undo and redo only move it. Drawing after an undo drops the entries beyond.
 */
import type { ContentHash, Id, Timestamp } from './ids.ts'

export type DocumentKind = 'sketch' | 'mask'

export interface DocumentRecord {
  readonly id: Id
  readonly kind: DocumentKind
  readonly name: string
  /** Of the page in document units (pixels at 100 %). */
  readonly width: number
  readonly height: number
  /** Entries in force: 0 .. length. */
  readonly position: number
  /** Entries in the log. */
  readonly length: number
  /** The picture underneath: the photo to inpaint, or a reference to draw over. */
  readonly background: ContentHash | null
  readonly createdAt: Timestamp
  readonly changedAt: Timestamp
  readonly binnedAt: Timestamp | null
}

/** One change: a stroke, a fill, a moved selection ... The page knows the kinds; the project keeps them as JSON. */
export interface DocumentEntry {
  /** Names the kind of change. */
  readonly kind: string
  readonly [field: string]: unknown
}

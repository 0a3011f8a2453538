/**
 * Long work. A job ends exactly once. Pausing a training is ending it as cancelled with a checkpoint; resuming is a new job from there, so there is
 * no paused state to get wrong.
 */
import type { ErrorCode } from '../errors.ts'
import type { Id, Timestamp } from './ids.ts'
import type { JobOutcome } from './outcomes.ts'

/** In the order of their urgency: the first goes before all others. */
export const jobKinds = ['preview', 'refine', 'sample', 'preflight', 'evaluate', 'import', 'train'] as const
export type JobKind = (typeof jobKinds)[number]

export type JobEnding =
  | { readonly kind: 'finished'; readonly outcome: JobOutcome | null }
  | { readonly kind: 'cancelled' }
  /** `interrupted`: the program or its computing process died; what was acknowledged is safe. */
  | {
      readonly kind: 'failed'
      readonly code: ErrorCode | 'interrupted' | 'internal'
      readonly message: string
      readonly hint: string | null
    }

export type JobState =
  | { readonly kind: 'queued' }
  | { readonly kind: 'running'; readonly startedAt: Timestamp }
  | { readonly kind: 'ended'; readonly endedAt: Timestamp; readonly ending: JobEnding }

export interface JobRecord {
  readonly id: Id
  readonly kind: JobKind
  /** What a person calls it. */
  readonly title: string
  readonly runId: Id | null
  readonly state: JobState
  readonly progress: Progress
  readonly createdAt: Timestamp
}

export interface Progress {
  readonly done: number
  /** 0 while it is not known. */
  readonly total: number
  /** What is counted: `steps`, `pictures` ... */
  readonly unit: string
  readonly elapsedMs: number
  /** Least and most that is left, from measured speed; null before there is a measurement. */
  readonly remaining: { readonly lowMs: number; readonly highMs: number } | null
  /** What is going on, in a few words. */
  readonly note: string | null
}

/** A training run: what it was asked, what it measured, what it kept. */
import type { Recipe } from '../recipe.ts'
import type { ContentHash, Id, Timestamp } from './ids.ts'

export interface RunRecord {
  readonly id: Id
  readonly name: string
  /** Null for a model that came in from a file. */
  readonly dataSetId: Id | null
  readonly recipe: Recipe
  readonly seed: number
  readonly conditionFromPhoto: 'edges' | null
  /** Which pictures it learns from, as fingerprintOf tells; null for a model from a file. */
  readonly fingerprint: string | null
  /** What it was computed with last, in words; null before its first step. */
  readonly engine: string | null
  /** Version of the program that made it. */
  readonly program: string
  /** Newest step of which anything is kept. */
  readonly step: number
  /** 0 .. 1 of the recipe's length. */
  readonly progress: number
  readonly elapsedMs: number
  readonly createdAt: Timestamp
  readonly binnedAt: Timestamp | null
}

/** One step of the chart. Null where a number was not finite or not measured in this kind of step. */
export interface MetricPoint {
  readonly step: number
  readonly elapsedMs: number
  /** Value of observed above refined pictures. */
  readonly gap: number | null
  /** How far a chain moved, root mean square. */
  readonly move: number | null
  readonly gradientSize: number | null
  readonly mappingError: number | null
  readonly observedError: number | null
  readonly meanPictureError: number | null
  readonly solverGradient: number | null
  /** Share of saturated pixels. */
  readonly saturation: number | null
}

/** Something that happened in a run and that a person should know. */
export interface RunNote {
  readonly step: number
  readonly at: Timestamp
  readonly kind: 'rolledBack' | 'scored' | 'leftOut' | 'interrupted' | 'resumed' | 'ended'
  readonly message: string
}

/** The same held-out examples drawn again and again while a run learns. */
export interface ProbeRecord {
  readonly step: number
  readonly initial: ContentHash
  readonly refined: ContentHash
}
/** What the probes are compared with; the same for all probes of a run. */
export interface ProbeTargets {
  readonly observed: ContentHash
  readonly condition: ContentHash | null
}

export interface CheckpointRecord {
  readonly id: Id
  readonly runId: Id
  readonly step: number
  /** `training`: everything to go on exactly; `weights`: the averages alone, to draw with. */
  readonly content: 'training' | 'weights'
  /** Held-out score, lower is better; null where it was not measured. */
  readonly score: number | null
  /** The best weights of its run by that score. */
  readonly best: boolean
  readonly pinned: boolean
  /** All its tensors, whether shared with other checkpoints or not. */
  readonly sizeBytes: number
  /** What deleting it would give back. */
  readonly ownBytes: number
  readonly createdAt: Timestamp
}

/** Which checkpoints of a run are kept when a new one is saved. Pinned ones, the newest resumable and the best one always are. */
export interface Retention {
  /** The newest so many. */
  readonly last: number
  /** The best so many by score. */
  readonly best: number
  /** One in every so many steps of the run; 0 is none. */
  readonly everySteps: number
}

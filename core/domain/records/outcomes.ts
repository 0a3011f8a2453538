/** What a finished job has found out, by what it was for. */
import type { Picture } from '../picture.ts'
import type { ContentHash, Id } from './ids.ts'

export type JobOutcome =
  | { readonly kind: 'drawn' }
  | { readonly kind: 'trained'; readonly step: number; readonly checkpointId: Id }
  | { readonly kind: 'imported'; readonly dataSetId: Id; readonly pictures: number; readonly problems: number }
  | ({ readonly kind: 'preflown' } & PreflightReport)
  | { readonly kind: 'evaluated'; readonly report: EvaluationFigures; readonly sheet: ContentHash }
  | { readonly kind: 'inferred'; readonly latent: readonly number[]; readonly weights: readonly number[] }
  /** Drawn again from everything that was kept with a result. */
  | { readonly kind: 'reproduced'; readonly equal: boolean; readonly differentBytes: number; readonly picture: Picture }

/** Measured by a dry run on this machine, with these pictures. */
export interface PreflightReport {
  readonly engine: string
  /** The largest batch that fits and is worth it, found by bisection; and the recipe's own. */
  readonly batch: { readonly wanted: number; readonly largest: number }
  /** Of one cooperative step with the wanted batch, or with the largest where that one does not fit. */
  readonly stepMs: { readonly median: number; readonly low: number; readonly high: number }
  readonly peakMemoryBytes: number
  /** Of the whole run as ordered. */
  readonly durationMs: { readonly low: number; readonly high: number }
  readonly checkpointBytes: number
  /** Sentences that a person should read before starting. */
  readonly warnings: readonly string[]
}

/** Numbers of an evaluation by name, with what they were measured on. */
export interface EvaluationFigures {
  readonly task: string
  readonly pictures: number
  readonly features: string
  readonly figures: readonly {
    readonly name: string
    readonly initial: number | null
    readonly refined: number | null
    /** What two halves of the observed pictures differ by. */
    readonly floor: number | null
    readonly better: 'lower' | 'higher'
  }[]
}

/** Kept pictures with everything that draws them again, byte for byte on the same device. */
import type { DocumentEntry } from './documents.ts'
import type { ContentHash, Id, Timestamp } from './ids.ts'

/** How a result was drawn. */
export interface Provenance {
  readonly task: 'class' | 'picture' | 'inpaint'
  readonly runId: Id
  readonly checkpointId: Id
  readonly step: number
  /** SHA-256 of the weights' manifest: survives an export, where ids may not. */
  readonly weights: ContentHash
  readonly seed: number
  readonly langevinSteps: number
  readonly noise: boolean | null
  readonly guidance: number | null
  /** Share of each label; null for other tasks. */
  readonly labels: readonly number[] | null
  /** The latent that was used instead of the seed's own. */
  readonly latent: readonly number[] | null
  /** The condition as it was given, a PNG: sketch, or the picture to inpaint. */
  readonly condition: ContentHash | null
  /** White where hidden. */
  readonly mask: ContentHash | null
  /** The strokes behind the condition, where it was drawn here. */
  readonly strokes: readonly DocumentEntry[] | null
  readonly engine: string
  readonly program: string
}

export interface ResultRecord {
  readonly id: Id
  readonly title: string
  /** PNG. */
  readonly picture: ContentHash
  readonly initial: ContentHash | null
  readonly width: number
  readonly height: number
  readonly provenance: Provenance
  readonly starred: boolean
  readonly createdAt: Timestamp
  readonly binnedAt: Timestamp | null
}

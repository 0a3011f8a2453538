/** What drawing gets to work with, besides what all work gets. */
import type { JobOutcome } from '../../../domain/records.ts'
import type { Work } from '../../../contract/computeProtocol.ts'
import type { ProcessContext, Turn } from './context.ts'
import type { DrawnFrames } from './drawnFrames.ts'
import type { LoadedModels } from './loadedModels.ts'

export interface DrawContext extends ProcessContext {
  readonly models: LoadedModels
  readonly frames: DrawnFrames
  /** The host has not read what it was sent: pictures on the way may be left out. */
  isBehind(): boolean
}

export type DrawWork<K extends Work['kind']> = (
  work: Extract<Work, { readonly kind: K }>,
  context: DrawContext,
  turn: Turn,
) => Promise<JobOutcome | null>

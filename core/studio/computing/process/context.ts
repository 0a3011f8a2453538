/** What every kind of work gets to work with inside the computing process. */
import type { Engine } from '../../../compute/engine.ts'
import type { FromCompute, Work } from '../../../contract/computeProtocol.ts'
import type { JobOutcome } from '../../../domain/records.ts'
import type { ProjectStore } from '../../../storage/project/store.ts'

export interface ProcessContext {
  readonly engine: Engine
  /** The open project, through this process's own connection under the host's lock. */
  readonly store: ProjectStore
  tell(message: FromCompute): void
}

export interface Turn {
  readonly jobId: string
  /**
   * Between two Langevin steps: lets messages in and more urgent work go first.
   * @throws CancelledError when this work was cancelled
   */
  pause(): Promise<void>
  /** Asked for since the last look: `checkpoint` now, or `pause` = checkpoint and end as cancelled. */
  takeWish(): 'checkpoint' | 'pause' | undefined
}

export type RunWork<K extends Work['kind']> = (
  work: Extract<Work, { readonly kind: K }>,
  context: ProcessContext,
  turn: Turn,
) => Promise<JobOutcome | null>

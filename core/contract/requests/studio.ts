/** The program itself: state, engines, settings, jobs, diagnostics. */
import { z } from 'zod'
import type { JobRecord, ProjectRecord } from '../../domain/records.ts'
import type { EngineKind, EngineReport, EngineState, Settings } from '../studioTypes.ts'
import { settingsChange } from '../studioTypes.ts'
import { id, nothing } from '../fields.ts'
import { asks, type Done } from '../table.ts'

export interface StudioState {
  readonly program: string
  readonly host: 'electron' | 'web' | 'command-line'
  readonly project: ProjectRecord | null
  readonly engine: EngineState
  /** Since the project was opened, the running and queued ones first. */
  readonly jobs: readonly JobRecord[]
  /** What `studio:noted` told since the studio was started, the newest last: a page that comes later has not heard it. */
  readonly notes: readonly StudioNote[]
}

export interface StudioNote {
  readonly at: string
  readonly tone: 'info' | 'warning' | 'problem'
  readonly message: string
  readonly hint: string | null
}

export const studioRequests = {
  'studio:state': asks(nothing).answers<StudioState>(),
  'engine:list': asks(nothing).answers<readonly EngineReport[]>(),
  /** Restarts the computing process with it; a running training is paused and resumed. Null means the fastest. */
  'engine:choose': asks(
    z.strictObject({
      engine: z.enum(['tensorflow', 'webgpu', 'wasm'] satisfies EngineKind[]).nullable(),
      threads: z.number().int().min(1).max(256).nullable(),
    }),
  ).answers<EngineState>(),
  'settings:get': asks(nothing).answers<Settings>(),
  'settings:change': asks(settingsChange).answers<Settings>(),
  /** A report in words, made here, for the person to read before copying. */
  'diagnostics:report': asks(nothing).answers<{ readonly text: string }>(),
  'jobs:list': asks(nothing).answers<readonly JobRecord[]>(),
  'job:get': asks(z.strictObject({ jobId: id })).answers<JobRecord>(),
  /** Acts within one Langevin step. A training keeps its newest checkpoint. */
  'job:cancel': asks(z.strictObject({ jobId: id })).answers<Done>(),
}

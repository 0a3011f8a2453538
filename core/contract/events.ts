/** The event table: everything a host tells pages unasked. Plain data; hosts are trusted, so these are types alone. */
import type { Picture } from '../domain/picture.ts'
import type {
  CheckpointRecord,
  DocumentRecord,
  Id,
  JobRecord,
  MetricPoint,
  ProbeRecord,
  ProjectRecord,
  RunNote,
} from '../domain/records.ts'
import type { EngineState } from './studioTypes.ts'

export interface Events {
  'project:opened': { readonly project: ProjectRecord }
  'project:closed': { readonly projectId: Id }
  /** Lists of this kind are to be asked for again. */
  'project:changed': {
    readonly what: 'dataSets' | 'runs' | 'documents' | 'results' | 'bin' | 'project' | 'library' | 'settings'
  }
  /** Drawn in, undone, renamed: other windows that show it load it again. */
  'document:changed': { readonly document: DocumentRecord }
  'engine:changed': { readonly engine: EngineState }
  /** Queued, begun, gone on (at most 10 a second) or ended; the ending comes exactly once. */
  'job:changed': { readonly job: JobRecord }
  /** At most 10 a second for each run; the project holds every step. */
  'run:measured': { readonly runId: Id; readonly points: readonly MetricPoint[] }
  'run:probed': { readonly runId: Id; readonly probe: ProbeRecord }
  'run:noted': { readonly runId: Id; readonly note: RunNote }
  'checkpoint:saved': { readonly checkpoint: CheckpointRecord }
  /** One step of a refinement; step 0 is the fast guess. A frame may be left out, never the last. */
  'picture:refined': {
    readonly jobId: Id
    readonly step: number
    readonly steps: number
    readonly picture: Picture
    readonly gain: number | null
  }
  /** One picture of many is done. `index` counts condition by condition. */
  'picture:sampled': {
    readonly jobId: Id
    readonly index: number
    readonly initial: Picture
    readonly refined: Picture
    readonly gain: number
  }
  /** A sentence that people should read: a process died and what became of its work, a file that vanished ... */
  'studio:noted': {
    readonly tone: 'info' | 'warning' | 'problem'
    readonly message: string
    readonly hint: string | null
  }
}
export type EventName = keyof Events
export type Tell = <E extends EventName>(name: E, payload: Events[E]) => void

const names: Record<EventName, true> = {
  'project:opened': true,
  'project:closed': true,
  'project:changed': true,
  'document:changed': true,
  'engine:changed': true,
  'job:changed': true,
  'run:measured': true,
  'run:probed': true,
  'run:noted': true,
  'checkpoint:saved': true,
  'picture:refined': true,
  'picture:sampled': true,
  'studio:noted': true,
}
export const eventNames = Object.keys(names) as readonly EventName[]

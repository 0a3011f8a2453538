/** What the handlers work with. */
import type { Tell } from '../../contract/events.ts'
import type { StudioNote } from '../../contract/requests/studio.ts'
import type { EngineReport } from '../../contract/studioTypes.ts'
import type { Library } from '../../storage/sqlite/library.ts'
import type { JobQueue } from '../computing/queue.ts'
import type { Uploads } from '../dataSets/uploads.ts'
import type { Downloads } from './downloads.ts'
import type { Log } from './log.ts'
import type { ProjectDesk } from './projectDesk.ts'
import type { ProjectShelf } from './projectShelf.ts'
import type { SettingsBook } from './settings.ts'
import type { StudioOptions } from './studio.ts'

export interface HostContext {
  readonly options: StudioOptions
  readonly desk: ProjectDesk
  readonly library: Library
  readonly shelf: ProjectShelf
  readonly queue: JobQueue
  readonly uploads: Uploads
  readonly downloads: Downloads
  readonly settings: SettingsBook
  readonly log: Log
  readonly tell: Tell
  /** Of this session, the newest last. */
  readonly notes: readonly StudioNote[]
  /** Tries every engine of this machine; takes seconds. */
  listEngines(): Promise<readonly EngineReport[]>
}

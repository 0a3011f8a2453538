/** Projects and their files. Pages never see a path: files come in as uploads and go out as downloads, or through the host's own dialogs. */
import { z } from 'zod'
import type { Id, LibraryEntry, ProjectRecord, SpaceReport } from '../../domain/records.ts'
import { id, name, nothing } from '../fields.ts'
import { asks, type Done } from '../table.ts'

/** Fetch it from `/downloads/:downloadId` within an hour. */
export interface Download {
  readonly downloadId: Id
  readonly name: string
  readonly sizeBytes: number
}

export interface SalvageReport {
  readonly project: ProjectRecord
  /** `lost` is null where nobody can know. */
  readonly tables: readonly { readonly table: string; readonly rows: number; readonly lost: number | null }[]
}

export type BinnedKind = 'dataSet' | 'run' | 'document' | 'result'
export interface BinEntry {
  readonly kind: BinnedKind
  readonly id: Id
  readonly name: string
  readonly sizeBytes: number
  readonly binnedAt: string
}

const binned = z.strictObject({ kind: z.enum(['dataSet', 'run', 'document', 'result']), id })
const projectId = z.strictObject({ projectId: id })

export const projectRequests = {
  'projects:list': asks(nothing).answers<readonly LibraryEntry[]>(),
  /** In the projects folder; it becomes the open one. */
  'project:create': asks(z.strictObject({ name })).answers<ProjectRecord>(),
  'project:open': asks(
    z.strictObject({ projectId: id, readOnly: z.boolean().default(false) }),
  ).answers<ProjectRecord>(),
  'project:close': asks(nothing).answers<Done>(),
  'project:rename': asks(z.strictObject({ name })).answers<ProjectRecord>(),
  'project:duplicate': asks(z.strictObject({ projectId: id, name })).answers<LibraryEntry>(),
  'project:export': asks(
    z.strictObject({
      /** Without them trainings can be drawn with, but not resumed. */
      optimizer: z.boolean().default(true),
      /** The pictures of data sets. */
      pictures: z.boolean().default(true),
      /** Names of folders and of this machine. */
      personal: z.boolean().default(false),
    }),
  ).answers<Download>(),
  'project:import': asks(z.strictObject({ uploadId: id })).answers<LibraryEntry>(),
  /** Every readable row of a damaged project into a new one; the damaged file stays as it is. */
  'project:salvage': asks(projectId).answers<SalvageReport>(),
  'project:bin': asks(projectId).answers<Done>(),
  'project:restore': asks(projectId).answers<Done>(),
  /** Deletes the file of a project that is in the bin. */
  'project:delete': asks(projectId).answers<Done>(),
  'project:space': asks(nothing).answers<SpaceReport>(),
  /** Gives unused space back to the disk. */
  'project:tidy': asks(nothing).answers<{ readonly freedBytes: number }>(),
  'bin:list': asks(nothing).answers<readonly BinEntry[]>(),
  'bin:add': asks(binned).answers<Done>(),
  'bin:restore': asks(binned).answers<Done>(),
  /** All of it, or one. */
  'bin:empty': asks(z.strictObject({ only: binned.optional() })).answers<{ readonly deleted: number }>(),
}

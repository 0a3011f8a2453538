/** The studio as a host sees it: one way in for requests, one way out for events, and streams for files. Electron, the web host and the command line share it. */
import type { Readable } from 'node:stream'
import type { EventName, Events } from '../../contract/events.ts'
import type { ProcessPort } from '../../contract/port.ts'
import type { Reply } from '../../contract/reply.ts'
import type { RequestName, RequestOutput } from '../../contract/requests.ts'
import type { ContentHash, Id, ProjectRecord } from '../../domain/records.ts'
import type { WindowState } from '../../storage/sqlite/library.ts'
import type { StartScript } from '../startScript.ts'

export type UploadPurpose = 'data' | 'picture' | 'project' | 'model'

export interface StudioOptions {
  readonly host: 'electron' | 'web' | 'command-line'
  /** Library, settings, logs, uploads; made where it is not there. */
  readonly dataFolder: string
  /** Where new projects go. */
  readonly projectsFolder: string
  /** Starts the computing process. */
  spawn(): ProcessPort
  /** The system's dialog, where the host has one. @returns a path, or undefined when the person chose nothing */
  chooseFiles?(purpose: UploadPurpose): Promise<string | undefined>
  /** How engines are tried where the program's own binary runs no scripts, and the computing process can start none: Electron. */
  readonly startScript?: StartScript
}

export interface Listener {
  <E extends EventName>(name: E, payload: Events[E]): void
}

export interface StoredFile {
  readonly sizeBytes: number
  readonly type: string
  /** What a browser saves it as. */
  readonly name: string
  /** @param range first and last byte, both included */
  open(range?: { readonly first: number; readonly last: number }): Readable
}

export interface Studio {
  /** Checks the input, answers with a reply; never throws. */
  request(name: string, input: unknown): Promise<Reply<unknown>>
  /** The same with types, for hosts themselves. @throws AppError what a page would be told */
  ask<N extends RequestName>(name: N, input: unknown): Promise<RequestOutput<N>>
  /** @returns stops listening */
  listen(listener: Listener): () => void
  /** A host's own dialogs and arguments name files; pages never do. */
  openProjectAt(path: string, options?: { readonly readOnly?: boolean }): Promise<ProjectRecord>
  createProjectAt(path: string): Promise<ProjectRecord>
  /** A folder or file of this machine as an upload that is not copied. @returns its upload id */
  takeLocalFiles(path: string, purpose: UploadPurpose): Promise<Id>
  /** One file of an upload. @throws AppError for a name that leaves the upload, too many bytes, an unknown upload */
  receiveFile(uploadId: Id, relativePath: string, bytes: Readable): Promise<void>
  /** A picture of the open project. @throws AppError not-found */
  findContent(hash: ContentHash): StoredFile
  findDownload(downloadId: Id): StoredFile
  /** Where the window was; kept at once. */
  readonly window: { get(): WindowState | undefined; set(state: WindowState): void }
  /** Running trainings, so that a host can ask before it quits. */
  hasRunningTraining(): boolean
  /** Checkpoints and ends what runs, closes the project, ends the computing process. */
  close(): Promise<void>
}

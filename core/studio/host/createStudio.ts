/** The studio put together: one way in for requests, one way out for events, whatever host it is in. */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  type ParsedInput,
  parseInput,
  type RequestName,
  type RequestOutput,
  isRequestName,
} from '../../contract/requests.ts'
import type { Tell } from '../../contract/events.ts'
import { toWireError } from '../../contract/reply.ts'
import type { StudioNote } from '../../contract/requests/studio.ts'
import type { EngineReport } from '../../contract/studioTypes.ts'
import { AppError, CancelledError } from '../../domain/errors.ts'
import type { ProjectStore } from '../../storage/project/store.ts'
import { openLibrary } from '../../storage/sqlite/library.ts'
import { explainDatabase, explaining, StorageError } from '../../storage/sqlite/sqliteErrors.ts'
import { createJobQueue } from '../computing/queue.ts'
import { within } from '../computing/within.ts'
import { openUploads } from '../dataSets/uploads.ts'
import { describeDevices } from '../describe.ts'
import { findContent } from './contents.ts'
import { openDownloads } from './downloads.ts'
import { createEmitter } from './emitter.ts'
import { createEngineList, machineWith } from './engines.ts'
import { createHandlers } from './handlers/handlers.ts'
import { withoutPlaces } from './hidePlaces.ts'
import { openLog } from './log.ts'
import { assertNeeds } from './needs.ts'
import { createProjectDesk } from './projectDesk.ts'
import { createProjectShelf, EXTENSION, projectName } from './projectShelf.ts'
import { openSettings } from './settings.ts'
import type { Studio, StudioOptions } from './studio.ts'
import { openThumbnails } from './thumbnails.ts'

/** What tests bring themselves. */
export interface StudioDoubles {
  readonly listEngines?: () => Promise<readonly EngineReport[]>
}

/** Notes of this session that a page that comes later still sees. */
const MOST_NOTES = 20

/** There is one. */
const WINDOW = 'main'

/** For requests under way when the studio is closed. */
const LEAVE_MS = 5000

/** @throws AppError storage-failed where the data folder cannot be used */
export async function createStudio(options: StudioOptions, doubles: StudioDoubles = {}): Promise<Studio> {
  const { dataFolder, projectsFolder } = options
  explaining(dataFolder, () => mkdirSync(dataFolder, { recursive: true }))
  const log = openLog(join(dataFolder, 'logs'))
  const report = (error: unknown) => void log.error(error)
  const emitter = createEmitter(report)
  const library = openLibrary(dataFolder)
  const settings = openSettings(library)
  const shelf = createProjectShelf(library, projectsFolder)
  const thumbnails = openThumbnails(join(dataFolder, 'thumbnails'))
  const uploads = await openUploads(join(dataFolder, 'uploads'))
  const downloads = await openDownloads(join(dataFolder, 'downloads'))

  const notes: StudioNote[] = []
  const tell: Tell = (name, payload) => {
    // A new checkpoint has taken the place of older ones.
    if (name === 'checkpoint:saved' && desk.store) desk.getSweeper().ask()
    if (name === 'studio:noted' && 'message' in payload) notes.push({ at: new Date().toISOString(), ...payload })
    notes.splice(0, notes.length - MOST_NOTES)
    emitter.tell(name, payload)
  }
  const { engine, threads } = settings.get()
  const devices = () => describeDevices(machineWith(options.startScript))
  const queue = createJobQueue({
    spawn: options.spawn,
    choice: { engine, threads },
    decide: options.startScript && (async () => (await devices()).chosen ?? null),
    tell,
    resumesByItself: () => settings.get().resumeAfterCrash,
    log,
  })

  /** The list is a comfort: what it cannot remember keeps no project from being used. */
  async function remember(
    store: ProjectStore,
    look: () => Promise<Parameters<typeof shelf.remember>[1]>,
  ): Promise<void> {
    try {
      shelf.remember(store, await look())
      tell('project:changed', { what: 'library' })
    } catch (error) {
      report(error)
    }
  }
  function noteDamaged(path: string): void {
    try {
      shelf.rememberDamaged(path)
      tell('project:changed', { what: 'library' })
    } catch (error) {
      report(error)
    }
  }
  const desk = createProjectDesk({
    tell,
    report,
    useProject: (project) => queue.useProject(project),
    isCopy: (store) => shelf.isCopy(store),
    noteOpened: (store) => remember(store, async () => ({ openedAt: new Date().toISOString() })),
    noteClosing: (store) => remember(store, async () => ({ thumbnail: await thumbnails.make(store) })),
  })
  const listEngines = doubles.listEngines ?? createEngineList(devices)
  const handlers = createHandlers({
    ...{ options, desk, library, shelf, queue, uploads, downloads, settings, log, tell, listEngines, notes },
  })

  /** Only the open project is read without saying of which file an error is. */
  const explainRead = (error: unknown) => explainDatabase(error, desk.store?.file.path ?? 'The project')

  // A person is about to draw; a command may not need an engine at all.
  if (options.host !== 'command-line') queue.wake()

  const underWay = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined
  let libraryNote = library.note

  function perform<N extends RequestName>(name: N, input: unknown): Promise<RequestOutput<N>> | RequestOutput<N> {
    const parsed = parse(name, input)
    assertNeeds(name, desk.store?.file)
    return handlers[name](parsed)
  }

  async function ask<N extends RequestName>(name: N, input: unknown): Promise<RequestOutput<N>> {
    if (closing !== undefined) throw new AppError('misuse', 'The studio is closing; nothing new is started.')
    const work = (async () => perform(name, input))()
    underWay.add(work)
    try {
      return await work
    } catch (error) {
      throw withoutPlaces(explainRead(error))
    } finally {
      underWay.delete(work)
    }
  }

  async function closeAll(): Promise<void> {
    await within(LEAVE_MS, Promise.allSettled(underWay))
    // The jobs first: an engine that does not open must not keep the project from being closed.
    await queue.close()
    await desk.close()
    await uploads.close()
    await downloads.close()
    library.close()
  }

  return {
    async request(name, input) {
      try {
        if (!isRequestName(name))
          throw new AppError('misuse', `There is no request ${JSON.stringify(String(name).slice(0, 60))}.`)
        return { ok: true, value: await ask(name, input) }
      } catch (error) {
        return { ok: false, error: toWireError(error, (each) => log.error(each)) }
      }
    },
    async ask(name, input) {
      try {
        return await ask(name, input)
      } catch (error) {
        if (!(error instanceof AppError || error instanceof CancelledError)) report(error)
        throw error
      }
    },
    listen(listener) {
      const leave = emitter.listen(listener)
      if (libraryNote !== null) tell('studio:noted', { tone: 'warning', message: libraryNote, hint: null })
      libraryNote = null
      return leave
    },
    async openProjectAt(path, { readOnly = false } = {}) {
      try {
        return await desk.open(resolve(path), { readOnly })
      } catch (error) {
        if (error instanceof StorageError && error.problem === 'damaged') noteDamaged(resolve(path))
        throw error
      }
    },
    createProjectAt(path) {
      const named = path.toLowerCase().endsWith(EXTENSION) ? path : path + EXTENSION
      return desk.create(resolve(named), projectName(named))
    },
    takeLocalFiles: (path, purpose) => uploads.takeLocal(resolve(path), purpose),
    receiveFile: (uploadId, relativePath, bytes) => uploads.receive(uploadId, relativePath, bytes),
    findContent(hash) {
      try {
        if (desk.store) return findContent(desk.store, hash)
      } catch (error) {
        if (!(error instanceof AppError && error.code === 'not-found')) throw explainRead(error)
      }
      return thumbnails.find(hash)
    },
    findDownload: (downloadId) => downloads.find(downloadId),
    window: {
      get: () => library.windowState(WINDOW),
      set: (state) => library.setWindowState(WINDOW, state),
    },
    hasRunningTraining: () => queue.list().some(({ kind, state }) => kind === 'train' && state.kind !== 'ended'),
    close: () => (closing ??= closeAll()),
  }
}

/** What cannot even be looked at (an endless object, one of a hundred thousand levels) is the caller's mistake, too. */
function parse<N extends RequestName>(name: N, input: unknown): ParsedInput<N> {
  try {
    return parseInput(name, input)
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('misuse', `${name}: the input cannot be read.`, { cause: error })
  }
}

/**
 * The one open project: taken under its lock or opened to look only, brought in order after a crash, kept alive, swept, and closed. One opening
 * or closing goes after the other.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Tell } from '../../contract/events.ts'
import type { Id, ProjectRecord } from '../../domain/records.ts'
import { recover } from '../../storage/project/recover.ts'
import { openStore, type ProjectStore } from '../../storage/project/store.ts'
import { heartbeatMs } from '../../storage/sqlite/lock.ts'
import { beat, createProjectFile, openProjectFile, type ProjectFile } from '../../storage/sqlite/projectFile.ts'
import { explainDatabase, StorageError, type StorageProblem } from '../../storage/sqlite/sqliteErrors.ts'
import type { ComputingProject } from '../computing/project.ts'
import { noteInterrupted } from './interrupted.ts'
import { noProject } from './needs.ts'
import { createSweeper, type Sweeper } from './sweeper.ts'

export interface ProjectDesk {
  /** Undefined where none is open. */
  readonly store: ProjectStore | undefined
  /** @throws AppError misuse where none is open */
  getStore(): ProjectStore
  getSweeper(): Sweeper
  /** The one that is open is closed once the new one could be opened. */
  open(path: string, options: { readonly readOnly: boolean }): Promise<ProjectRecord>
  create(path: string, name: string): Promise<ProjectRecord>
  /** Quietly nothing where none is open. */
  close(): Promise<void>
}

export interface DeskOptions {
  readonly tell: Tell
  readonly report: (error: unknown) => void
  /** Ends what runs in the project before, with checkpoints, and gives the next one to the computing process. */
  useProject(project: ComputingProject | null): Promise<void>
  /** The file is a copy of a project that is somewhere else, too. */
  isCopy(store: ProjectStore): boolean
  /** A project was opened, or is about to be closed. */
  noteOpened(store: ProjectStore): Promise<void>
  /** Must not throw, as little as `noteOpened`. */
  noteClosing(store: ProjectStore): Promise<void>
}

interface Open {
  readonly id: Id
  readonly store: ProjectStore
  readonly sweeper: Sweeper
  readonly heart: NodeJS.Timeout | undefined
}

export function createProjectDesk({
  tell,
  report,
  useProject,
  isCopy,
  noteOpened,
  noteClosing,
}: DeskOptions): ProjectDesk {
  let current: Open | undefined
  let turn: Promise<unknown> = Promise.resolve()

  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = turn.then(change)
    turn = result.catch(() => undefined)
    return result
  }

  async function take(file: ProjectFile): Promise<ProjectRecord> {
    const { path, holder, readOnly } = file
    // From the first moment on: bringing it in order and ending what runs elsewhere may take longer than others wait for a sign of life.
    const heart = readOnly ? undefined : startHeart(file)
    try {
      const store = openStore(file)
      if (!readOnly && isCopy(store)) store.project.renew()
      const project = store.project.get()
      const notes = readOnly ? [] : noteInterrupted(await recover(store, { pause: () => setImmediate() }), store)
      await closeCurrent()
      const { jobs, checkpoints, runs } = store
      await useProject({ path, holder, jobs, checkpoints, runs })
      current = { id: project.id, store, sweeper: createSweeper(store, report), heart }
      await noteOpened(store)
      tell('project:opened', { project })
      for (const note of notes) tell('studio:noted', note)
      if (!readOnly) current.sweeper.ask()
      return project
    } catch (error) {
      clearInterval(heart)
      file.close()
      throw explainDatabase(error, file.path)
    }
  }

  async function closeCurrent(): Promise<void> {
    if (current === undefined) return
    const { id, store, sweeper, heart } = current
    // Gone for new requests first; the computing process still writes its last checkpoint under the lock.
    current = undefined
    try {
      await useProject(null)
      await sweeper.stop()
      await noteClosing(store)
    } finally {
      clearInterval(heart)
      store.file.close()
      tell('project:closed', { projectId: id })
    }
  }

  /** Says that we live; says once what is wrong with the file, and lets go of a project that another program has taken over. */
  function startHeart(file: ProjectFile): NodeJS.Timeout {
    let told: StorageProblem | undefined
    const heart = setInterval(() => {
      try {
        beat(file)
        told = undefined
      } catch (error) {
        if (!(error instanceof StorageError)) return report(error)
        if (error.problem === 'busy' || error.problem === told) return
        told = error.problem
        tell('studio:noted', { tone: 'problem', message: error.message, hint: error.hint ?? null })
        if (error.problem !== 'lost-lock') return
        clearInterval(heart)
        inTurn(async () => {
          if (current?.store.file === file) await closeCurrent()
        }).catch(report)
      }
    }, heartbeatMs)
    return heart.unref()
  }

  return {
    get store() {
      return current?.store
    },
    getStore() {
      if (current === undefined) throw noProject()
      return current.store
    },
    getSweeper() {
      if (current === undefined) throw noProject()
      return current.sweeper
    },
    open: (path, { readOnly }) =>
      inTurn(async () => {
        const file = current?.store.file
        const isSame = file?.isAt(path) === true
        if (current && isSame && file?.isAt(file.path) && file.readOnly === readOnly) return current.store.project.get()
        // Moved, replaced, or known by two names: SQLite must not have it open twice, or two files with one log.
        if (existsSync(path) && isSame !== (file?.path === resolve(path))) await closeCurrent()
        return take(openProjectFile(path, { access: readOnly ? 'read' : 'write' }))
      }),
    create: (path, name) => inTurn(() => take(createProjectFile(path, { name }))),
    close: () => inTurn(closeCurrent),
  }
}

/** The projects of this machine as pages know them: by id, never by place. */
import { randomUUID } from 'node:crypto'
import { mkdirSync, existsSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { AppError } from '../../domain/errors.ts'
import type { Id, LibraryEntry } from '../../domain/records.ts'
import type { ProjectStore } from '../../storage/project/store.ts'
import type { Library, LibraryProject } from '../../storage/sqlite/library.ts'
import { explaining } from '../../storage/sqlite/sqliteErrors.ts'
import { fileName } from './downloads.ts'

export const EXTENSION = '.tandem'

export interface ProjectShelf {
  list(): LibraryEntry[]
  /** @throws AppError not-found */
  get(projectId: Id): LibraryProject
  entry(projectId: Id): LibraryEntry
  /** A path in the projects folder at which there is nothing yet. */
  freePath(name: string): string
  /** The list knows another file of the same project: this one was copied from it. */
  isCopy(store: ProjectStore): boolean
  /** An open project: where it is and what it is called. */
  remember(store: ProjectStore, changes?: Partial<Pick<LibraryProject, 'openedAt' | 'thumbnail'>>): void
  /** A file that could not be opened, so that what can be read of it can be asked for; its name is all that is known. */
  rememberDamaged(path: string): void
}

export function createProjectShelf(library: Library, folder: string): ProjectShelf {
  function get(projectId: Id): LibraryProject {
    const found = library.findProject(projectId)
    if (found) return found
    throw new AppError('not-found', 'This project is not in the list (any more).', {
      hint: 'Open its file once to see it here again.',
    })
  }

  return {
    list: () => library.listProjects().map(toEntry),
    get,
    entry: (projectId) => toEntry(get(projectId)),
    freePath(name) {
      const plain = fileName(name)
      return explaining(folder, () => {
        mkdirSync(folder, { recursive: true })
        for (let number = 1; ; number++) {
          const path = join(folder, `${plain}${number === 1 ? '' : ` ${number}`}${EXTENSION}`)
          if (!existsSync(path)) return path
        }
      })
    },
    isCopy({ project, file }) {
      const known = library.findProject(project.get().id)
      return known !== undefined && existsSync(known.path) && !file.isAt(known.path)
    },
    remember(store, changes) {
      const { id, name } = store.project.get()
      const { openedAt, thumbnail } = library.findProject(id) ?? { openedAt: new Date().toISOString(), thumbnail: null }
      library.rememberProject({ id, name, path: store.file.path, openedAt, thumbnail, ...changes })
    },
    rememberDamaged(path) {
      if (library.listProjects().some((known) => known.path === path)) return
      const openedAt = new Date().toISOString()
      library.rememberProject({ id: randomUUID(), name: projectName(path), path, openedAt, thumbnail: null })
    },
  }
}

function toEntry({ id, path, name, openedAt, binnedAt, thumbnail }: LibraryProject): LibraryEntry {
  const found = statSync(path, { throwIfNoEntry: false })
  const present = found?.isFile() === true
  return { projectId: id, name, openedAt, present, sizeBytes: present ? found.size : 0, binnedAt, thumbnail }
}

/** What a project file is called by its name. */
export function projectName(path: string): string {
  const name = basename(path)
  const stem = name.toLowerCase().endsWith(EXTENSION) ? name.slice(0, -EXTENSION.length) : name
  return stem.trim().slice(0, 120) || 'Project'
}

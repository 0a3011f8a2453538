/** Projects and their files. */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Handlers } from '../../../contract/requests.ts'
import type { projectRequests } from '../../../contract/requests/projects.ts'
import { AppError } from '../../../domain/errors.ts'
import { reportSpace } from '../../../storage/project/space.ts'
import { removeDatabase } from '../../../storage/sqlite/placeFile.ts'
import { openProjectFile } from '../../../storage/sqlite/projectFile.ts'
import { explaining, StorageError } from '../../../storage/sqlite/sqliteErrors.ts'
import { findOnlyFile } from '../../dataSets/uploads.ts'
import type { HostContext } from '../context.ts'
import { exportProject } from '../exportProject.ts'
import { workOnFile } from '../fileWork.ts'
import { projectName } from '../projectShelf.ts'

type ProjectHandlers = Pick<Handlers, Exclude<keyof typeof projectRequests, `bin:${string}`>>

export function createProjectHandlers(context: HostContext): ProjectHandlers {
  const { desk, library, shelf, uploads, downloads, tell } = context
  const tellLibrary = () => tell('project:changed', { what: 'library' })

  /** Ends the use of a project here, so that its file can be put away. */
  async function letGo(path: string): Promise<void> {
    if (desk.store?.file.path === path) await desk.close()
  }

  async function takeIn(from: string, name: string) {
    const path = shelf.freePath(name)
    const { id } = await workOnFile({ kind: 'import', from, to: path, name })
    library.rememberProject({ id, path, name, openedAt: new Date().toISOString(), thumbnail: null })
    tellLibrary()
    return shelf.entry(id)
  }

  return {
    'projects:list': () => shelf.list(),
    'project:create': ({ name }) => desk.create(shelf.freePath(name), name),
    'project:open': ({ projectId, readOnly }) => desk.open(shelf.get(projectId).path, { readOnly }),

    async 'project:close'() {
      await desk.close()
      return null
    },

    'project:rename'({ name }) {
      const store = desk.getStore()
      store.project.rename(name)
      shelf.remember(store)
      tell('project:changed', { what: 'project' })
      tellLibrary()
      return store.project.get()
    },

    async 'project:duplicate'({ projectId, name }) {
      const { path } = shelf.get(projectId)
      // Through a copy of what is committed: it may be open, here or elsewhere.
      const folder = await mkdtemp(join(context.options.dataFolder, 'copy-'))
      try {
        const copy = join(folder, 'copy.tandem')
        const order = { optimizer: true, pictures: true, personal: true }
        await workOnFile({ kind: 'export', from: path, to: copy, order })
        return await takeIn(copy, name)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },

    'project:export'(order) {
      const { file, project } = desk.getStore()
      return downloads.offer(`${project.get().name}.tandem`, 'application/vnd.sqlite3', async (to) => {
        // A file that lost its name can still be saved through the connection that is open.
        if (file.isAt(file.path)) await workOnFile({ kind: 'export', from: file.path, to, order })
        else exportProject(file, to, order)
      })
    },

    async 'project:import'({ uploadId }) {
      const from = await findOnlyFile(uploads.get(uploadId))
      const entry = await takeIn(from, projectName(from))
      await uploads.discard(uploadId)
      return entry
    },

    async 'project:salvage'({ projectId }) {
      const { path, name } = shelf.get(projectId)
      await letGo(path)
      const to = shelf.freePath(`${name} (saved)`)
      const tables = await workOnFile({ kind: 'salvage', from: path, to })
      const project = await desk.open(to, { readOnly: false })
      return { project, tables }
    },

    async 'project:bin'({ projectId }) {
      await letGo(shelf.get(projectId).path)
      library.binProject(projectId, new Date().toISOString())
      tellLibrary()
      return null
    },

    'project:restore'({ projectId }) {
      library.binProject(shelf.get(projectId).id, null)
      tellLibrary()
      return null
    },

    async 'project:delete'({ projectId }) {
      const { path, name, binnedAt } = shelf.get(projectId)
      if (binnedAt === null)
        throw new AppError('misuse', `“${name}” is not in the bin, so it was not deleted.`, { hint: 'Bin it first.' })
      await letGo(path)
      assertNobodyUses(path)
      explaining(path, () => removeDatabase(path))
      library.forgetProject(projectId)
      tellLibrary()
      return null
    },

    'project:space': () => reportSpace(desk.getStore().file),
    'project:tidy': async () => ({ freedBytes: await desk.getSweeper().tidy() }),
  }
}

/** @throws StorageError where another program has it open; what is no sound project has no owner that could be asked */
function assertNobodyUses(path: string): void {
  try {
    openProjectFile(path, { access: 'write' }).close()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    if (error instanceof StorageError && (error.problem === 'locked' || error.problem === 'busy')) throw error
  }
}

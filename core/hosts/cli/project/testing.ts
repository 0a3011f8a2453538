/** Projects for the tests of the command line: filled and looked at in this process, used by real ones. */
import { createStudio } from '../../../studio/host/createStudio.ts'
import type { Studio } from '../../../studio/host/studio.ts'
import { createPlace } from '../testing.ts'
import { noComputing } from './computing.ts'
import { collectInfo, type ProjectInfo } from './info.ts'
import { finishJob } from './jobs.ts'

/** A folder with a place for the program's own data. */
export function createProjectPlace() {
  const { folder, path } = createPlace()
  const env = { TANDEM_DATA: path('data'), TANDEM_PROJECTS: path('projects'), TANDEM_HOME: path('home') }

  async function withOwnStudio<T>(use: (studio: Studio) => Promise<T>): Promise<T> {
    const studio = await createStudio({
      ...{ host: 'command-line', dataFolder: env.TANDEM_DATA, projectsFolder: env.TANDEM_PROJECTS },
      spawn: noComputing,
    })
    try {
      return await use(studio)
    } finally {
      await studio.close()
    }
  }

  return {
    ...{ folder, path, withOwnStudio },
    /** Where processes run. */
    at: { cwd: folder, env },

    /** A new project with data sets and models, named after their folders and files. */
    fill: (file: string, content: { readonly data?: readonly string[]; readonly models?: readonly string[] }) =>
      withOwnStudio(async (studio) => {
        await studio.createProjectAt(path(file))
        const { signal } = new AbortController()
        for (const name of content.data ?? []) {
          const uploadId = await studio.takeLocalFiles(path(name), 'data')
          await finishJob(studio, await studio.ask('data:import', { uploadId, name }), 'imported', { signal })
        }
        for (const name of content.models ?? [])
          await studio.ask('model:import', { uploadId: await studio.takeLocalFiles(path(name), 'model') })
      }),

    infoOf: (file: string): Promise<ProjectInfo> =>
      withOwnStudio(async (studio) => {
        await studio.openProjectAt(path(file))
        return collectInfo(studio, file)
      }),
  }
}

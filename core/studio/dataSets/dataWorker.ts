/** The thread of dataThread.ts. */
import { assertNever } from '../../domain/errors.ts'
import { openStore } from '../../storage/project/store.ts'
import { openProjectFile } from '../../storage/sqlite/projectFile.ts'
import { explainDatabase } from '../../storage/sqlite/sqliteErrors.ts'
import { answerInThread } from '../thread.ts'
import type { DataWork } from './dataThread.ts'
import { importDataSet } from './importDataSet.ts'
import { inspectUpload } from './inspect.ts'

await answerInThread(async (given, { signal, tell }) => {
  const work = given as DataWork
  switch (work.kind) {
    case 'inspect':
      return inspectUpload(work.upload, work.options)
    case 'import': {
      const file = openProjectFile(work.path, { access: { join: work.holder } })
      try {
        const { upload, order } = work
        return await importDataSet({ store: openStore(file), upload, order, signal, tell })
      } catch (error) {
        throw explainDatabase(error, work.path)
      } finally {
        file.close()
      }
    }
    default:
      return assertNever(work)
  }
})

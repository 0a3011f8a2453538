/** A thread that works on whole project files: copying, checking and salvaging gigabytes must not keep the studio from answering. */
import { assertNever } from '../../domain/errors.ts'
import { removeIncompleteCheckpoints } from '../../storage/project/incomplete.ts'
import { importProjectFile } from '../../storage/sqlite/importFile.ts'
import { openProjectFile } from '../../storage/sqlite/projectFile.ts'
import { salvageProjectFile } from '../../storage/sqlite/salvage.ts'
import { answerInThread } from '../thread.ts'
import { exportProject } from './exportProject.ts'
import type { FileWork } from './fileWork.ts'

async function perform(work: FileWork): Promise<unknown> {
  switch (work.kind) {
    case 'export': {
      const file = openProjectFile(work.from, { access: 'read' })
      try {
        return exportProject(file, work.to, work.order)
      } finally {
        file.close()
      }
    }
    case 'import':
      return importProjectFile(work.from, work.to, { name: work.name })
    case 'salvage':
      return salvageProjectFile(work.from, work.to, { mend: removeIncompleteCheckpoints })
    default:
      return assertNever(work)
  }
}

await answerInThread((work) => perform(work as FileWork))

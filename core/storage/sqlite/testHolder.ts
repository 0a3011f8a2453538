/** A process of its own that holds a project open, for tests of the lock. */
import { openProjectFile } from './projectFile.ts'

const tell = (answer: unknown) => process.send?.(answer)
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

try {
  const file = openProjectFile(process.argv[2]!, { access: 'write', program: 'the other program' })
  process.on('message', (what) => {
    try {
      if (what === 'holder') tell(file.holder)
      else if (what === 'rename')
        tell(file.write(() => file.db.prepare("UPDATE project SET name = 'Theirs'").run().changes))
      else if (what === 'begin') tell(file.db.exec("BEGIN IMMEDIATE; UPDATE project SET name = 'Half'").open)
      else if (what === 'close') {
        file.close()
        tell('closed')
      }
    } catch (error) {
      tell(messageOf(error))
    }
  })
  tell('open')
} catch (error) {
  tell(messageOf(error))
}

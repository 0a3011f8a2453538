/** A program of its own that has a project open, for tests that kill or stop it: answers requests, and tells what it is told. */
import { createStudio } from '../../studio/host/createStudio.ts'
import { forkCompute } from '../forkCompute.ts'

/** To it: first where it works, then requests by number. */
export interface Begin {
  readonly home: string
  readonly path: string
}
export interface Asked {
  readonly number: number
  readonly name: string
  readonly input: unknown
}

const tell = (message: unknown) => process.send?.(message)

process.once('message', ({ home, path }: Begin) => void serve(home, path))
process.once('disconnect', () => process.exit(0))

async function serve(home: string, path: string): Promise<void> {
  const studio = await createStudio({
    host: 'command-line',
    dataFolder: home,
    projectsFolder: home,
    spawn: () => forkCompute(),
  })
  studio.listen((name, payload) => tell({ kind: 'told', name, payload }))
  process.on('message', ({ number, name, input }: Asked) => {
    void studio.request(name, input).then((reply) => tell({ kind: 'answered', number, reply }))
  })
  await studio.openProjectAt(path)
  tell({ kind: 'open' })
}

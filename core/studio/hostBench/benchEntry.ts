/** The computing process as the bench starts it: the program's own, which also tells how long a training computes between two pauses. */
import { openEngine } from '../../compute/engine.ts'
import type { Turn } from '../computing/process/context.ts'
import { ownPort } from '../computing/process/ownPort.ts'
import { runWork } from '../computing/process/runWork.ts'
import { serveHost } from '../computing/process/serveHost.ts'
import type { Stretch } from './watchedPort.ts'

const port = ownPort()

serveHost(port, {
  openEngine,
  runWork: (work, context, turn) => runWork(work, context, work.kind === 'train' ? timed(turn) : turn),
  leave: (code) => process.exit(code),
})

function timed(turn: Turn): Turn {
  let began = performance.now()
  return {
    jobId: turn.jobId,
    takeWish: () => turn.takeWish(),
    async pause() {
      port.send({ kind: 'stretch', ms: performance.now() - began } satisfies Stretch)
      await turn.pause()
      began = performance.now()
    },
  }
}

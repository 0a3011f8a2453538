/** The computing process: started by a host, with a way to talk to it. */
import { openEngine } from '../../../compute/engine.ts'
import { ownPort } from './ownPort.ts'
import { runWork } from './runWork.ts'
import { serveHost } from './serveHost.ts'

serveHost(ownPort(), { openEngine, runWork, leave: (code) => process.exit(code) })

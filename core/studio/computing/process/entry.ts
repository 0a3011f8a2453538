/** The computing process: started by a host, with a way to talk to it. */
import { openEngine, trustingMachine } from '../../../compute/engine.ts'
import { isUtilityProcess, ownPort } from './ownPort.ts'
import { runWork } from './runWork.ts'
import { serveHost } from './serveHost.ts'

serveHost(ownPort(), {
  // A utility process can start no other: its host has tried the engine before.
  openEngine: (options) => (isUtilityProcess() ? openEngine(options, trustingMachine) : openEngine(options)),
  runWork,
  leave: (code) => process.exit(code),
})

/** The computing process: started by a host, with a way to talk to it. */
import { openEngine, trustingMachine } from '../../../compute/engine.ts'
import { isUtilityProcess, ownPort } from './ownPort.ts'
import { runWork } from './runWork.ts'
import { serveHost } from './serveHost.ts'

// A terminal tells everybody in it to stop. This process goes on until its host has had its checkpoint and asks it to leave, or is gone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

serveHost(ownPort(), {
  // A utility process can start no other: its host has tried the engine before.
  openEngine: (options) => (isUtilityProcess() ? openEngine(options, trustingMachine) : openEngine(options)),
  runWork,
  leave: (code) => process.exit(code),
})

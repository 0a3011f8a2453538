/** The computing process as an Electron utility process; `core/hosts/forkCompute.ts` is its twin for plain Node. */
import { utilityProcess } from 'electron'
import { fileURLToPath } from 'node:url'
import type { ProcessPort } from '../core/contract/port.ts'
import { moduleBeside } from '../core/domain/moduleBeside.ts'

export function forkCompute(): ProcessPort {
  const entry = fileURLToPath(moduleBeside(import.meta.url, '../core/studio/computing/process/entry'))
  const child = utilityProcess.fork(entry, [], { serviceName: 'Tandem Studio computing', stdio: 'inherit' })
  return {
    get pid() {
      return child.pid
    },
    send: (message) => child.postMessage(message),
    onMessage(listener) {
      child.on('message', listener)
      return () => void child.off('message', listener)
    },
    onGone: (listener) => void child.once('exit', (code) => listener(`exit code ${code}`)),
    kill: () => void child.kill(),
  }
}

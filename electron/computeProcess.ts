/** The computing process as an Electron utility process; `core/hosts/forkCompute.ts` is its twin for plain Node. */
import { utilityProcess } from 'electron'
import { fileURLToPath } from 'node:url'
import type { ProcessPort } from '../core/contract/port.ts'
import { endAtOnce } from './endAtOnce.ts'
import { moduleBeside } from '../core/domain/moduleBeside.ts'

/** Of what it wrote last, in characters. */
const MOST_WORDS = 65_536

export function forkCompute(): ProcessPort {
  const entry = fileURLToPath(moduleBeside(import.meta.url, '../core/studio/computing/process/entry'))
  const child = utilityProcess.fork(entry, [], { serviceName: 'Tandem Studio computing', stdio: 'pipe' })
  // Read, so that a library that prints much is never held up.
  child.stdout?.resume()
  let words = ''
  child.stderr?.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-MOST_WORDS)))
  return {
    lastWords: () => words,
    get pid() {
      return child.pid
    },
    send: (message) => child.postMessage(message),
    onMessage(listener) {
      child.on('message', listener)
      return () => void child.off('message', listener)
    },
    onGone: (listener) => void child.once('exit', (code) => listener(`exit code ${code}`)),
    kill: () => endAtOnce(child),
  }
}

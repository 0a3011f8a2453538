/** The computing process as a child of Node. Electron has a twin with the same interface. */
import { fork } from 'node:child_process'
import { moduleBeside } from '../domain/moduleBeside.ts'
import type { ProcessPort } from '../contract/port.ts'

/** Of what it wrote last, in characters. */
const MOST_WORDS = 65_536
/** For a process that hung up to end by itself. */
const HANG_UP_MS = 2000
/** What would change how Node starts: debuggers, loaders, the package manager's own. Everything that drivers and engines read stays. */
const NOT_INHERITED = /^(NODE_|npm_|ELECTRON_|VITEST)/i

const ownEntry = moduleBeside(import.meta.url, '../studio/computing/process/entry')

/** @param entry the program that it runs */
export function forkCompute(entry: URL = ownEntry): ProcessPort {
  const child = fork(entry, {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name))),
  })
  let words = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-MOST_WORDS)
  })
  return {
    pid: child.pid,
    lastWords: () => words,
    send(message) {
      // Whether it is gone is told by its end alone.
      if (child.connected) child.send(message as object, () => undefined)
    },
    onMessage(listener) {
      child.on('message', listener)
      return () => void child.off('message', listener)
    },
    onGone(listener) {
      let told = false
      let hungUp = false
      const tell = (reason: string) => {
        if (told) return
        told = true
        listener(reason)
      }
      // `close` comes after the last message was read, `exit` may come before it.
      child.once('close', (code, signal) => {
        if (hungUp) tell('it hung up')
        else tell(signal === null ? `exit code ${code}` : `signal ${signal}`)
      })
      // One that hung up is ending, or is of no more use.
      child.once('disconnect', () => {
        const grace = setTimeout(() => (hungUp = child.kill('SIGKILL')), HANG_UP_MS)
        child.once('close', () => clearTimeout(grace))
      })
      child.on('error', (error) => {
        if (child.pid === undefined) tell(`it could not be started: ${error.message}`)
      })
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

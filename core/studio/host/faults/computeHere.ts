/** The real computing process, but in the process of a test: the same messages through two ends of one pipe, the same engine, the same files. */
import { openEngine, type Engine } from '../../../compute/engine.ts'
import type { OwnPort } from '../../computing/process/ownPort.ts'
import { runWork } from '../../computing/process/runWork.ts'
import { serveHost } from '../../computing/process/serveHost.ts'
import type { ProcessPort } from '../../../contract/port.ts'

type Hear = (message: unknown) => void

/** One for all of them: an engine that was closed cannot be opened again in the same process. */
let engine: Promise<Engine> | undefined

export function computeHere(): ProcessPort {
  const [toHost, toCompute] = [createPipe(), createPipe()]
  const gone = Promise.withResolvers<string>()
  const own: OwnPort = {
    send: toHost.send,
    onMessage: toCompute.listen,
    onGone: () => undefined,
    isBehind: () => false,
    drained: () => new Promise(setImmediate),
  }
  let words = ''
  serveHost(own, {
    openEngine: async (options) => ({ ...(await (engine ??= openEngine(options))), close: () => undefined }),
    runWork,
    leave: (code) => gone.resolve(`exit code ${code}`),
    write: (text) => void (words += text),
  })
  return {
    pid: process.pid,
    lastWords: () => words,
    send: toCompute.send,
    onMessage: toHost.listen,
    onGone: (listener) => void gone.promise.then(listener),
    kill: () => gone.resolve('signal SIGKILL'),
  }
}

/** Messages arrive later, in order, as copies. */
function createPipe() {
  const listeners = new Set<Hear>()
  return {
    send(message: unknown): void {
      const copy: unknown = structuredClone(message)
      setImmediate(() => {
        for (const hear of listeners) hear(copy)
      })
    },
    listen(hear: Hear): () => void {
      listeners.add(hear)
      return () => listeners.delete(hear)
    },
  }
}

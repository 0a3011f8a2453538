/** What computes for a command: a process with the engine that the command names, or nothing at all. */
import type { FromCompute, ToCompute } from '../../../contract/computeProtocol.ts'
import type { ProcessPort } from '../../../contract/port.ts'
import { forkCompute } from '../../forkCompute.ts'
import type { SharedOptions } from '../options.ts'
import { assertAtMost, most } from './limits.ts'

export type Spawn = () => ProcessPort

/** The engine of the settings where none is named. The settings stay as they are. @throws AppError misuse */
export function computingWith({ engine, threads }: Pick<SharedOptions, 'engine' | 'threads'> = {}): Spawn {
  assertAtMost('--threads', threads, most.threads)
  return () => {
    const port = forkCompute()
    return {
      ...port,
      send(raw) {
        const message = raw as ToCompute
        if (message.kind !== 'begin') return port.send(message)
        port.send({ ...message, engine: engine ?? message.engine, threads: threads ?? message.threads })
      },
    }
  }
}

/** For commands that draw nothing and learn nothing: no engine is opened. */
export function noComputing(): ProcessPort {
  let hear: (message: FromCompute) => void = () => undefined
  let tellGone: (reason: string) => void = () => undefined
  return {
    pid: undefined,
    send(raw) {
      if ((raw as ToCompute).kind !== 'begin') return
      hear({ kind: 'refused', message: 'This command computes nothing.', hint: null })
      tellGone('nothing to do')
    },
    onMessage(listener) {
      hear = listener
      return () => undefined
    },
    onGone(listener) {
      tellGone = listener
    },
    kill: () => undefined,
  }
}

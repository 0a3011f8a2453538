/** The way to the host that started this process: Node's child_process.fork or Electron's utilityProcess. */
import type { Port } from '../../../contract/port.ts'

export interface OwnPort extends Port {
  /** The other side has not read what it was sent. */
  isBehind(): boolean
  /** Settles when everything that was sent is out of this process. */
  drained(): Promise<void>
}

/** What Electron's utility processes have. It says nothing of what is still on its way, and ends its processes by itself. */
interface ParentPort {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void
  off(event: 'message', listener: (event: { readonly data: unknown }) => void): void
  postMessage(message: unknown): void
}

/** Messages on their way that are not yet a backlog. */
const FEW = 4
/** For a port that does not say when its messages are out. */
const OUT_MS = 200

export function isUtilityProcess(): boolean {
  return 'parentPort' in process
}

/** @throws Error when nobody started this process to talk to it */
export function ownPort(): OwnPort {
  const { parentPort } = process as { readonly parentPort?: ParentPort }
  if (parentPort) return utilityPort(parentPort)
  if (process.send) return forkedPort()
  throw new Error('this program is started by a host, with a way to talk to it')
}

function utilityPort(port: ParentPort): OwnPort {
  return {
    send: (message) => port.postMessage(message),
    onMessage(listener) {
      const hear = ({ data }: { readonly data: unknown }) => listener(data)
      port.on('message', hear)
      return () => port.off('message', hear)
    },
    onGone: () => undefined,
    isBehind: () => false,
    drained: () => new Promise((resolve) => void setTimeout(resolve, OUT_MS)),
  }
}

function forkedPort(): OwnPort {
  let onTheWay = 0
  let waiting: (() => void)[] = []
  const arrived = () => {
    onTheWay -= 1
    if (onTheWay > 0) return
    for (const go of waiting) go()
    waiting = []
  }
  return {
    send(message) {
      onTheWay += 1
      // With a callback a closed channel is no exception: the port says by itself that the host is gone.
      process.send?.(message, undefined, undefined, arrived)
    },
    onMessage(listener) {
      process.on('message', listener)
      return () => process.off('message', listener)
    },
    onGone(listener) {
      const tell = () => listener('the host closed the channel')
      if (process.connected) process.once('disconnect', tell)
      else setImmediate(tell)
    },
    isBehind: () => onTheWay > FEW,
    drained: () => (onTheWay === 0 ? Promise.resolve() : new Promise((resolve) => void waiting.push(resolve))),
  }
}

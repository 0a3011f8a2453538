/** The contract over a WebSocket. A request that was under way when the line broke is answered with an error: it may or may not have been done. */
import { decode, encode } from '@msgpack/msgpack'
import type { EventName } from '../../core/contract/events.ts'
import type { Reply } from '../../core/contract/reply.ts'
import type { Link, Studio } from './studio.ts'

const FIRST_RETRY_MS = 250
const LAST_RETRY_MS = 4000

type Answer =
  | { readonly kind: 'reply'; readonly id: number; readonly reply: Reply<unknown> }
  | { readonly kind: 'event'; readonly name: EventName; readonly payload: unknown }

const broken: Reply<never> = {
  ok: false,
  error: {
    code: 'cancelled',
    message: 'The connection to the studio was lost.',
    hint: 'It is tried again by itself. Check that the program still runs.',
  },
}

export function connectSocket(address: URL): Studio {
  const listeners = new Map<EventName, Set<(payload: never) => void>>()
  const watchers = new Set<(link: Link) => void>()
  const waiting = new Map<number, (reply: Reply<never>) => void>()
  let link: Link = 'connecting'
  let socket: WebSocket
  let opened: Promise<void>
  let nextId = 1
  let retryMs = FIRST_RETRY_MS

  const setLink = (now: Link) => {
    link = now
    for (const watch of watchers) watch(now)
  }
  const open = () => {
    socket = new WebSocket(address)
    socket.binaryType = 'arraybuffer'
    opened = new Promise((resolve) => socket.addEventListener('open', () => resolve()))
    socket.addEventListener('open', () => {
      retryMs = FIRST_RETRY_MS
      setLink('open')
    })
    socket.addEventListener('message', ({ data }) => receive(decode(data as ArrayBuffer) as Answer))
    socket.addEventListener('close', () => {
      setLink('lost')
      for (const answer of waiting.values()) answer(broken)
      waiting.clear()
      setTimeout(open, retryMs)
      retryMs = Math.min(LAST_RETRY_MS, 2 * retryMs)
    })
  }
  const receive = (answer: Answer) => {
    if (answer.kind === 'event') {
      for (const listen of listeners.get(answer.name) ?? []) listen(answer.payload as never)
      return
    }
    waiting.get(answer.id)?.(answer.reply as Reply<never>)
    waiting.delete(answer.id)
  }
  open()

  return {
    async request(name, input) {
      if (link === 'lost') return broken
      await opened
      const id = nextId++
      return new Promise((resolve) => {
        waiting.set(id, resolve)
        socket.send(encode({ id, name, input }, { ignoreUndefined: true }))
      })
    },
    on(name, listener) {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set)
      set.add(listener)
      return () => void set.delete(listener)
    },
    onLink(listener) {
      watchers.add(listener)
      listener(link)
      return () => void watchers.delete(listener)
    },
  }
}

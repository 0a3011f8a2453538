/** The studio as pages see it, whichever host is behind: Electron's bridge, or a WebSocket that finds its way back by itself. */
import { connectSocket } from './socket.ts'
import type { Studio } from './studio.ts'

/** What a preload script offers. */
export type Bridge = Omit<Studio, 'onLink'>

declare global {
  interface Window {
    readonly studio?: Bridge
  }
}

export function connectStudio(): Studio {
  const bridge = window.studio
  if (bridge === undefined) return connectSocket(new URL('./socket', location.href.replace(/^http/, 'ws')))
  return {
    request: (name, input) => bridge.request(name, input),
    on: (name, listener) => bridge.on(name, listener),
    onLink(listener) {
      listener('open')
      return () => undefined
    },
  }
}

/**
 * Runs in the page before its own scripts: gives the preload script an `electron` to require, then takes away what it used. Only in the main
 * frame, like Electron's own default. It is sent as text, so it uses nothing from outside.
 */
export function runPreload({ code, key }: { code: string; key: string }): void {
  if (window.top !== window) return
  type Call = (message: string) => Promise<string>
  const call = Reflect.get(window, `${key}Call`) as Call
  Reflect.deleteProperty(window, `${key}Call`)
  const pack = (value: unknown) =>
    JSON.stringify(value, (_name, part: unknown) =>
      part instanceof Uint8Array
        ? { $bytes: btoa(Array.from(part, (byte) => String.fromCharCode(byte)).join('')) }
        : part,
    )
  const unpack = (text: string): unknown =>
    JSON.parse(text, (_name, part: unknown) =>
      typeof part === 'object' && part !== null && '$bytes' in part
        ? Uint8Array.from(atob(String(part.$bytes)), (letter) => letter.charCodeAt(0))
        : part,
    )
  const listeners = new Map<string, Set<(...told: unknown[]) => void>>()
  const ipcRenderer = {
    async invoke(channel: string, ...args: unknown[]): Promise<unknown> {
      const answer = unpack(await call(pack({ channel, args }))) as { value?: unknown; error?: string }
      if (answer.error !== undefined) throw new Error(answer.error)
      return answer.value
    },
    on(channel: string, listener: (...told: unknown[]) => void): void {
      listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener))
    },
    off: (channel: string, listener: (...told: unknown[]) => void) => void listeners.get(channel)?.delete(listener),
  }
  const contextBridge = {
    exposeInMainWorld: (name: string, api: object) =>
      Object.defineProperty(window, name, {
        value: Object.freeze(api),
        writable: false,
        configurable: false,
        enumerable: true,
      }),
  }
  Object.defineProperty(window, `${key}Tell`, {
    value: (channel: string, packed: string) => {
      const args = unpack(packed) as unknown[]
      for (const listen of listeners.get(channel) ?? []) listen({ sender: 'hidden' }, ...args)
    },
  })
  const open = window.open.bind(window)
  window.open = (url, ...rest) => {
    void call(pack({ opening: String(url) })).then((answer) => {
      if ((unpack(answer) as { value: boolean }).value) open(url, ...rest)
    })
    return null
  }
  const require = (name: string) => {
    if (name === 'electron') return { contextBridge, ipcRenderer }
    throw new Error(`a sandboxed preload script cannot require ${name}`)
  }
  new Function('require', 'module', 'exports', code)(require, { exports: {} }, {})
}

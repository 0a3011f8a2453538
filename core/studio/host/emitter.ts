/** One way out for everything that is told unasked. A listener that throws is written down and disturbs nobody else. */
import type { Tell } from '../../contract/events.ts'
import type { Listener } from './studio.ts'

export interface Emitter {
  readonly tell: Tell
  /** @returns stops listening */
  listen(listener: Listener): () => void
}

export function createEmitter(onFailure: (error: unknown) => void): Emitter {
  const listeners = new Set<{ readonly hear: Listener }>()
  return {
    tell(name, payload) {
      for (const { hear } of [...listeners])
        try {
          hear(name, payload)
        } catch (error) {
          onFailure(error)
        }
    },
    listen(hear) {
      const listener = { hear }
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** The one object that pages get: requests, events, and nothing else of Electron or Node. */
import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron'
import type { EventName, Events } from '../core/contract/events.ts'
import type { Reply } from '../core/contract/reply.ts'
import { channels } from './channels.ts'

contextBridge.exposeInMainWorld('studio', {
  /** An unknown name is refused by the host. */
  request: (name: string, input: unknown): Promise<Reply<unknown>> => ipcRenderer.invoke(channels.request, name, input),
  /** @returns stops listening */
  on<E extends EventName>(name: E, listener: (payload: Events[E]) => void): () => void {
    // Electron's own event object stays here: it would hand the page the sender.
    const forward = (_event: IpcRendererEvent, told: string, payload: Events[E]) => {
      if (told === name) listener(payload)
    }
    ipcRenderer.on(channels.event, forward)
    return () => void ipcRenderer.off(channels.event, forward)
  },
})

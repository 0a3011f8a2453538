/** Requests of windows to the studio, and its events to windows. */
import { BrowserWindow, ipcMain, type IpcMainInvokeEvent } from 'electron'
import type { Reply } from '../core/contract/reply.ts'
import type { Studio } from '../core/studio/host/studio.ts'
import { origin } from './appScheme.ts'
import { channels } from './channels.ts'

export function answerRequests(studio: Studio): void {
  ipcMain.handle(channels.request, (event, name: unknown, input: unknown): Promise<Reply<unknown>> | Reply<unknown> => {
    if (!isOwnPage(event))
      return { ok: false, error: { code: 'misuse', message: 'This page may not ask.', hint: null } }
    return studio.request(String(name), input)
  })
}

export function forwardEvents(studio: Studio): void {
  studio.listen((name, payload) => {
    for (const window of BrowserWindow.getAllWindows())
      if (!window.isDestroyed()) window.webContents.send(channels.event, name, payload)
  })
}

/** The main frame of a window of ours, on our own origin. */
function isOwnPage({ senderFrame, sender }: IpcMainInvokeEvent): boolean {
  return senderFrame !== null && senderFrame === sender.mainFrame && senderFrame.url.startsWith(`${origin}/`)
}

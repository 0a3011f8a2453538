/** What `import ... from 'electron'` gives in the double. */
import { randomInt } from 'node:crypto'
import { answerTests } from './control.ts'
import { app } from './app.ts'
import { BrowserWindow } from './browserWindow.ts'
import { ipcMain } from './ipcMain.ts'
import { Menu } from './menu.ts'
import { protocol, session } from './session.ts'
import { utilityProcess } from './utilityProcess.ts'

export { app, BrowserWindow, ipcMain, Menu, protocol, session, utilityProcess }

/** Cancelled, unless a test puts its own answer in the place. */
export const dialog = {
  showOpenDialog: () => Promise.resolve({ canceled: true, filePaths: [] as string[] }),
  showSaveDialog: () => Promise.resolve({ canceled: true, filePath: '' }),
  showErrorBox: (title: string, content: string) => void process.stderr.write(`${title}: ${content}\n`),
  showMessageBox: (_window: unknown, { cancelId = 0 }: { cancelId?: number }) =>
    Promise.resolve({ response: cancelId, checkboxChecked: false }),
}

const blockers = new Set<number>()
export const powerSaveBlocker = {
  start(): number {
    const id = randomInt(1, 2 ** 30)
    blockers.add(id)
    return id
  },
  stop: (id: number) => blockers.delete(id),
  isStarted: (id: number) => blockers.has(id),
  /** The double's own. */
  count: () => blockers.size,
}

export const screen = {
  getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }],
}

export const crashReporter = { start: () => undefined }

answerTests({ app, BrowserWindow, dialog, ipcMain, Menu, powerSaveBlocker, protocol, session })

/** The one window: where it was last time, and no door to Node or to other sites. */
import { BrowserWindow, screen } from 'electron'
import { join } from 'node:path'
import type { Studio } from '../core/studio/host/studio.ts'
import { origin } from './appScheme.ts'

const smallest = { width: 720, height: 520 } as const
const first = { width: 1280, height: 800 } as const

export async function openWindow(studio: Studio): Promise<BrowserWindow> {
  const remembered = studio.window.get()
  const window = new BrowserWindow({
    ...(remembered === undefined ? first : visiblePart(remembered)),
    ...{ minWidth: smallest.width, minHeight: smallest.height },
    title: 'Tandem Studio',
    show: false,
    backgroundColor: '#2a2a2a',
    webPreferences: {
      preload: join(import.meta.dirname, 'preload.cjs'),
      ...{ contextIsolation: true, sandbox: true, nodeIntegration: false, nodeIntegrationInWorker: false },
      ...{ webviewTag: false, webSecurity: true, spellcheck: false, navigateOnDragDrop: false },
    },
  })
  if (remembered?.maximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  await window.loadURL(`${origin}/`)
  return window
}

/** Before the studio is closed. */
export function rememberPlace(studio: Studio, window: BrowserWindow): void {
  studio.window.set({ ...window.getNormalBounds(), maximized: window.isMaximized() })
}

/** A screen that was unplugged must not keep the window: then the system finds a place. */
function visiblePart(bounds: { x: number; y: number; width: number; height: number }) {
  const { x, y } = bounds
  const size = { width: Math.max(smallest.width, bounds.width), height: Math.max(smallest.height, bounds.height) }
  const isVisible = screen.getAllDisplays().some(({ workArea }) => {
    const across = x < workArea.x + workArea.width && x + size.width > workArea.x
    return across && y < workArea.y + workArea.height && y + size.height > workArea.y
  })
  return isVisible ? { x, y, ...size } : size
}

/** The one window: where it was last time, and no door to Node or to other sites. */
import { BrowserWindow, screen } from 'electron'
import { join } from 'node:path'
import { z } from 'zod'
import type { Studio } from '../core/studio/host/studio.ts'
import { origin } from './appScheme.ts'

const smallest = { width: 720, height: 520 } as const
const placeSchema = z.object({
  ...{ x: z.number().optional(), y: z.number().optional() },
  ...{ width: z.number().min(smallest.width), height: z.number().min(smallest.height), maximized: z.boolean() },
})
type Place = z.infer<typeof placeSchema>

export async function openWindow(studio: Studio): Promise<BrowserWindow> {
  const { maximized, ...bounds } = await rememberedPlace(studio)
  const window = new BrowserWindow({
    ...bounds,
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
  if (maximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  window.on('close', () => void rememberPlace(studio, window))
  await window.loadURL(`${origin}/`)
  return window
}

async function rememberedPlace(studio: Studio): Promise<Place> {
  const { pages } = await studio.ask('settings:get', {})
  const place = placeSchema.safeParse(pages['window'])
  if (!place.success) return { width: 1280, height: 800, maximized: false }
  const { x, y, width, height, maximized } = place.data
  // A screen that was unplugged must not keep the window.
  const visible =
    x !== undefined &&
    y !== undefined &&
    screen.getAllDisplays().some(({ workArea }) => {
      return (
        x < workArea.x + workArea.width && x + width > workArea.x && y >= workArea.y && y < workArea.y + workArea.height
      )
    })
  return visible ? { x, y, width, height, maximized } : { width, height, maximized }
}

async function rememberPlace(studio: Studio, window: BrowserWindow): Promise<void> {
  const place: Place = { ...window.getNormalBounds(), maximized: window.isMaximized() }
  const { pages } = await studio.ask('settings:get', {})
  await studio.ask('settings:change', { pages: { ...pages, window: place } })
}

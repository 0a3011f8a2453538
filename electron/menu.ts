/** The menu bar. What pages can do is in the pages; here is what only the system's menu offers. */
import { type BrowserWindow, Menu, type MenuItemConstructorOptions } from 'electron'
import type { Studio } from '../core/studio/host/studio.ts'
import { chooseProject, createProject } from './dialogs.ts'

export function setMenu(window: BrowserWindow, studio: Studio): void {
  const onMac = process.platform === 'darwin'
  const template: MenuItemConstructorOptions[] = [
    ...(onMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        { label: 'New project…', accelerator: 'CmdOrCtrl+N', click: () => void createProject(window, studio) },
        { label: 'Open project…', accelerator: 'CmdOrCtrl+O', click: () => void chooseProject(window, studio) },
        { label: 'Close project', click: () => void studio.request('project:close', {}) },
        { type: 'separator' },
        { role: onMac ? 'close' : 'quit' },
      ],
    },
    // Undo and redo belong to the canvas; these serve text fields.
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        { role: 'toggleDevTools' },
      ],
    },
    { role: 'windowMenu' },
    ...(onMac ? [] : [{ label: '&Help', submenu: [{ role: 'about' } as const] }]),
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}

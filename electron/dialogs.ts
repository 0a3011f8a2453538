/** The system's own dialogs: they name files to the studio, pages never do. */
import { type BrowserWindow, dialog } from 'electron'
import { AppError } from '../core/domain/errors.ts'
import type { Studio } from '../core/studio/host/studio.ts'

const projectFiles = [{ name: 'Tandem Studio project', extensions: ['tandem'] }]

export async function chooseProject(window: BrowserWindow, studio: Studio): Promise<void> {
  const { filePaths } = await dialog.showOpenDialog(window, { properties: ['openFile'], filters: projectFiles })
  if (filePaths[0] !== undefined) await openProject(window, studio, filePaths[0])
}

export async function createProject(window: BrowserWindow, studio: Studio): Promise<void> {
  const { filePath } = await dialog.showSaveDialog(window, { defaultPath: 'Untitled.tandem', filters: projectFiles })
  if (filePath) await tellTrouble(window, () => studio.createProjectAt(filePath))
}

/** From a dialog, a double click on a file, or the command line. A project that another program holds can be looked at. */
export async function openProject(window: BrowserWindow, studio: Studio, path: string): Promise<void> {
  await tellTrouble(window, () => studio.openProjectAt(path))
}

async function tellTrouble(window: BrowserWindow, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    await dialog.showMessageBox(window, { type: 'warning', message: error.message, detail: error.hint ?? '' })
  }
}

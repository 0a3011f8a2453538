/** The system's own dialogs: they name files to the studio, pages never do. */
import { BrowserWindow, dialog } from 'electron'
import { AppError } from '../core/domain/errors.ts'
import type { Studio, UploadPurpose } from '../core/studio/host/studio.ts'

const projectFiles = [{ name: 'Tandem Studio project', extensions: ['tandem'] }]
const filters: Record<UploadPurpose, Electron.FileFilter[]> = {
  data: [],
  picture: [{ name: 'Pictures', extensions: ['png', 'jpg', 'jpeg', 'webp'] }],
  project: projectFiles,
  model: [{ name: 'Models', extensions: ['safetensors'] }],
}

/** A folder of pictures, or one file. */
export async function chooseFiles(purpose: UploadPurpose): Promise<string | undefined> {
  const options = {
    properties: [purpose === 'data' ? 'openDirectory' : 'openFile'] as const,
    filters: filters[purpose],
  }
  const window = BrowserWindow.getAllWindows().at(0)
  const settings = { ...options, properties: [...options.properties] }
  const { filePaths } = await (window ? dialog.showOpenDialog(window, settings) : dialog.showOpenDialog(settings))
  return filePaths.at(0)
}

export async function chooseProject(window: BrowserWindow, studio: Studio): Promise<void> {
  const { filePaths } = await dialog.showOpenDialog(window, { properties: ['openFile'], filters: projectFiles })
  if (filePaths[0] !== undefined) await openProject(window, studio, filePaths[0])
}

export async function createProject(window: BrowserWindow, studio: Studio): Promise<void> {
  const { filePath } = await dialog.showSaveDialog(window, { defaultPath: 'Untitled.tandem', filters: projectFiles })
  if (!filePath) return
  await studio.createProjectAt(filePath).catch((error: unknown) => tell(window, error, ['Close']))
}

/** From a dialog, a double click on a file, or the command line. What cannot be written to may still be looked at. */
export async function openProject(window: BrowserWindow, studio: Studio, path: string): Promise<void> {
  try {
    await studio.openProjectAt(path)
  } catch (error) {
    const look = error instanceof AppError && error.code === 'storage-failed'
    const response = await tell(window, error, look ? ['Close', 'Open to look only'] : ['Close'])
    if (response === 1)
      await studio.openProjectAt(path, { readOnly: true }).catch((again: unknown) => tell(window, again, ['Close']))
  }
}

/** @returns the button */
async function tell(window: BrowserWindow, error: unknown, buttons: string[]): Promise<number> {
  if (!(error instanceof AppError)) throw error
  const { message, hint = '' } = error
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    message,
    detail: hint,
    buttons,
    cancelId: 0,
  })
  return response
}

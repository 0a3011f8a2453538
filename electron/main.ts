/** Electron's main process: puts the studio and a window together. It holds no logic of its own. */
import { app, type BrowserWindow, crashReporter, dialog } from 'electron'
import { join, resolve } from 'node:path'
import { AppError } from '../core/domain/errors.ts'
import { createStudio } from '../core/studio/host/createStudio.ts'
import { pagesFolder } from '../core/hosts/pagesFolder.ts'
import { dataFolder, projectsFolder } from '../core/studio/places.ts'
import { registerAppScheme, serveAppScheme } from './appScheme.ts'
import { showTraining } from './attention.ts'
import { forkCompute } from './computeProcess.ts'
import { chooseFiles, openProject } from './dialogs.ts'
import { setMenu } from './menu.ts'
import { askBeforeQuitting } from './quitting.ts'
import { answerRequests, forwardEvents } from './requests.ts'
import { startInUtility } from './scripts.ts'
import { guardPages, guardSession } from './security.ts'
import { openWindow } from './window.ts'

app.setName('Tandem Studio')
app.setPath('userData', join(dataFolder(), 'electron'))
// Dumps stay on this machine; nothing is sent anywhere.
crashReporter.start({ uploadToServer: false })
registerAppScheme()
guardPages()

// One project, one computing process: a second start hands its file over and leaves.
if (app.requestSingleInstanceLock()) start().catch(giveUp)
else app.quit()

async function start(): Promise<void> {
  // A double click on a file, or a second start, may come before there is a window to show it in.
  const waiting = projectsIn(process.argv, process.cwd())
  let open = (path: string) => void waiting.push(path)
  let show = () => {}
  app.on('open-file', (event, path) => {
    event.preventDefault()
    open(path)
  })
  app.on('second-instance', (_event, argv, workingDirectory) => {
    show()
    for (const path of projectsIn(argv, workingDirectory)) open(path)
  })
  await app.whenReady()
  guardSession()
  const studio = await createStudio({
    host: 'electron',
    dataFolder: dataFolder(),
    projectsFolder: projectsFolder(),
    spawn: forkCompute,
    startScript: startInUtility,
    chooseFiles,
  })
  serveAppScheme(studio, pagesFolder())
  answerRequests(studio)
  forwardEvents(studio)
  const window = await openWindow(studio)
  setMenu(window, studio)
  showTraining(studio, window)
  askBeforeQuitting(studio, window)
  show = () => bringToFront(window)
  app.on('activate', show)
  open = (path) => void openProject(window, studio, path)
  waiting.forEach(open)
}

/** Without a studio there is nothing to show: say why, and let the next start try again. */
function giveUp(error: unknown): void {
  const known = error instanceof AppError
  dialog.showErrorBox('Tandem Studio cannot start', known ? `${error.message}\n\n${error.hint ?? ''}` : String(error))
  app.exit(1)
}

function bringToFront(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}

function projectsIn(argv: readonly string[], folder: string): string[] {
  return argv
    .slice(1)
    .filter((argument) => argument.endsWith('.tandem'))
    .map((path) => resolve(folder, path))
}

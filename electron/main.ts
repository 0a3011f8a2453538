/** Electron's main process: puts the studio and a window together. It holds no logic of its own. */
import { app, type BrowserWindow, crashReporter } from 'electron'
import { join } from 'node:path'
import { createStudio } from '../core/studio/host/createStudio.ts'
import { pagesFolder } from '../core/hosts/pagesFolder.ts'
import { dataFolder, projectsFolder } from '../core/studio/places.ts'
import { registerAppScheme, serveAppScheme } from './appScheme.ts'
import { showTraining } from './attention.ts'
import { forkCompute } from './computeProcess.ts'
import { openProject } from './dialogs.ts'
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
if (app.requestSingleInstanceLock()) void start()
else app.quit()

async function start(): Promise<void> {
  // A double click on a file may come before there is a window to show it in.
  const waiting = projectsIn(process.argv)
  let open = (path: string) => void waiting.push(path)
  app.on('open-file', (event, path) => {
    event.preventDefault()
    open(path)
  })
  await app.whenReady()
  guardSession()
  const studio = await createStudio({
    host: 'electron',
    dataFolder: dataFolder(),
    projectsFolder: projectsFolder(),
    spawn: forkCompute,
    startScript: startInUtility,
  })
  serveAppScheme(studio, pagesFolder())
  answerRequests(studio)
  forwardEvents(studio)
  const window = await openWindow(studio)
  setMenu(window, studio)
  showTraining(studio, window)
  askBeforeQuitting(studio, window)
  app.on('second-instance', (_event, argv) => {
    bringToFront(window)
    projectsIn(argv).forEach(open)
  })
  app.on('activate', () => bringToFront(window))
  open = (path) => void openProject(window, studio, path)
  waiting.forEach(open)
}

function bringToFront(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}

function projectsIn(argv: readonly string[]): string[] {
  return argv.slice(1).filter((argument) => argument.endsWith('.tandem'))
}

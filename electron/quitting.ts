/** Leaving: with a training under way the person decides; whatever is decided, the project is closed before the program ends. */
import { app, type BrowserWindow, dialog } from 'electron'
import type { Studio } from '../core/studio/host/studio.ts'
import { rememberPlace } from './window.ts'

const buttons = ['Checkpoint and quit', 'Continue in background', 'Cancel']
const [QUIT, BACKGROUND] = [0, 1]

export function askBeforeQuitting(studio: Studio, window: BrowserWindow): void {
  let closing: 'no' | 'asked' | 'yes' = 'no'

  const leave = async () => {
    closing = 'asked'
    if (studio.hasRunningTraining()) {
      const { response } = await dialog.showMessageBox(window, {
        type: 'question',
        message: 'A training is running.',
        detail: 'It can go on without a window, or save a checkpoint now and go on from there next time.',
        buttons,
        defaultId: QUIT,
        cancelId: 2,
      })
      if (response === BACKGROUND) window.hide()
      if (response !== QUIT) {
        closing = 'no'
        return
      }
    }
    try {
      rememberPlace(studio, window)
      await studio.close()
    } finally {
      closing = 'yes'
      app.quit()
    }
  }

  const intercept = (event: { preventDefault(): void }) => {
    if (closing === 'yes') return
    event.preventDefault()
    if (closing === 'no') void leave()
  }
  window.on('close', intercept)
  app.on('before-quit', intercept)
}

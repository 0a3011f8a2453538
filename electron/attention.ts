/** While a training runs: the machine stays awake, and the taskbar shows how far it is. */
import { type BrowserWindow, powerSaveBlocker } from 'electron'
import type { Studio } from '../core/studio/host/studio.ts'

const NO_PROGRESS = -1
/** Electron's sign for "it goes on, nobody knows how long". */
const INDETERMINATE = 2

/** @returns stops watching */
export function showTraining(studio: Studio, window: BrowserWindow): () => void {
  let blocker: number | undefined
  const rest = () => {
    if (blocker !== undefined) powerSaveBlocker.stop(blocker)
    blocker = undefined
  }
  const deafen = studio.listen((name, payload) => {
    if (name !== 'job:changed' || !('job' in payload) || payload.job.kind !== 'train') return
    const { state, progress } = payload.job
    if (state.kind === 'running') {
      blocker ??= powerSaveBlocker.start('prevent-app-suspension')
      window.setProgressBar(progress.total > 0 ? progress.done / progress.total : INDETERMINATE)
    }
    if (state.kind === 'ended') {
      rest()
      if (!window.isDestroyed()) window.setProgressBar(NO_PROGRESS)
    }
  })
  return () => {
    deafen()
    rest()
  }
}

/** Electron's own way to end a utility process asks politely, which a hung one does not hear. */
import type { UtilityProcess } from 'electron'

export function endAtOnce(child: UtilityProcess): void {
  if (child.pid === undefined) return void child.kill()
  try {
    process.kill(child.pid, 'SIGKILL')
  } catch {
    // It has just ended by itself.
  }
}

/** Scripts in utility processes: Electron's binary, with its fuses set, runs none by itself. */
import { utilityProcess } from 'electron'
import { endAtOnce } from './endAtOnce.ts'
import type { StartScript } from '../core/studio/startScript.ts'

export const startInUtility: StartScript = (script, argument) => {
  const child = utilityProcess.fork(script, [argument], { serviceName: 'Tandem Studio engine trial', stdio: 'pipe' })
  const listenTo = (stream: NodeJS.ReadableStream | null) => (listener: (text: string) => void) => {
    stream?.on('data', (chunk: Buffer) => listener(chunk.toString()))
  }
  return {
    onOutput: listenTo(child.stdout),
    onComplaint: listenTo(child.stderr),
    onEnd: (listener) => void child.once('exit', (code) => listener({ code, signal: null })),
    kill: () => endAtOnce(child),
  }
}

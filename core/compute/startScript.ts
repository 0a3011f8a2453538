/** A script in a process of its own, whose output is listened to: Node's own binary here; an Electron program has another way. */
import { spawn } from 'node:child_process'

export interface ScriptChild {
  onOutput(listener: (text: string) => void): void
  onComplaint(listener: (text: string) => void): void
  /** Once, after the last output. `error`: it could not be started. */
  onEnd(
    listener: (end: { readonly code: number | null; readonly signal: string | null; readonly error?: string }) => void,
  ): void
  kill(): void
}
export type StartScript = (script: string, argument: string) => ScriptChild

export const startInNode: StartScript = (script, argument) => {
  const child = spawn(process.execPath, [script, argument], { stdio: ['ignore', 'pipe', 'pipe'] })
  return {
    onOutput: (listener) => void child.stdout.setEncoding('utf8').on('data', listener),
    onComplaint: (listener) => void child.stderr.setEncoding('utf8').on('data', listener),
    onEnd(listener) {
      child.on('error', ({ message }) => listener({ code: null, signal: null, error: message }))
      child.on('close', (code, signal) => listener({ code, signal }))
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

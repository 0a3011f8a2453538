/** Runs a program and waits for its end. The installer takes it as an argument, so that its tests need no network and no compiler. */
import { spawn } from 'node:child_process'

export interface CommandResult {
  /** Null when it could not be started (`missing`) or ended by a signal. */
  status: number | null
  /** True when there is no such program. */
  missing: boolean
  output: string
}

export interface CommandOptions {
  /** Added to this process's environment. */
  env?: Record<string, string>
  signal?: AbortSignal
  /** What the program prints, as it prints it. */
  onOutput?: (text: string) => void
}

export type RunCommand = (command: string, parameters: string[], options?: CommandOptions) => Promise<CommandResult>

/** Never rejects. Keeps the last 100,000 characters of what the program prints on both streams. */
export const runCommand: RunCommand = (command, parameters, { env, signal, onOutput } = {}) =>
  new Promise((resolve) => {
    let output = ''
    const child = spawn(command, parameters, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal ? { signal } : {}),
    })
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-100_000)
      onOutput?.(chunk.toString())
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.name !== 'AbortError')
        resolve({ status: null, missing: error.code === 'ENOENT', output: error.message })
    })
    child.on('close', (status) => resolve({ status, missing: false, output }))
  })

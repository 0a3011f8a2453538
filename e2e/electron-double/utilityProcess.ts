/** `utilityProcess`: a Node process whose only door is `process.parentPort`. */
import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter } from 'node:events'

const parentPort = new URL('./parentPort.ts', import.meta.url).href

class UtilityProcess extends EventEmitter {
  readonly #child: ChildProcess

  constructor(child: ChildProcess) {
    super()
    this.#child = child
    child.on('spawn', () => this.emit('spawn'))
    child.on('message', (message) => this.emit('message', message))
    child.on('close', (code) => this.emit('exit', code ?? 1))
  }

  get pid(): number | undefined {
    return this.#child.pid
  }
  postMessage(message: unknown): void {
    if (this.#child.connected) this.#child.send(message as object)
  }
  get stdout(): ChildProcess['stdout'] {
    return this.#child.stdout
  }
  get stderr(): ChildProcess['stderr'] {
    return this.#child.stderr
  }
  kill(): boolean {
    return this.#child.kill('SIGKILL')
  }
}

export const utilityProcess = {
  fork: (entry: string, args: readonly string[] = [], { stdio = 'inherit' }: { stdio?: 'inherit' | 'pipe' } = {}) =>
    new UtilityProcess(
      fork(entry, args, {
        serialization: 'advanced',
        execArgv: ['--import', parentPort],
        stdio: ['ignore', stdio, stdio, 'ipc'],
      }),
    ),
}

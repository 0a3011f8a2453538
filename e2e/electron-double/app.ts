/** `app`: the program's life. */
import { EventEmitter } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBrowser } from './browser.ts'

class App extends EventEmitter {
  readonly #paths = new Map<string, string>()
  #name = 'Electron'
  /** Where windows hear that all are to close. */
  readonly closing = new EventEmitter()

  setName = (name: string) => void (this.#name = name)
  getName = () => this.#name
  setPath = (name: string, path: string) => void this.#paths.set(name, path)
  getPath = (name: string) => this.#paths.get(name) ?? join(tmpdir(), name)

  async whenReady(): Promise<void> {
    await openBrowser()
  }

  /** The first start holds a file with its process id; later ones leave their arguments there and wake it. */
  requestSingleInstanceLock(): boolean {
    const folder = this.getPath('userData')
    mkdirSync(folder, { recursive: true })
    const lock = join(folder, 'SingletonLock')
    const holder = readHolder(lock)
    if (holder !== undefined) {
      writeFileSync(join(folder, `second-${process.pid}.json`), JSON.stringify(process.argv))
      process.kill(holder, 'SIGUSR2')
      return false
    }
    writeFileSync(lock, String(process.pid))
    process.on('exit', () => rmSync(lock, { force: true }))
    process.on('SIGUSR2', () => this.#takeSecondStarts(folder))
    return true
  }

  #takeSecondStarts(folder: string): void {
    for (const name of readdirSync(folder).filter((file) => file.startsWith('second-'))) {
      const argv = JSON.parse(readFileSync(join(folder, name), 'utf8')) as string[]
      rmSync(join(folder, name))
      this.emit('second-instance', {}, argv, process.cwd())
    }
  }

  /** Windows are asked, too, and each may refuse. */
  quit(): void {
    let prevented = false
    const event = { preventDefault: () => (prevented = true) }
    this.emit('before-quit', event)
    if (!prevented) this.closing.emit('close', event)
    if (!prevented) void this.#leave()
  }

  exit(code: number): void {
    process.exit(code)
  }

  async #leave(): Promise<void> {
    this.emit('will-quit', {})
    const { context } = await openBrowser()
    await context.close()
    process.exit(0)
  }
}

export const app = new App()

function readHolder(lock: string): number | undefined {
  try {
    const pid = Number(readFileSync(lock, 'utf8'))
    process.kill(pid, 0)
    return pid
  } catch {
    return undefined
  }
}

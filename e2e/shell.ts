/** Starts the desktop program, with a real Electron where its binary is here, else on the double; the stories are the same. */
import { _electron, type Browser, chromium, type Page } from '@playwright/test'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { once } from 'node:events'
import type * as Electron from 'electron'

export const root = join(import.meta.dirname, '..')
const require = createRequire(import.meta.url)

export interface Shell {
  readonly kind: 'electron' | 'double'
  readonly page: Page
  /** In the main process; what the function uses must be in it or in `argument`. */
  evaluate<R, A = undefined>(work: (electron: typeof Electron, argument: A) => R | Promise<R>, argument?: A): Promise<R>
  /** Resolves when the program has ended. */
  readonly ended: Promise<void>
  /** Ends it at once, like a power cut. */
  kill(): Promise<void>
}

export interface StartOptions {
  readonly args?: readonly string[]
  /** The program's own folders; a temporary one when absent. */
  readonly home: string
  /** Where main.ts (or, once built, main.js) is. */
  readonly main?: string
}

/** A folder that goes away with the test. */
export function makeHome(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'tandem-e2e-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) }
}

export function environment(home: string): Record<string, string> {
  const own = { TANDEM_DATA: join(home, 'data'), TANDEM_PROJECTS: join(home, 'projects') }
  return { ...(process.env as Record<string, string>), ...own }
}

/** @returns undefined where Electron's binary is not here */
export function findElectron(): string | undefined {
  const folder = dirname(require.resolve('electron/package.json'))
  const named = join(folder, 'path.txt')
  if (!existsSync(named)) return undefined
  const binary = join(folder, 'dist', readFileSync(named, 'utf8'))
  return existsSync(binary) ? binary : undefined
}

export function startShell(options: StartOptions): Promise<Shell> {
  const binary = findElectron()
  return binary === undefined ? startDouble(options) : startElectron(binary, options)
}

async function startElectron(executablePath: string, { args = [], home }: StartOptions): Promise<Shell> {
  const app = await _electron.launch({ executablePath, args: [root, ...args], env: environment(home) })
  const page = await app.firstWindow()
  return {
    kind: 'electron',
    page,
    evaluate: (work, argument) => app.evaluate(work as never, argument as never) as never,
    ended: new Promise((resolve) => app.on('close', () => resolve())),
    async kill() {
      const gone = once(app.process(), 'exit')
      app.process().kill('SIGKILL')
      await gone
    },
  }
}

interface Told {
  readonly endpoint?: string
  readonly id?: number
  readonly value?: unknown
  readonly error?: string
}

export async function startDouble({
  args = [],
  home,
  main = join(root, 'electron/main.ts'),
}: StartOptions): Promise<Shell> {
  const register = join(root, 'e2e/electron-double/register.ts')
  const child = spawn(process.execPath, ['--import', register, main, ...args], {
    env: environment(home),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const browser = await connectTo(child)
  const page = await firstPage(browser)
  let nextId = 1
  const evaluate: Shell['evaluate'] = async (work, argument) => {
    const id = nextId++
    const answer = await new Promise<Told>((resolve) => {
      const listen = (told: Told) => {
        if (told.id !== id) return
        child.off('message', listen)
        resolve(told)
      }
      child.on('message', listen)
      child.send({ id, source: work.toString(), argument })
    })
    if (answer.error !== undefined) throw new Error(answer.error)
    return answer.value as never
  }
  return {
    ...{ kind: 'double', page, evaluate, ended },
    async kill() {
      child.kill('SIGKILL')
      await ended
      await browser.close()
    },
  }
}

async function connectTo(child: ChildProcess): Promise<Browser> {
  const told = await new Promise<Told>((resolve, reject) => {
    child.once('message', resolve)
    child.once('exit', (code) => reject(new Error(`the program ended with code ${code} before its window was there`)))
  })
  return chromium.connectOverCDP(String(told.endpoint))
}

/** The window's page, once it shows ours. */
async function firstPage(browser: Browser): Promise<Page> {
  const [context] = browser.contexts()
  const page = context.pages()[0] ?? (await context.waitForEvent('page'))
  await page.waitForURL(/studio/)
  return page
}

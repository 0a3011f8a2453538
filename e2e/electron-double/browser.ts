/** The Chromium behind all windows of one app. */
import { type BrowserContext, chromium } from '@playwright/test'
import { existsSync, mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Browser {
  readonly context: BrowserContext
  /** Where a test connects to drive the same pages. */
  readonly endpoint: string
}

let launched: Promise<Browser> | undefined

export function openBrowser(): Promise<Browser> {
  return (launched ??= launch())
}

async function launch(): Promise<Browser> {
  const port = await freePort()
  const profile = mkdtempSync(join(tmpdir(), 'tandem-double-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium(),
    args: [`--remote-debugging-port=${port}`, '--no-sandbox'],
    viewport: null,
  })
  return { context, endpoint: `http://127.0.0.1:${port}` }
}

/** Debian's, unless TANDEM_CHROMIUM names another; Playwright's own where neither is. */
export function findChromium(): string | undefined {
  const named = process.env['TANDEM_CHROMIUM']
  return (
    named ??
    ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))
  )
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

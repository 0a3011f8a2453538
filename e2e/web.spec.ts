/** `tandem serve` as a person meets it: a link, a page, and a host that may die. */
import { expect, type Page, test } from '@playwright/test'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { findChromium } from './electron-double/browser.ts'
import { environment, makeHome, root } from './shell.ts'

test.use({ launchOptions: { executablePath: findChromium(), args: ['--no-sandbox'] } })
test.describe.configure({ mode: 'serial' })

interface Served {
  readonly link: string
  readonly process: ChildProcess
}

const home = makeHome()
let served: Served
let page: Page

async function serve(...args: string[]): Promise<Served> {
  const child = spawn(
    process.execPath,
    [join(root, 'core/hosts/cli/tandem.ts'), 'serve', '--port', '0', '--json', ...args],
    {
      env: environment(home.path),
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  for await (const line of createInterface({ input: child.stdout }))
    if (line.startsWith('{')) return { link: (JSON.parse(line) as { link: string }).link, process: child }
  throw new Error('the host ended before it printed a link')
}

test.beforeAll(async ({ browser }) => {
  served = await serve()
  page = await browser.newPage()
})
test.afterAll(() => {
  served.process.kill('SIGKILL')
  home.remove()
})

test('the printed link opens the studio', async () => {
  const errors: string[] = []
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  await page.goto(served.link)
  await expect(page.getByText('Connected')).toBeVisible()
  expect(new URL(page.url()).search).toBe('')
  expect(errors).toEqual([])
})

test('a second browser cannot use the same link', async ({ browser }) => {
  const stranger = await browser.newPage()
  const answer = await stranger.goto(served.link)
  expect(answer?.status()).toBe(401)
  await expect(stranger.getByText('A link works once')).toBeVisible()
  await stranger.close()
})

test('makes a project that a reload still shows', async () => {
  await page.getByLabel('New project').fill('Vessels')
  await page.getByRole('button', { name: 'Create' }).click()
  await expect(page.getByRole('button', { name: 'Close' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('button', { name: 'Close' })).toBeVisible()
})

test('another program gets a clear refusal, or a view of the same project', async () => {
  const project = join(home.path, 'projects', 'Vessels.tandem')
  const other = { ...environment(home.path), TANDEM_DATA: join(home.path, 'other') }
  const run = (args: string[]) => {
    try {
      execFileSync(process.execPath, [join(root, 'core/hosts/cli/tandem.ts'), ...args], {
        env: other,
        encoding: 'utf8',
        stdio: 'pipe',
      })
      return 'done'
    } catch (error) {
      return String((error as { stderr?: string }).stderr)
    }
  }
  expect(run(['serve', project, '--port', '0'])).toMatch(/is open in Tandem Studio .*\(process \d+\)/)
})

test('says that the connection is lost when the host dies', async () => {
  served.process.kill('SIGKILL')
  await expect(page.getByText('Connection lost')).toBeVisible({ timeout: 2000 })
})

test('a new host has the project, whole and unlocked', async () => {
  served = await serve(join(home.path, 'projects', 'Vessels.tandem'))
  await page.goto(served.link)
  await expect(page.getByRole('button', { name: 'Close' })).toBeVisible()
})

test('Ctrl-C closes the project and ends the program', async () => {
  const code = new Promise((resolve) => served.process.once('exit', resolve))
  served.process.kill('SIGINT')
  expect(await code).toBe(0)
})

/** The desktop program's stories: on a real Electron where there is one, else on the double. */
import { expect, test } from '@playwright/test'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { drawPictures } from './pictures.ts'
import { environment, findElectron, makeHome, root, type Shell, startShell } from './shell.ts'

const home = makeHome()
let shell: Shell

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  if (findElectron() === undefined) console.log("Electron's binary is not here: these stories run on the double of it.")
  shell = await startShell({ home: home.path })
})
test.afterAll(async () => {
  await shell.kill()
  home.remove()
})

test('opens on a page that shows projects, jobs and the engine', async () => {
  const { page } = shell
  await expect(page.getByRole('heading', { name: 'Tandem Studio' })).toBeVisible()
  await expect(page.getByText('No project yet.')).toBeVisible()
  await expect(page.getByText('Connected')).toBeVisible()
})

test('makes a project from the page', async () => {
  const { page } = shell
  await page.getByLabel('New project').fill('Vessels')
  await page.getByRole('button', { name: 'Create' }).click()
  await expect(page.getByRole('listitem').filter({ hasText: 'Vessels' })).toBeVisible()
  expect(existsSync(join(home.path, 'projects', 'Vessels.tandem'))).toBe(true)
})

test('opens a project that the system’s dialog names', async () => {
  const path = join(home.path, 'projects', 'Vessels.tandem')
  await shell.page.getByRole('button', { name: 'Close' }).click()
  await expect(shell.page.getByText('None is open.')).toBeVisible()
  await shell.evaluate(({ dialog, Menu }, file) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [file] })
    const file_ = Menu.getApplicationMenu()?.items.flatMap(({ submenu }) => submenu?.items ?? [])
    file_?.find(({ label }) => label === 'Open project…')?.click()
  }, path)
  await expect(shell.page.getByRole('button', { name: 'Close' })).toBeVisible()
})

test('tells in a dialog why a file cannot be opened', async () => {
  const told = await shell.evaluate(
    ({ dialog, Menu }, file) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [file] })
      const shown = new Promise<string>((resolve) => {
        Reflect.set(dialog, 'showMessageBox', (_window: unknown, { message }: { message: string }) => {
          resolve(message)
          return Promise.resolve({ response: 0, checkboxChecked: false })
        })
      })
      const items = Menu.getApplicationMenu()?.items.flatMap(({ submenu }) => submenu?.items ?? [])
      items?.find(({ label }) => label === 'Open project…')?.click()
      return shown
    },
    join(root, 'package.json'),
  )
  expect(told).toContain('package.json')
})

test('gives pages two functions and nothing of Node', async () => {
  const found = await shell.page.evaluate(() => ({
    studio: Object.keys(window.studio ?? {}),
    node: ['require', 'process', 'module', 'Buffer', 'ipcRenderer'].filter((name) => name in window),
  }))
  expect(found).toEqual({ studio: ['request', 'on'], node: [] })
})

test.describe('refuses', () => {
  test('an unknown request', async () => {
    const reply = await shell.page.evaluate(() => window.studio?.request('project:format' as never, {} as never))
    expect(reply).toMatchObject({ ok: false, error: { code: 'misuse' } })
  })
  test('window.open', async () => {
    const opened = await shell.page.evaluate(() => window.open('https://example.com') === null)
    expect(opened).toBe(true)
    // Answered after the double has decided about the window.
    await shell.page.evaluate(() => window.studio?.request('studio:state', {}))
    expect(shell.page.context().pages()).toHaveLength(1)
    expect(await shell.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
  })
  test('to go to another site', async () => {
    await shell.page.evaluate(() => void (location.href = 'https://example.com/'))
    await expect(shell.page.getByRole('heading', { name: 'Tandem Studio' })).toBeVisible()
  })
  test('file:// navigation', async () => {
    await shell.page.evaluate(() => void (location.href = 'file:///etc/passwd'))
    await expect(shell.page.getByRole('heading', { name: 'Tandem Studio' })).toBeVisible()
  })
  test('a request that leaves the machine', async () => {
    const failed = await shell.page.evaluate(() =>
      fetch('https://example.com/').then(
        () => false,
        () => true,
      ),
    )
    expect(failed).toBe(true)
  })
  test('permissions', async () => {
    const states = await shell.page.evaluate(async () => {
      const names = ['geolocation', 'notifications', 'camera', 'microphone'] as PermissionName[]
      return Promise.all(names.map(async (name) => (await navigator.permissions.query({ name })).state))
    })
    expect(states).not.toContain('granted')
  })
  test('scripts that a page did not bring', async () => {
    const ran = await shell.page.evaluate(() => {
      const script = document.createElement('script')
      script.textContent = 'window.planted = true'
      document.head.append(script)
      return 'planted' in window
    })
    expect(ran).toBe(false)
  })
  test('path traversal in its own scheme', async () => {
    const statuses = await shell.page.evaluate(() =>
      Promise.all(
        ['/..%2f..%2fpackage.json', '/contents/..%2f..%2fx', '/downloads/..%5cx'].map(
          async (path) => (await fetch(path)).status,
        ),
      ),
    )
    expect(statuses.every((status) => status >= 400)).toBe(true)
  })
})

test('hands the file of a second start over to the first', async () => {
  await shell.page.getByRole('button', { name: 'Close' }).click()
  await expect(shell.page.getByText('None is open.')).toBeVisible()
  const binary = findElectron()
  const register = join(root, 'e2e/electron-double/register.ts')
  const command: [string, string[]] =
    binary === undefined ? [process.execPath, ['--import', register, join(root, 'electron/main.ts')]] : [binary, [root]]
  const second = spawn(command[0], [...command[1], join(home.path, 'projects', 'Vessels.tandem')], {
    env: environment(home.path),
    stdio: 'inherit',
  })
  const code = await new Promise((resolve) => second.once('exit', resolve))
  expect(code).toBe(0)
  await expect(shell.page.getByRole('button', { name: 'Close' })).toBeVisible()
})

test('trains: awake, progress in the taskbar, and a question before it quits', async () => {
  const { page } = shell
  const pictures = await drawPictures()
  const jobId = await page.evaluate(async (files) => {
    const { studio } = window
    if (studio === undefined) throw new Error('no studio')
    const must = async <T>(
      reply: Promise<{ ok: true; value: T } | { ok: false; error: { message: string } }>,
    ): Promise<T> => {
      const answer = await reply
      if (!answer.ok) throw new Error(answer.error.message)
      return answer.value
    }
    const { uploadId } = await must(studio.request('upload:begin', { purpose: 'data' }))
    for (const { path, bytes } of files) {
      const { status } = await fetch(`/uploads/${uploadId}/${path}`, { method: 'PUT', body: new Uint8Array(bytes) })
      if (status !== 204) throw new Error(`upload: ${status}`)
    }
    const imported = new Promise<void>((resolve) => {
      studio.on('job:changed', ({ job }) => {
        if (job.kind === 'import' && job.state.kind === 'ended') resolve()
      })
    })
    await must(studio.request('data:import', { uploadId, name: 'Bars' }))
    await imported
    const [{ id: dataSetId }] = await must(studio.request('data:list', {}))
    const stepped = new Promise<void>((resolve) => studio.on('run:measured', () => resolve()))
    const started = await must(
      studio.request('training:start', {
        ...{ dataSetId, recipe: 'quick', seed: 1, length: { steps: 1_000_000 } },
        set: ['learning.batch=8', 'chain.steps=2', 'learning.prelude.share=0'],
      }),
    )
    await stepped
    return started.jobId
  }, pictures)
  await expect(page.getByRole('progressbar')).toBeVisible()
  if (shell.kind === 'double') {
    const shown = await shell.evaluate(({ BrowserWindow, powerSaveBlocker }) => ({
      progress: Number(Reflect.get(BrowserWindow.getAllWindows()[0], 'progress')),
      awake: (Reflect.get(powerSaveBlocker, 'count') as () => number)(),
    }))
    expect(shown.progress).toBeGreaterThanOrEqual(0)
    expect(shown.awake).toBe(1)
  }
  expect(jobId).toMatch(/^[0-9a-f-]{36}$/)

  await quitWith(shell, 2)
  await expect(page.getByRole('progressbar')).toBeVisible()

  await quitWith(shell, 1)
  await expect
    .poll(() => shell.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].isVisible()))
    .toBe(false)

  await shell.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0].setBounds({ x: 40, y: 30, width: 1000, height: 700 }),
  )
  await quitWith(shell, 0)
  await shell.ended
  expect(readdirSync(join(home.path, 'projects')), 'the log is written back and gone').toEqual(['Vessels.tandem'])
})

test('remembers the window and the training, and goes on with it', async () => {
  shell = await startShell({ home: home.path, args: [join(home.path, 'projects', 'Vessels.tandem')] })
  await expect(shell.page.getByRole('button', { name: 'Close' })).toBeVisible()
  const runs = await shell.page.evaluate(() => window.studio?.request('runs:list', {}))
  if (!runs?.ok) throw new Error('no runs')
  const [{ step }] = runs.value
  expect(step).toBeGreaterThan(0)
  await shell.page.getByRole('button', { name: 'Continue' }).click()
  await expect(shell.page.getByRole('progressbar')).toBeVisible()
  const bounds = await shell.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].getNormalBounds())
  expect(bounds).toMatchObject({ width: 1000, height: 700 })
})

/** Quits as from the menu, and answers the question with button `response`. */
async function quitWith(asked: Shell, response: number): Promise<void> {
  const question = await asked.evaluate(({ app, dialog }, answer) => {
    const shown = new Promise<string>((resolve) => {
      Reflect.set(dialog, 'showMessageBox', (_window: unknown, { message }: { message: string }) => {
        resolve(message)
        return Promise.resolve({ response: answer, checkboxChecked: false })
      })
    })
    app.quit()
    return shown
  }, response)
  expect(question).toBe('A training is running.')
}

/**
 * What is packed is enough: electron-builder packs for real, around a stand-in for Electron's binary, and the program starts from the packed files
 * alone. A file or package that is missing in the list fails here.
 */
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { expect, test } from '@playwright/test'
import { build, Platform } from 'electron-builder'
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packaging } from '../electron/packaging.ts'
import { makeHome, root, type Shell, startDouble } from './shell.ts'

test.describe.configure({ mode: 'serial', timeout: 300_000 })

const home = makeHome()
const app = join(home.path, 'app')
let shell: Shell | undefined

test.beforeAll(async () => {
  const packed = join(home.path, 'packed')
  await build({
    projectDir: root,
    targets: Platform.LINUX.createTarget('dir'),
    config: {
      ...packaging,
      electronDist: makeStandIn(join(home.path, 'electron')),
      directories: { ...packaging.directories, output: packed },
    },
  })
  const resources = join(packed, 'linux-unpacked/resources')
  const asar = join(root, 'node_modules/@electron/asar/bin/asar.js')
  execFileSync(process.execPath, [asar, 'extract', join(resources, 'app.asar'), app])
  cpSync(join(resources, 'app.asar.unpacked'), app, { recursive: true })
  cpSync(join(resources, 'resources'), join(home.path, 'resources'), { recursive: true })
})
test.afterAll(async () => {
  await shell?.kill()
  home.remove()
})

test('the fuses are set in the binary', async () => {
  const fuses = await getCurrentFuseWire(join(home.path, 'packed/linux-unpacked/tandem-studio'))
  const [off, on] = [0x30, 0x31]
  expect(fuses[FuseV1Options.RunAsNode]).toBe(off)
  expect(fuses[FuseV1Options.EnableNodeOptionsEnvironmentVariable]).toBe(off)
  expect(fuses[FuseV1Options.EnableNodeCliInspectArguments]).toBe(off)
  expect(fuses[FuseV1Options.OnlyLoadAppFromAsar]).toBe(on)
  expect(fuses[FuseV1Options.EnableEmbeddedAsarIntegrityValidation]).toBe(on)
})

test('nothing of the sources or the tests is packed', () => {
  for (const path of ['core', 'e2e', 'electron', 'renderer', 'node_modules/vitest', 'node_modules/electron'])
    expect(existsSync(join(app, path)), path).toBe(false)
})

test('libraries and kernels lie outside the archive, where the system can open them', () => {
  const unpacked = join(home.path, 'packed/linux-unpacked/resources/app.asar.unpacked')
  const files = readdirSync(unpacked, { recursive: true, encoding: 'utf8' })
  for (const name of [/better-sqlite3.*linux-x64\.node$/, /sharp.*\.node$/, /libvips.*\.so/, /kernels-.*\.wasm$/])
    expect(
      files.some((file) => name.test(file)),
      String(name),
    ).toBe(true)
})

test('icons travel beside it', () => {
  expect(existsSync(join(home.path, 'resources/icons/256x256.png'))).toBe(true)
})

test('starts from the packed files alone and opens a project', async () => {
  const { main } = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8')) as { main: string }
  shell = await startDouble({ home: home.path, main: join(app, main) })
  const { page } = shell
  await page.getByLabel('New project').fill('Packed')
  await page.getByRole('button', { name: 'Create' }).click()
  await expect(page.getByRole('button', { name: 'Close' })).toBeVisible()
  // Its engine too: libraries, kernels and the computing process come from the package.
  const engine = await page.evaluate(() => window.studio?.request('engine:choose', { engine: 'wasm', threads: 2 }))
  expect(engine?.ok && engine.value.kind).not.toBe('unavailable')
  await expect(page.getByText(/^wasm /)).toBeVisible({ timeout: 60_000 })
})

/** Electron's files as far as packing looks at them; the fuses are bytes behind a mark in the binary. */
function makeStandIn(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/electron/package.json'), 'utf8')) as {
    version: string
  }
  mkdirSync(join(folder, 'resources'), { recursive: true })
  mkdirSync(join(folder, 'locales'))
  const fuseWire = Buffer.concat([
    Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
    Buffer.from([1, 9]),
    Buffer.from('0'.repeat(9)),
  ])
  writeFileSync(join(folder, 'electron'), Buffer.concat([Buffer.from('#!/bin/sh\nexit 1\n'), fuseWire]))
  chmodSync(join(folder, 'electron'), 0o755)
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'chrome_crashpad_handler'])
    writeFileSync(join(folder, name), '')
  writeFileSync(join(folder, 'version'), version)
  return folder
}

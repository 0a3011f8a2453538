/** `npm start`: builds what is not built, then opens the studio: in Electron where its binary is or can be downloaded, else in the default browser. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..')
const require = createRequire(import.meta.url)

if (!isBuilt()) run([join(root, 'electron/build.ts')])
const electron = findElectron()
const started =
  electron.path === undefined
    ? spawn(process.execPath, [join(root, 'core/hosts/cli/tandem.ts'), 'serve', '--open', ...process.argv.slice(2)], {
        stdio: 'inherit',
      })
    : spawn(electron.path, [root, ...process.argv.slice(2)], { stdio: 'inherit' })
console.log(`Opening the studio in ${electron.path === undefined ? 'the browser' : 'Electron'}: ${electron.why}.`)
// Ctrl-C reaches both; the studio decides when it is done.
process.on('SIGINT', () => undefined)
started.on('exit', (code) => (process.exitCode = code ?? 1))

/** Nothing of the source is newer than what was built from it. */
function isBuilt(): boolean {
  const built = statSync(join(root, 'dist/electron/preload.cjs'), { throwIfNoEntry: false })
  if (built === undefined) return false
  const sources = ['core/**/*.ts', 'electron/**/*.ts', 'renderer/**/*', 'package.json'].flatMap((pattern) =>
    globSync(pattern, { cwd: root }),
  )
  return sources.every((file) => statSync(join(root, file)).mtimeMs <= built.mtimeMs)
}

function run(args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

/** Its package downloads the binary when it is first asked for. */
function findElectron(): { readonly path?: string; readonly why: string } {
  const folder = dirname(require.resolve('electron/package.json'))
  if (!existsSync(join(folder, 'path.txt'))) {
    console.log('Fetching Electron, once ...')
    const { status } = spawnSync(process.execPath, [join(folder, 'install.js')], { stdio: 'ignore', timeout: 300_000 })
    if (status !== 0) return { why: "Electron's binary is not here and could not be downloaded" }
  }
  const path = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8'))
  return existsSync(path)
    ? { path, why: 'its binary is here' }
    : { why: "Electron's binary is not where its package says" }
}

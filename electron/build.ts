/**
 * `npm run build`: the program as it is packed, in dist/. The same tree as the source, `.ts` turned into `.js` file by file, with the files that
 * code reads beside itself; the pages; and the preload script as the one bundled CommonJS file that a sandboxed window can load.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'vite'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

/** Everything that code reads from beside itself. */
const beside = ['core/compute/wasm/build/*', 'core/compute/tensorflow/*.cc']

rmSync(dist, { recursive: true, force: true })
execFileSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')],
  {
    stdio: 'inherit',
  },
)
for (const file of beside.flatMap((pattern) => globSync(pattern, { cwd: root }))) {
  mkdirSync(dirname(join(dist, file)), { recursive: true })
  cpSync(join(root, file), join(dist, file))
}
const { name, version, type } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>
writeFileSync(join(dist, 'package.json'), JSON.stringify({ name, version, type }))

await build({ root: join(root, 'renderer'), configFile: join(root, 'renderer/vite.config.ts'), logLevel: 'warn' })
await build({
  root,
  configFile: false,
  logLevel: 'warn',
  build: {
    outDir: join(dist, 'electron'),
    emptyOutDir: false,
    minify: false,
    lib: { entry: join(root, 'electron/preload.ts'), formats: ['cjs'], fileName: () => 'preload.cjs' },
    rolldownOptions: { external: ['electron'] },
  },
})

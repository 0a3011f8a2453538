/** `npm run test:golden`: the reference vectors on every engine. An engine that is not here is a failure. */
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const vitest = join(dirname(fileURLToPath(import.meta.resolve('vitest/package.json'))), 'vitest.mjs')

for (const engine of ['wasm', 'tensorflow', 'webgpu']) {
  process.stdout.write(`Reference vectors on ${engine}\n`)
  const env = { ...process.env, TANDEM_ENGINE: engine, TANDEM_ENGINE_REQUIRED: '1' }
  const { status } = spawnSync(process.execPath, [vitest, 'run', 'core/compute/golden'], { env, stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}

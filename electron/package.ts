/** `npm run package`: installers for this platform in dist/packages. */
import { build } from 'electron-builder'
import { join } from 'node:path'
import { packaging } from './packaging.ts'

await import('./build.ts')
for (const file of await build({ config: packaging, projectDir: join(import.meta.dirname, '..') })) console.log(file)

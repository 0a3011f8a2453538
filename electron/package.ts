/** `npm run package`: installers for this platform in dist/packages. */
import { build } from 'electron-builder'
import { packaging } from './packaging.ts'

await import('./build.ts')
for (const file of await build({ config: packaging, projectDir: new URL('..', import.meta.url).pathname }))
  console.log(file)

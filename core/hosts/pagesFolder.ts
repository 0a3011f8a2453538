/** Where the built pages are: dist/renderer, seen from the source as from the built program. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export function pagesFolder(): string {
  const [fromSource, fromBuilt] = ['../../dist/renderer', '../../renderer'].map((path) =>
    join(import.meta.dirname, path),
  )
  return existsSync(join(fromSource, 'index.html')) ? fromSource : fromBuilt
}

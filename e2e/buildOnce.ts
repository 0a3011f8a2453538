/** The pages, as they are served and packed. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

export default function buildOnce(): void {
  execFileSync(process.execPath, [join(import.meta.dirname, '../electron/build.ts')], { stdio: 'inherit' })
}

/** Where the program keeps things on this machine. */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** Library, settings, logs: the platform's own folder for a program's data. `TANDEM_DATA` overrides it. */
export function dataFolder(
  env: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  if (env['TANDEM_DATA']) return env['TANDEM_DATA']
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Tandem Studio')
  if (platform === 'win32') return join(env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Tandem Studio')
  return join(env['XDG_DATA_HOME'] ?? join(home, '.local', 'share'), 'tandem-studio')
}

/** Where new projects go: among a person's documents. `TANDEM_PROJECTS` overrides it. */
export function projectsFolder(env: Environment = process.env, home: string = homedir()): string {
  if (env['TANDEM_PROJECTS']) return env['TANDEM_PROJECTS']
  const documents = join(home, 'Documents')
  return join(existsSync(documents) ? documents : home, 'Tandem Studio')
}

/** The program's folder for things that can be fetched or made again: engines, measuring classifiers. */
import { homedir } from 'node:os'
import { join } from 'node:path'

/** The platform's own cache folder, which outlives a reinstallation of the packages. `TANDEM_HOME` overrides it. */
export function tandemHome(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  if (env['TANDEM_HOME']) return env['TANDEM_HOME']
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'tandem-studio')
  if (platform === 'win32') return join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'tandem-studio')
  return join(env['XDG_CACHE_HOME'] || join(home, '.cache'), 'tandem-studio')
}

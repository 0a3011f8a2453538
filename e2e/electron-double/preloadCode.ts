/** A preload script as the one CommonJS file that a sandboxed window loads: as it was built, or bundled from its source. */
import { readFile } from 'node:fs/promises'
import { build } from 'vite'

export async function loadPreload(path: string): Promise<string> {
  const built = await readFile(path, 'utf8').catch(() => undefined)
  if (built !== undefined) return built
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      lib: { entry: path.replace(/\.cjs$/, '.ts'), formats: ['cjs'], fileName: () => 'preload.cjs' },
      rolldownOptions: { external: ['electron'] },
    },
  })
  const [bundle] = Array.isArray(result) ? result : [result]
  if (!('output' in bundle)) throw new Error('the preload script was not bundled')
  return bundle.output[0].code
}

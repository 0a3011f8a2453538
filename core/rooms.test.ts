/** The arrows between the rooms: the check passes on the code as it is, and fails for a wrong import in any room. */
import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
const planted: string[] = []

function checkArrows(path: string): { passed: boolean; output: string } {
  try {
    return { passed: true, output: execFileSync(process.execPath, [cruiser, '--output-type', 'err', path], { cwd: root, encoding: 'utf8' }) }
  } catch (error) {
    return { passed: false, output: String((error as { stdout?: string }).stdout) }
  }
}

function plant(file: string, text: string): string {
  const path = join(root, file)
  writeFileSync(path, text, { flag: 'wx' })
  planted.push(path)
  return file
}

afterEach(() => {
  for (const path of planted.splice(0)) rmSync(path)
})

describe('the arrows between the rooms', () => {
  it.each([
    ['domain knows nobody', 'core/domain/plantedImport.ts', "import '../ebm/parameters.ts'\n", 'domain-imports-only'],
    ['ebm does not know data', 'core/ebm/plantedImport.ts', "import '../data/edges.ts'\n", 'ebm-imports-only'],
    ['data does not know compute', 'core/data/plantedImport.ts', "import '../compute/drive.ts'\n", 'data-imports-only'],
    ['storage knows only domain', 'core/storage/plantedImport.ts', "import '../ebm/parameters.ts'\n", 'storage-imports-only'],
    ['hosts know only studio', 'core/hosts/plantedImport.ts', "import '../compute/drive.ts'\n", 'hosts-imports-only'],
    ['sharp stays in data', 'core/studio/plantedImport.ts', "import 'sharp'\n", 'sharp-only-in'],
    ['tensors stay out of storage', 'core/storage/plantedImport.ts', "import '@tensorflow/tfjs-core'\n", 'tensorflow-tfjs-core-only-in'],
    ['numerics touch no machine', 'core/ebm/plantedImport.ts', "import 'node:fs'\n", 'touch-no-machine'],
  ])('%s', (_, file, text, rule) => {
    const { passed, output } = checkArrows(plant(file, text))
    expect(passed).toBe(false)
    expect(output).toContain(rule)
  })
})

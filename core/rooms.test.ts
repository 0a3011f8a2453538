/** The arrows between the rooms: the check passes on the code as it is, and fails in a copy of it for every wrong import planted there. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')

function checkArrows(cwd: string): { passed: boolean; output: string } {
  try {
    const args = [cruiser, '--preserve-symlinks', '--output-type', 'err', 'core']
    return { passed: true, output: execFileSync(process.execPath, args, { cwd, encoding: 'utf8' }) }
  } catch (error) {
    return { passed: false, output: String((error as { stdout?: string }).stdout) }
  }
}

/** What is planted, the import in it, and the rule that must refuse it. */
const plants: readonly (readonly [meaning: string, file: string, imported: string, rule: string])[] = [
  ['domain knows nobody', 'domain/knows.ts', '../ebm/parameters.ts', 'domain-imports-only-itself'],
  ['contract knows only domain', 'contract/knows.ts', '../storage/modelFile.ts', 'contract-imports-only-domain'],
  ['ebm does not know data', 'ebm/knows.ts', '../data/edges.ts', 'ebm-imports-only-domain'],
  ['data does not know compute', 'data/knows.ts', '../compute/drive.ts', 'data-imports-only-domain'],
  ['evaluation does not know ebm', 'evaluation/knows.ts', '../ebm/parameters.ts', 'evaluation-imports-only-domain'],
  ['compute writes no models', 'compute/knows.ts', '../storage/modelFile.ts', 'compute-imports-only-'],
  ['compute checks no edges', 'compute/checks.ts', '../contract/recipeSchema.ts', 'compute-imports-only-'],
  ['storage knows only domain', 'storage/knows.ts', '../ebm/parameters.ts', 'storage-imports-only-domain'],
  ['studio reaches ebm through compute', 'studio/reaches.ts', '../ebm/parameters.ts', 'studio-imports-only-'],
  ['studio does not know its hosts', 'studio/knows.ts', '../hosts/cli/options.ts', 'studio-imports-only-'],
  ['hosts know only studio', 'hosts/knows.ts', '../compute/drive.ts', 'hosts-imports-only-'],
  ['sharp stays in data', 'studio/draws.ts', 'sharp', 'sharp-only-in-data'],
  ['zod stays at the edge', 'storage/parses.ts', 'zod', 'zod-only-in-contract'],
  ['tensors stay out of storage', 'storage/computes.ts', '@tensorflow/tfjs-core', 'tensorflow-tfjs-core-only-in'],
  ['a package nobody spoke of', 'data/borrows.ts', 'typescript', 'package-not-listed-above'],
  ['tests stay tests', 'data/tests.ts', 'vitest', 'vitest-only-in-tests'],
  ['numerics touch no machine', 'ebm/reads.ts', 'node:fs', 'touch-no-machine'],
  ['a file that is not there', 'data/misses.ts', './nowhere.ts', 'nothing-unresolved'],
  ['a circle', 'data/circleOne.ts', './circleTwo.ts', 'no-cycles'],
]

describe('the arrows between the rooms', () => {
  const copy = mkdtempSync(join(tmpdir(), 'tandem-rooms-'))
  let output = ''
  beforeAll(() => {
    for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
      copyFileSync(join(root, file), join(copy, file))
    cpSync(import.meta.dirname, join(copy, 'core'), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')
    for (const [, file, imported] of plants) writeFileSync(join(copy, 'core', file), `import '${imported}'\n`)
    writeFileSync(join(copy, 'core/data/circleTwo.ts'), "import './circleOne.ts'\n")
    output = checkArrows(copy).output
  })
  afterAll(() => rmSync(copy, { recursive: true }))

  it('point the right way in the code as it is', () => {
    expect(checkArrows(root)).toMatchObject({ passed: true })
  })

  it.each(plants)('refuse where %s', (_, file, __, rule) => {
    const refusals = output.split('\n').filter((line) => line.includes(`core/${file}`))
    expect(refusals.join('\n')).toContain(rule)
  })

  it('refuse nothing else in the copy', () => {
    const planted = plants.map(([, file]) => `core/${file}`)
    const errors = output.split('\n').filter((line) => line.trimStart().startsWith('error '))
    expect(errors.length).toBeGreaterThanOrEqual(plants.length)
    for (const line of errors)
      expect(
        planted.some((file) => line.includes(file)),
        line,
      ).toBe(true)
  })
})

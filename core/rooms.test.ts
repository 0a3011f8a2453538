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
    const args = [cruiser, '--preserve-symlinks', '--output-type', 'err', 'core', 'electron', 'renderer/src']
    return { passed: true, output: execFileSync(process.execPath, args, { cwd, encoding: 'utf8' }) }
  } catch (error) {
    return { passed: false, output: String((error as { stdout?: string }).stdout) }
  }
}

/** What is planted, the import in it, and the rule that must refuse it. */
const plants: readonly (readonly [meaning: string, file: string, imported: string, rule: string])[] = [
  ['domain knows nobody', 'core/domain/knows.ts', '../ebm/parameters.ts', 'domain-imports-only-itself'],
  ['contract knows only domain', 'core/contract/knows.ts', '../storage/modelFile.ts', 'contract-imports-only-domain'],
  ['ebm does not know data', 'core/ebm/knows.ts', '../data/edges.ts', 'ebm-imports-only-domain'],
  ['data does not know compute', 'core/data/knows.ts', '../compute/drive.ts', 'data-imports-only-domain'],
  [
    'evaluation does not know ebm',
    'core/evaluation/knows.ts',
    '../ebm/parameters.ts',
    'evaluation-imports-only-domain',
  ],
  ['compute writes no models', 'core/compute/knows.ts', '../storage/modelFile.ts', 'compute-imports-only-'],
  ['compute checks no edges', 'core/compute/checks.ts', '../contract/recipeSchema.ts', 'compute-imports-only-'],
  ['storage knows only domain', 'core/storage/knows.ts', '../ebm/parameters.ts', 'storage-imports-only-domain'],
  ['studio reaches ebm through compute', 'core/studio/reaches.ts', '../ebm/parameters.ts', 'studio-imports-only-'],
  ['studio does not know its hosts', 'core/studio/knows.ts', '../hosts/cli/options.ts', 'studio-imports-only-'],
  ['hosts know only studio', 'core/hosts/knows.ts', '../compute/drive.ts', 'hosts-imports-only-'],
  ['sharp stays in data', 'core/studio/draws.ts', 'sharp', 'sharp-only-in-data'],
  ['zod stays at the edge', 'core/storage/parses.ts', 'zod', 'zod-only-in-contract'],
  ['tensors stay out of storage', 'core/storage/computes.ts', '@tensorflow/tfjs-core', 'tensorflow-tfjs-core-only-in'],
  ['a package nobody spoke of', 'core/data/borrows.ts', 'typescript', 'package-not-listed-above'],
  ['tests stay tests', 'core/data/tests.ts', 'vitest', 'vitest-only-in-tests'],
  ['numerics touch no machine', 'core/ebm/reads.ts', 'node:fs', 'touch-no-machine'],
  ['a file that is not there', 'core/data/misses.ts', './nowhere.ts', 'nothing-unresolved'],
  ['SQLite stays in storage', 'core/studio/asks.ts', 'better-sqlite3', 'better-sqlite--only-in-storage'],
  ['the server stays in hosts', 'core/studio/serves.ts', 'fastify', 'fastify-only-in-hosts'],
  ['core knows no shell', 'core/hosts/shows.ts', '../../electron/channels.ts', 'core-never-imports-shell-or-pages'],
  [
    'pages know no use cases',
    'renderer/src/knows.ts',
    '../../core/studio/places.ts',
    'pages-know-the-vocabulary-and-the-contract',
  ],
  [
    'pages take types alone',
    'renderer/src/parses.ts',
    '../../core/contract/requests.ts',
    'pages-take-only-types-from-the-contract',
  ],
  ['pages touch no machine', 'renderer/src/reads.ts', 'node:fs', 'pages-touch-no-machine'],
  ['the shell knows no tensors', 'electron/computes.ts', '../core/compute/drive.ts', 'the-shell-wires-the-studio'],
  ['a circle', 'core/data/circleOne.ts', './circleTwo.ts', 'no-cycles'],
]

describe('the arrows between the rooms', () => {
  const copy = mkdtempSync(join(tmpdir(), 'tandem-rooms-'))
  let output = ''
  beforeAll(() => {
    for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
      copyFileSync(join(root, file), join(copy, file))
    for (const folder of ['core', 'electron', 'renderer'])
      cpSync(join(root, folder), join(copy, folder), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')
    for (const [, file, imported] of plants) writeFileSync(join(copy, file), `import '${imported}'\n`)
    writeFileSync(join(copy, 'core/data/circleTwo.ts'), "import './circleOne.ts'\n")
    output = checkArrows(copy).output
  })
  afterAll(() => rmSync(copy, { recursive: true }))

  it('point the right way in the code as it is', () => {
    expect(checkArrows(root)).toMatchObject({ passed: true })
  })

  it.each(plants)('refuse where %s', (_, file, __, rule) => {
    const refusals = output.split('\n').filter((line) => line.includes(file))
    expect(refusals.join('\n')).toContain(rule)
  })

  it('refuse nothing else in the copy', () => {
    const planted = plants.map(([, file]) => file)
    const errors = output.split('\n').filter((line) => line.trimStart().startsWith('error '))
    expect(errors.length).toBeGreaterThanOrEqual(plants.length)
    for (const line of errors)
      expect(
        planted.some((file) => line.includes(file)),
        line,
      ).toBe(true)
  })
})

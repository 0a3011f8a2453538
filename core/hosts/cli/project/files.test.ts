/** Project files as a whole, and what goes into them and out of them, by real processes. */
import { randomUUID } from 'node:crypto'
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeClasses, makePairs, tensorDigests } from '../../../studio/testing.ts'
import { start, succeed, tandem, tellingOf, tiny } from '../testing.ts'
import type { ProjectInfo } from './info.ts'
import { createProjectPlace } from './testing.ts'

const { folder, path, at, fill, infoOf } = createProjectPlace()
const inP = ['--project', 'P.tandem']

beforeAll(async () => {
  await Promise.all([makeClasses(path('classes'), ['a', 'b']), makePairs(path('pairs'))])
  writeFileSync(path('pairs/broken.png'), 'no picture')
  await fill('P.tandem', { data: ['classes'] })
  await succeed(['train', 'classes', ...inP, ...tiny, '--steps-total', '2'], at)
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('importing pictures', { timeout: 120_000 }, () => {
  it('tells what was recognised, what is wrong with it and where it is', async () => {
    const { stdout } = await succeed(['data', 'pairs', ...inP, '--name', 'Sketches', '--condition', 'right'], at)
    expect(stdout).toContain('Side-by-side pairs: the right half is the condition')
    expect(stdout).toContain('Left out (1):\n  broken.png: ')
    expect(stdout).toMatch(/Imported into P\.tandem as “Sketches” \(\d+ kB\)\.\n$/)
    const [dataSet] = (await infoOf('P.tandem')).dataSets
    expect(dataSet).toMatchObject({ name: 'Sketches', kind: 'pair', conditionSide: 'right', keeping: 'inside' })
    expect(dataSet.count).toMatchObject({ train: 9, heldOut: 1, problems: 1 })
  })

  it('leaves pictures where they are when asked', async () => {
    const args = ['data', 'classes', ...inP, '--name', 'Outside', '--referenced', '--json']
    expect(tellingOf(await succeed(args, at))).toMatchObject({
      ...{ project: 'P.tandem', problems: [], problemCount: 0 },
      dataSet: { name: 'Outside', keeping: 'referenced', sizeBytes: 0 },
    })
  })

  it('that is stopped leaves nothing of it', async () => {
    await makeClasses(path('many'), ['x', 'y'], 400)
    const running = start(['data', 'many', ...inP, '--json'], at)
    await running.said('Looking through many')
    running.send('SIGINT')
    const { code, stdout } = await running.ended
    expect(code).toBe(130)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'cancelled' } })
    expect((await infoOf('P.tandem')).dataSets.map(({ name }) => name)).not.toContain('many')
  })
})

describe('tandem project', { timeout: 120_000 }, () => {
  it('info says what is in it, and changes nothing that one would see', async () => {
    const { stdout } = await succeed(['project', 'info', 'P.tandem'], at)
    expect(stdout).toMatch(/^P\.tandem: “P”, \d+\.\d MB, made 2\d{3}-\d\d-\d\d\.\nData sets:\n/)
    expect(stdout).toMatch(/\n {2}classes +2 classes +18 to train with, 2 held out +\d+ kB\n/)
    expect(stdout).toMatch(/\nRuns:\n {2}classes, quick 28 +class 28x28 +2 steps in \d+ s \(100 %\) +2 checkpoints\n/)
    expect(stdout).toMatch(/\nDocuments: none\.\nResults: 0\.\nSpace: pictures \d+ kB, checkpoints \d+\.\d MB/)
    const told = tellingOf<ProjectInfo>(await succeed(['project', 'info', 'P.tandem', '--json'], at))
    expect(told).toMatchObject({
      ...{ file: 'P.tandem', name: 'P', results: 0, documents: [] },
      runs: [{ name: 'classes, quick 28', step: 2, training: false, checkpoints: [{ step: 2 }, { step: 0 }] }],
    })
    expect(readdirSync(folder).filter((name) => name.startsWith('P.'))).toEqual(['P.tandem'])
  })

  it('export writes a copy without what is left out, and never over another file', async () => {
    await succeed(['project', 'export', 'P.tandem', 'light', '--no-pictures', '--no-optimizer'], at)
    const light = await infoOf('light.tandem')
    expect(light.runs).toMatchObject([{ name: 'classes, quick 28', step: 2 }])
    expect(light.space.pictures).toBe(0)
    expect(light.sizeBytes).toBeLessThan((await infoOf('P.tandem')).sizeBytes / 2)
    const bytes = readFileSync(path('light.tandem'))
    const again = await tandem(['project', 'export', 'P.tandem', 'light.tandem'], at)
    expect(again.code).toBe(2)
    expect(again.stderr).toContain('There is already a file light.tandem. It is unchanged.')
    expect(readFileSync(path('light.tandem')).equals(bytes)).toBe(true)
    const nowhere = await tandem(['project', 'export', 'P.tandem', 'nowhere/copy'], at)
    expect(nowhere.code).toBe(1)
    expect(nowhere.stderr).toContain('copy.tandem could not be saved because its folder does not exist')
  })

  it('salvage saves what can be read of a damaged project into a new one', async () => {
    copyFileSync(path('P.tandem'), path('Damaged.tandem'))
    const bytes = readFileSync(path('Damaged.tandem'))
    bytes.fill(0, 4096 * 12, 4096 * 14)
    writeFileSync(path('Damaged.tandem'), bytes)
    const refused = await tandem(['project', 'info', 'Damaged.tandem'], at)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('Damaged.tandem is damaged; nothing in it was changed.')
    const { stdout } = await succeed(['project', 'salvage', 'Damaged.tandem'], at)
    expect(stdout).toMatch(/^Saved into Damaged \(saved\)\.tandem as “.+”:\n(.+\n)* {2}picture +\d+ saved/)
    expect(readFileSync(path('Damaged.tandem')).equals(bytes)).toBe(true)
    expect((await infoOf('Damaged (saved).tandem')).dataSets.length).toBeGreaterThan(0)
  })

  it('tidy gives back what nothing uses', async () => {
    expect(tellingOf(await succeed(['project', 'tidy', 'P.tandem', '--json'], at))).toMatchObject({
      ...{ file: 'P.tandem', freedBytes: expect.any(Number) },
    })
    expect((await infoOf('P.tandem')).space.free).toBe(0)
  })
})

describe('models', { timeout: 120_000 }, () => {
  it('go out of a project and come into another, with the same weights', async () => {
    await succeed(['export', 'classes, quick 28', 'model.safetensors', ...inP], at)
    await succeed(['project', 'create', 'Q.tandem'], at)
    const told = tellingOf(await succeed(['import', 'model.safetensors', '--project', 'Q.tandem', '--json'], at))
    expect(told).toMatchObject({ run: 'model', step: 2, recipe: { task: 'class', labels: ['a', 'b'] } })
    await succeed(['export', 'model', 'again.safetensors', '--project', 'Q.tandem'], at)
    expect(await tensorDigests(path('again.safetensors'))).toEqual(await tensorDigests(path('model.safetensors')))
    const over = await tandem(['export', 'model', 'model.safetensors', '--project', 'Q.tandem'], at)
    expect(over.code).toBe(2)
    expect(over.stderr).toContain('There is already a file model.safetensors. It is unchanged.')
    await succeed(['export', 'model', 'model.safetensors', '--project', 'Q.tandem', '--overwrite'], at)
  })
})

describe('misuse', () => {
  beforeAll(() => writeFileSync(path('text.tandem'), 'not a project'))

  it.concurrent.each([
    ['an unknown data set', ['train', 'cups', ...inP], 2, 'There is no data set “cups” in this project.'],
    ['an unknown run', ['sample', 'cups', ...inP], 2, 'Its runs: “classes, quick 28”.'],
    ['a run of another task', ['translate', 'classes, quick 28', 'x.png', ...inP], 2, 'Use "tandem sample" with it.'],
    [
      'too many steps',
      ['sample', 'classes, quick 28', '--steps', '17', ...inP],
      2,
      'or add --beyond to see for yourself',
    ],
    [
      'a seed that is too large',
      ['sample', 'classes, quick 28', '--seed', '4294967290', ...inP],
      2,
      '--seed goes up to',
    ],
    ['too many threads', ['train', 'classes', '--threads', '300', ...inP], 2, '--threads goes up to 256, not 300.'],
    ['a size of another task', ['train', 'classes', '--size', '256', ...inP], 2, 'has the sizes 28, 32, 64, not 256.'],
    ['a name that is taken', ['data', 'classes', ...inP], 2, 'There is already a data set “classes” in this project'],
    ['an option for files', ['train', 'classes', '--out', 'x', ...inP], 2, "cannot be used with option '--out <file>'"],
    ['an option for projects', ['data', 'classes', '--name', 'x'], 2, '--name is for projects: it needs --project.'],
    ['a file too many', ['import', 'a', 'b', ...inP], 2, 'too many arguments'],
    ['a file too few', ['import', 'a'], 2, "missing required argument 'model'"],
    ['no model to resume', ['resume'], 2, "missing required argument 'model'"],
    ['a sheet over the project', ['sample', 'x', '--out', 'P.tandem', ...inP], 2, 'P.tandem is what the command reads'],
    ['a folder that is not there', ['data', 'gone', ...inP], 1, 'There is no file or folder'],
    ['a project that is not there', ['sample', 'x', '--project', 'R.tandem'], 1, 'R.tandem is not there'],
    ['a file that is no project', ['project', 'info', 'text.tandem'], 1, 'text.tandem is not a Tandem project'],
    ['a name that a project has', ['project', 'create', 'P.tandem'], 1, 'There is already a P.tandem in that folder'],
  ])('%s: %j ends with %i and one sentence', { timeout: 120_000 }, async (_, args, expected, sentence) => {
    // Of its own, for they run beside each other.
    const own = `${randomUUID()}.tandem`
    copyFileSync(path('P.tandem'), path(own))
    const onOwn = (text: string) => text.replaceAll('P.tandem', own)
    const { code, stdout, stderr } = await tandem(args.map(onOwn), at)
    expect(stderr).toContain(onOwn(sentence))
    expect(code).toBe(expected)
    expect(stdout).not.toContain('Imported')
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(3)
  })

  it('makes nothing', () => {
    for (const name of ['R.tandem', 'x', 'sheet.png']) expect(existsSync(path(name))).toBe(false)
  })
})

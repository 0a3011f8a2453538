/** Trainings in a project, by real processes: stopped, killed, gone on with, and two programs on one project. */
import { copyFileSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeClasses, tensorDigests } from '../../../studio/testing.ts'
import { onWasm, start, succeed, tandem, tiny } from '../testing.ts'
import type { ProjectInfo } from './info.ts'
import { createProjectPlace } from './testing.ts'

const { folder, path, at, fill, infoOf, withOwnStudio } = createProjectPlace()
const order = [...tiny, '--set', 'learning.decay=none']
const long = ['--steps-total', '1000000']

beforeAll(async () => {
  await makeClasses(path('classes'), ['a', 'b'])
  await fill('Empty.tandem', { data: ['classes'] })
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A project of its own with the data set. */
function newProject(name: string): readonly string[] {
  copyFileSync(path('Empty.tandem'), path(`${name}.tandem`))
  return ['--project', `${name}.tandem`]
}

describe('a training in pieces', { timeout: 120_000 }, () => {
  it('stops at Ctrl-C with a checkpoint, outlives a kill, and equals the one without a break', async () => {
    const inPieces = newProject('pieces')
    // Ctrl-C reaches the computing process, too.
    const running = start(['train', 'classes', ...inPieces, ...order, ...long, '--json'], { ...at, ownGroup: true })
    await running.said('  step ')
    running.interrupt()
    const { code, stdout } = await running.ended
    expect(code).toBe(130)
    const stopped = JSON.parse(stdout) as { step: number }
    expect(stopped).toMatchObject({ kind: 'cancelled', project: 'pieces.tandem', run: 'classes, quick 28' })
    expect(stopped.step).toBeGreaterThan(0)

    const killed = start(['resume', ...inPieces, ...onWasm], at)
    await killed.said('  step ')
    killed.send('SIGKILL')
    expect((await killed.ended).code).toBeNull()

    const steps = ['--steps-total', String(stopped.step + 3)]
    const resumed = await succeed(['resume', 'classes, quick 28', ...inPieces, ...onWasm, ...steps], at)
    expect(resumed.stdout).toContain(`its newest checkpoint (step ${stopped.step}) is safe.`)
    expect(resumed.stdout).toContain(`Went on from step ${stopped.step}.`)
    expect(resumed.stdout).toMatch(/\nFinished: \d+ steps? in .+\. Saved in pieces\.tandem as “classes, quick 28”\.\n$/)

    const atOnce = newProject('whole')
    await succeed(['train', 'classes', ...atOnce, ...order, ...steps], at)
    await succeed(['export', 'classes, quick 28', 'pieces.safetensors', ...inPieces], at)
    await succeed(['export', 'classes, quick 28', 'whole.safetensors', ...atOnce], at)
    expect(await tensorDigests(path('pieces.safetensors'))).toEqual(await tensorDigests(path('whole.safetensors')))
  })

  it('says how to go on, and what is to be said where nothing is left to do', async () => {
    const own = newProject('going on')
    const running = start(['train', 'classes', ...own, ...order, ...long], at)
    await running.said('  step ')
    running.send('SIGINT')
    expect((await running.ended).stdout).toMatch(
      /go on with: npx tandem resume "classes, quick 28" --project "going on\.tandem"\n$/,
    )
    await succeed(['train', 'classes', ...own, ...order, '--steps-total', '1'], at)
    const { runs } = await infoOf('going on.tandem')
    expect(runs.map(({ name }) => name)).toEqual(['classes, quick 28 (2)', 'classes, quick 28'])
    const which = await tandem(['resume', ...own], at)
    expect(which.code).toBe(2)
    expect(which.stderr).toContain('Its runs: “classes, quick 28 (2)”, “classes, quick 28”.')
    const { stdout } = await succeed(['resume', 'classes, quick 28 (2)', ...own, ...onWasm], at)
    expect(stdout).toContain('It has reached its length; to go on, give --minutes, --steps-total or --epochs.')
  })
})

describe('a training that diverges', { timeout: 120_000 }, () => {
  it('ends with exit 1 and says so', async () => {
    const wild = ['--set', 'learning.solverRate=0.1', '--set', 'chain.bound=0', '--set', 'chain.stepSize=1']
    const args = ['train', 'classes', ...newProject('wild'), ...order, ...wild, '--steps-total', '9', '--json']
    const { code, stdout, stderr } = await tandem(args, at)
    expect(code).toBe(1)
    expect(stderr).toContain('Rolled back to step 0')
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'diverged' } })
  })
})

describe('an engine', { timeout: 120_000 }, () => {
  it('that is not there is named before anything is begun', async () => {
    const own = newProject('engines')
    const missing = await tandem(['train', 'classes', ...own, '--engine', 'tensorflow'], at)
    expect(missing.code).toBe(1)
    expect(missing.stderr).toContain('The engine "tensorflow" is not available')
    expect((await infoOf('engines.tandem')).runs).toEqual([])
  })

  it('of one command changes no settings', async () => {
    await succeed(['train', 'classes', ...newProject('once'), ...order, '--steps-total', '1'], at)
    const settings = await withOwnStudio((studio) => studio.ask('settings:get', {}))
    expect(settings).toMatchObject({ engine: null, threads: null })
  })
})

describe('two programs on one project', { timeout: 120_000 }, () => {
  it('the second is refused or looks on; the first goes on as if nothing were', async () => {
    const own = newProject('shared')
    const running = start(['train', 'classes', ...own, ...order, ...long], at)
    await running.said('  step ')
    const held = /shared\.tandem is open in .+ on this computer since .+ \(process \d+\)\./
    const [train, data, tidy, evaluate, info, sample, copy] = await Promise.all(
      [
        ['train', 'classes', ...own, ...order],
        ['data', 'classes', ...own, '--name', 'more'],
        ['project', 'tidy', 'shared.tandem'],
        ['evaluate', 'classes, quick 28', ...own],
        ['project', 'info', 'shared.tandem', '--json'],
        ['sample', 'classes, quick 28', ...own, ...onWasm, '--count', '1'],
        ['project', 'export', 'shared.tandem', 'copy'],
      ].map((args) => tandem(args, at)),
    )
    for (const { code, stderr } of [train, data, tidy, evaluate]) {
      expect(code).toBe(1)
      expect(stderr).toMatch(held)
    }
    expect([info.code, sample.code, copy.code]).toEqual([0, 0, 0])
    for (const { stdout, stderr } of [info, sample, copy]) {
      expect(stdout + stderr).toMatch(held)
      expect(stdout + stderr).toContain('It is only looked at, as it is saved.')
    }
    expect((JSON.parse(info.stdout) as ProjectInfo).runs).toMatchObject([{ training: true }])
    expect(sample.stdout).toContain('2 pictures, 8 Langevin steps')
    running.send('SIGINT')
    expect((await running.ended).stdout).toContain('Stopped after ')
    // Opening looks for damage.
    const { runs, dataSets } = await infoOf('shared.tandem')
    expect(runs).toMatchObject([{ name: 'classes, quick 28', training: false }])
    expect(dataSets).toHaveLength(1)
    expect((await infoOf('copy.tandem')).runs).toHaveLength(1)
  })
})

import { homedir } from 'node:os'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { importClasses, importTestModel, openTestStudio, type TestStudio } from './testing.ts'

let world: TestStudio
beforeEach(async () => {
  world = await openTestStudio()
})
afterEach(() => world.end())

describe('the program itself', () => {
  it('says what it is, without and with a project', async () => {
    const { studio } = world
    expect(await studio.ask('studio:state', {})).toMatchObject({
      ...{ program: expect.stringMatching(/^\d+\.\d+/), host: 'command-line', project: null, jobs: [] },
      engine: { kind: 'starting' },
    })
    const { id } = await studio.ask('project:create', { name: 'A' })
    expect(await studio.ask('studio:state', {})).toMatchObject({ project: { id, readOnly: false } })
  })

  it('keeps settings over sessions, and begins the next one with the chosen engine', async () => {
    const { studio, folder } = world
    await studio.ask('settings:change', { theme: 'dark' })
    await studio.ask('project:create', { name: 'A' })
    expect(await studio.ask('engine:choose', { engine: 'wasm', threads: 3 })).toMatchObject({ kind: 'ready' })
    expect(await studio.request('settings:change', { pages: { draw: { zoom: Number.NaN } } })).toMatchObject({
      ok: false,
    })
    await studio.close()
    world = await openTestStudio({ folder })
    expect(await world.studio.ask('settings:get', {})).toMatchObject({
      theme: 'dark',
      engine: 'wasm',
      threads: 3,
      pages: {},
    })
    await world.studio.ask('project:create', { name: 'B' })
    expect(world.processes[0].sentOf('begin')).toEqual([{ kind: 'begin', engine: 'wasm', threads: 3 }])
  })

  it('remembers the jobs of earlier sessions', async () => {
    const { studio, folder } = world
    const { id: projectId } = await studio.ask('project:create', { name: 'A' })
    await importClasses(world)
    const [job] = await studio.ask('jobs:list', {})
    await studio.close()
    world = await openTestStudio({ folder })
    await world.studio.ask('project:open', { projectId })
    expect(await world.studio.ask('jobs:list', {})).toMatchObject([
      { id: job.id, kind: 'import', state: { kind: 'ended' } },
    ])
    expect(await world.studio.ask('job:get', { jobId: job.id })).toMatchObject({ title: 'Import “Vessels”' })
    expect(await world.studio.request('job:get', { jobId: projectId })).toMatchObject({ error: { code: 'not-found' } })
  })

  it('reports in words that name neither places nor the person', async () => {
    const { studio, folder, processes } = world
    await studio.ask('project:create', { name: 'My secret vases' })
    await importTestModel(world)
    processes[0].words = `abort: cannot read ${homedir()}/secret/aunt Mia.png\nsecond line`
    const { text } = await studio.ask('diagnostics:report', {})
    expect(text).toContain('wasm: works, 4.22.0, a processor')
    expect(text).toContain('1 runs')
    expect(text).toContain('second line')
    for (const hidden of [homedir() + '/', 'Mia', 'My secret vases', folder]) expect(text).not.toContain(hidden)
  })

  it('draws: previews at once, the newest alone, and refinements step by step', async () => {
    const { studio, heard, say, processes } = world
    await studio.ask('project:create', { name: 'A' })
    const { runId } = await importTestModel(world)
    const order = {
      source: { kind: 'run' as const, runId },
      condition: { kind: 'labels' as const, weights: [1, 0] },
      seed: 1,
    }
    expect(await studio.ask('draw:preview', order)).toMatchObject({ kind: 'drawn', picture: { width: 28, height: 28 } })
    const { jobId } = await studio.ask('draw:refine', order)
    say({ kind: 'begun', jobId })
    const picture = { width: 1, height: 1, channels: 1 as const, data: new Uint8Array([7]) }
    say({ kind: 'pictured', jobId, index: 0, step: 0, steps: 4, initial: null, picture, gain: null })
    expect(heard('picture:refined')).toEqual([{ jobId, step: 0, steps: 4, picture, gain: null }])
    await studio.ask('job:cancel', { jobId })
    expect(heard('job:changed').at(-1)?.job).toMatchObject({ id: jobId, state: { ending: { kind: 'cancelled' } } })
    const gone = { ...order, source: { kind: 'checkpoint', checkpointId: jobId } }
    for (const name of ['draw:refine', 'evaluation:start'])
      expect(await studio.request(name, name === 'draw:refine' ? gone : { source: gone.source })).toMatchObject({
        error: { code: 'not-found' },
      })
    expect(processes).toHaveLength(1)
  })
})

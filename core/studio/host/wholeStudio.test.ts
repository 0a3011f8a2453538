/** The studio with its real computing process: learn, draw, keep, and draw the very same again. */
import { fork } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { moduleBeside } from '../../domain/moduleBeside.ts'
import type { ProcessPort } from '../../contract/port.ts'
import type { Id } from '../../domain/records.ts'
import { importClasses, openTestStudio, type TestStudio } from './testing.ts'

function forkProcess(): ProcessPort {
  const child = fork(moduleBeside(import.meta.url, '../computing/process/entry'), {
    serialization: 'advanced',
    execArgv: [],
  })
  return {
    pid: child.pid,
    send: (message) => void child.send(message as object, () => undefined),
    onMessage(listener) {
      child.on('message', listener)
      return () => child.off('message', listener)
    },
    onGone: (listener) =>
      void child.once('close', (code, signal) => listener(signal ? `signal ${signal}` : `code ${code}`)),
    kill: () => void child.kill('SIGKILL'),
  }
}

let world: TestStudio
let projectId: Id
let runId: Id
beforeAll(async () => {
  world = await openTestStudio({ spawn: forkProcess })
  const { studio, ending } = world
  await studio.ask('settings:change', { engine: 'wasm', threads: 1 })
  projectId = (await studio.ask('project:create', { name: 'Vessels' })).id
  await studio.ask('engine:choose', { engine: 'wasm', threads: 1 })
  const dataSetId = await importClasses(world)
  const small = ['learning.batch=4', 'chain.steps=2']
  const order = { dataSetId, recipe: 'quick' as const, seed: 1, length: { steps: 2 }, set: small }
  const started = await studio.ask('training:start', order)
  runId = started.runId
  expect(await ending(started.jobId)).toMatchObject({ kind: 'finished', outcome: { kind: 'trained', step: 2 } })
})
afterAll(() => world.end())

describe('the studio as a whole', () => {
  it('has learned: checkpoint, chart, probes and notes are in the project', async () => {
    const { studio, heard } = world
    expect(await studio.ask('run:get', { runId })).toMatchObject({
      step: 2,
      progress: 1,
      engine: expect.stringContaining('wasm'),
    })
    expect((await studio.ask('run:checkpoints', { runId })).length).toBeGreaterThan(0)
    expect(heard('checkpoint:saved').length).toBeGreaterThan(0)
    expect(await studio.ask('run:metrics', { runId })).toHaveLength(2)
    const { targets, probes } = await studio.ask('run:probes', { runId })
    expect(probes.length).toBeGreaterThan(0)
    expect(studio.findContent(targets?.observed ?? '')).toMatchObject({ type: 'image/png' })
  })

  it('draws, keeps, and after a restart draws the same again, byte for byte', async () => {
    const { studio, heard, ending } = world
    const condition = { kind: 'labels' as const, weights: [0.4, 0.6] }
    const drawing = { source: { kind: 'run' as const, runId }, condition, seed: 11, steps: 3, noise: true }
    const { jobId } = await studio.ask('draw:refine', drawing)
    expect(await ending(jobId)).toMatchObject({ kind: 'finished' })
    const last = heard('picture:refined').at(-1)
    expect(last).toMatchObject({ jobId, step: 3, steps: 3 })
    if (last === undefined) throw new Error('nothing was drawn')
    const kept = await studio.ask('result:keep', { ...drawing, title: 'Between', picture: last.picture })
    await studio.ask('project:close', {})
    await studio.ask('project:open', { projectId })
    const again = await studio.ask('result:reproduce', { resultId: kept.id })
    expect(await ending(again.jobId)).toMatchObject({
      kind: 'finished',
      outcome: { kind: 'reproduced', equal: true, differentBytes: 0 },
    })
  })

  it('draws previews also in a project that is open to look only', async () => {
    const { studio } = world
    await studio.ask('project:open', { projectId, readOnly: true })
    const condition = { kind: 'labels' as const, weights: [1, 0] }
    const order = { source: { kind: 'run' as const, runId }, condition, seed: 1 }
    expect(await studio.ask('draw:preview', order)).toMatchObject({ kind: 'drawn', picture: { width: 28 } })
  })
})

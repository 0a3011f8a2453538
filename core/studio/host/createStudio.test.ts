import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { eventNames } from '../../contract/events.ts'
import { importTestModel, openTestStudio, type TestStudio } from './testing.ts'

let open: TestStudio[] = []
async function start(...options: Parameters<typeof openTestStudio>): Promise<TestStudio> {
  const opened = await openTestStudio(...options)
  open.push(opened)
  return opened
}
afterEach(async () => {
  for (const { end } of open.reverse()) await end()
  open = []
})

describe('the studio', () => {
  it('answers a request that is not in the table, without a project, or after the end, and never throws', async () => {
    const { studio } = await start()
    for (const name of ['nothing:there', '__proto__', 'constructor', '', 'x'.repeat(10_000)]) {
      const reply = await studio.request(name, {})
      expect(reply).toMatchObject({ ok: false, error: { code: 'misuse' } })
      expect(JSON.stringify(reply).length).toBeLessThan(300)
    }
    expect(await studio.request('runs:list', {})).toMatchObject({
      ok: false,
      error: { code: 'misuse', message: 'No project is open.' },
    })
    await studio.close()
    expect(await studio.request('studio:state', {})).toMatchObject({ ok: false, error: { code: 'misuse' } })
    await studio.close()
  })

  it('writes what nobody foresaw into its log and tells a short reference', async () => {
    const { studio, folder } = await start({ listEngines: () => Promise.reject(new TypeError('a defect')) })
    const reply = await studio.request('engine:list', {})
    if (reply.ok) throw new Error('a defect is no success')
    expect(reply.error).toMatchObject({ code: 'internal', message: expect.stringContaining('Your work is saved.') })
    const [, reference] = /reference (\w{6})/.exec(reply.error.message) ?? []
    const log = readFileSync(join(folder, 'data/logs/tandem.log'), 'utf8')
    expect(log).toContain(`[${reference}] TypeError: a defect`)
    expect(log).toContain('createStudio.test.ts')
    await expect(studio.ask('engine:list', {})).rejects.toThrow('a defect')
  })

  it('does not let a listener that throws disturb a request', async () => {
    const { studio, folder } = await start()
    studio.listen(() => {
      throw new Error('a broken page')
    })
    expect(await studio.ask('project:create', { name: 'A' })).toMatchObject({ name: 'A' })
    expect(readFileSync(join(folder, 'data/logs/tandem.log'), 'utf8')).toContain('a broken page')
  })

  it('tells opening and closing, and who listens no longer hears nothing', async () => {
    const { studio, heard } = await start()
    const names: string[] = []
    const leave = studio.listen((name) => names.push(name))
    const { id } = await studio.ask('project:create', { name: 'A' })
    expect(heard('project:opened')).toMatchObject([{ project: { id, name: 'A' } }])
    leave()
    const before = names.length
    await studio.ask('project:close', {})
    expect(heard('project:closed')).toEqual([{ projectId: id }])
    expect(names).toHaveLength(before)
    expect(names.every((name) => eventNames.some((known) => known === name))).toBe(true)
  })

  it('imports a model', async () => {
    const world = await start()
    await world.studio.ask('project:create', { name: 'A' })
    const { runId } = await importTestModel(world)
    expect(await world.studio.ask('runs:list', {})).toMatchObject([{ id: runId, name: 'bowls', step: 40 }])
  })
})

import { basename } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RequestName } from '../../contract/requests.ts'
import { requests } from '../../contract/requests.ts'
import { createWorld, inputs, requestNames, type World } from './everyRequest.ts'
import { needs } from './needs.ts'
import { openTestStudio } from './testing.ts'

let world: World
beforeAll(async () => {
  world = await createWorld(await openTestStudio())
})
afterAll(() => world.end())

/** Everything of the project and the library that a request could have changed. */
async function snapshot(): Promise<string> {
  const { studio, dataSetId, documentId, runId } = world
  return JSON.stringify([
    await studio.ask('projects:list', {}),
    await studio.ask('settings:get', {}),
    await studio.ask('data:list', {}),
    await studio.ask('data:pictures', { dataSetId }),
    await studio.ask('runs:list', {}),
    await studio.ask('run:checkpoints', { runId }),
    await studio.ask('run:notes', { runId }),
    await studio.ask('documents:list', {}),
    await studio.ask('document:get', { documentId }),
    await studio.ask('results:list', {}),
    await studio.ask('bin:list', {}),
    (await studio.ask('jobs:list', {})).map(({ id }) => id),
  ])
}

const cyclic: Record<string, unknown> = { kind: 'stroke' }
cyclic['self'] = cyclic
let deep: unknown = 1
for (let level = 0; level < 100_000; level++) deep = [deep]
const polluted = JSON.parse(
  '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}',
) as object

const poisons: readonly unknown[] = [
  ...[undefined, null, true, '', 'x'.repeat(300_000), '../../etc/passwd', "'; DROP TABLE run; --", '\0'],
  ...[Number.NaN, Infinity, -Infinity, -1, 0.5, 1e308, 2 ** 53, -(2 ** 31), 10n],
  ...[[], {}, [[]], polluted, cyclic, deep, new Date(0), new Map(), new Uint8Array(3), Symbol('s'), () => 1],
]

/** The value with each of its parts, itself first, replaced by each poison, left out, or given a field too many. */
function* poisoned(value: unknown): Generator<unknown> {
  yield* poisons
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
  if (Array.isArray(value)) {
    for (const [at, part] of value.entries()) for (const bad of poisoned(part)) yield value.with(at, bad)
    return
  }
  yield { ...value, surplus: 1 }
  yield Object.assign(JSON.parse('{"__proto__": 1}'), value)
  for (const [key, part] of Object.entries(value)) {
    yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== key))
    for (const bad of poisoned(part)) yield { ...value, [key]: bad }
  }
}

function isWellFormed(name: RequestName, input: unknown): boolean {
  try {
    return requests[name].input.safeParse(input).success
  } catch {
    return false
  }
}

/** Where making an input itself changes something. */
const id = '00000000-0000-4000-8000-000000000000'
const harmless: { readonly [N in RequestName]?: unknown } = {
  'job:cancel': { jobId: id },
  'picture:pair': { dataSetId: id, observed: 0, condition: 1 },
  'project:delete': { projectId: id },
}

describe('malformed input', () => {
  it.each(requestNames)('of %s is refused as misuse and changes nothing', async (name) => {
    const { studio } = world
    const valid = harmless[name] ?? (await inputs[name](world))
    expect(isWellFormed(name, valid)).toBe(true)
    const before = await snapshot()
    let count = 0
    const refuse = async (input: unknown) => {
      if (isWellFormed(name, input)) return
      count++
      const reply = await studio.request(name, input)
      expect(reply).toMatchObject({ ok: false, error: { code: 'misuse' } })
    }
    for (const input of poisoned(valid)) await refuse(input)
    await fc.assert(
      fc.asyncProperty(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
        refuse,
      ),
      { numRuns: 50 },
    )
    expect(count).toBeGreaterThan(20)
    expect(await snapshot()).toBe(before)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })
})

describe('a project that is open to look only', () => {
  it('refuses what would write, in one sentence, and shows all the rest', async () => {
    const { studio, projectId } = world
    await studio.ask('project:open', { projectId, readOnly: true })
    const before = await snapshot()
    const writing = requestNames.filter((name) => needs[name] === 'writing')
    expect(writing.length).toBeGreaterThan(20)
    const unchanging = new Set<RequestName>(['picture:pair', 'job:cancel', 'checkpoint:remove'])
    for (const name of writing.filter((each) => !unchanging.has(each))) {
      const reply = await studio.request(name, await inputs[name](world))
      expect(reply, name).toMatchObject({
        ok: false,
        error: { code: 'storage-failed', message: 'This project is open to look only; nothing in it was changed.' },
      })
    }
    expect(await snapshot()).toBe(before)
    const drawn = await studio.ask('draw:preview', await inputs['draw:preview'](world))
    expect(drawn).toMatchObject({ kind: 'drawn', picture: { width: 28 } })
    expect(world.processes.at(-1)?.sentOf('project').at(-1)).toMatchObject({ holder: null })
    await studio.ask('project:open', { projectId })
  })
})

describe('every request', () => {
  it('succeeds with what it asks for, and neither it nor an event says where anything is on this machine', async () => {
    const fresh = await createWorld(await openTestStudio())
    const { studio, folder, told } = fresh
    const place = basename(folder)
    const plain = (value: unknown) =>
      JSON.stringify(value, (_, part: unknown) => (part instanceof Uint8Array ? part.length : part))
    for (const name of requestNames) {
      const reply = await studio.request(name, await inputs[name](fresh))
      expect(reply, name).toMatchObject({ ok: true })
      expect(plain(reply)).not.toContain(place)
    }
    expect(told.length).toBeGreaterThan(50)
    expect(plain(told)).not.toContain(place)
    expect(plain(told)).not.toContain('/home/somebody')
    await fresh.end()
  })
})

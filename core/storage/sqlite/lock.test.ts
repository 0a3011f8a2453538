import { once } from 'node:events'
import { hostname } from 'node:os'
import SQLite from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { takeLock } from './lock.ts'
import type { LockOwner } from './lock.ts'
import { beat, createProjectFile } from './projectFile.ts'
import { makeProject, open, rename, startHolder } from './testing.ts'

const at = (secondsFromNow: number) => () => new Date(Date.now() + secondsFromNow * 1000).toISOString()

describe('between two processes', () => {
  it('the second is refused by name, may look, and may write once the first has closed', async () => {
    const path = makeProject()
    const { ask } = await startHolder(path)
    expect(() => open(path, 'write')).toThrow(
      expect.objectContaining({
        problem: 'locked',
        message: expect.stringMatching(
          /^Shoes\.tandem is open in the other program on this computer since \d+ \w+ \d{4}, \d\d:\d\d \(process \d+\)\.$/,
        ),
        hint: expect.stringContaining('look only'),
      }),
    )
    const reader = open(path, 'read')
    expect(await ask('rename')).toBe(1)
    expect(reader.db.prepare('SELECT name FROM project').pluck().get()).toBe('Theirs')
    expect(await ask('close')).toBe('closed')
    expect(rename(open(path, 'write'), 'Ours')).toBe(1)
  })

  it('takes over at once when the first was killed, without what it had half written', async () => {
    const path = makeProject()
    const { child, ask } = await startHolder(path)
    await ask('rename')
    await ask('begin')
    child.kill('SIGKILL')
    await once(child, 'exit')
    const file = open(path, 'write')
    expect(file.db.prepare('SELECT name FROM project').pluck().get()).toBe('Theirs')
    expect(rename(file, 'Ours')).toBe(1)
  })

  it('never lets a holder write that was silent and lost the lock', async () => {
    const path = makeProject()
    const { ask } = await startHolder(path)
    const taken = open(path, 'write', { clock: at(31) })
    expect(await ask('rename')).toMatch(/^Another program has taken over Shoes\.tandem; this one stopped writing/)
    expect(taken.db.prepare('SELECT name FROM project').pluck().get()).toBe('Shoes')
    expect(await ask('close')).toBe('closed')
    expect(rename(taken, 'Ours')).toBe(1)
  })

  it('lets a computing process write under the lock of its host, and stops it when the host is replaced', async () => {
    const path = makeProject()
    const { child, ask } = await startHolder(path)
    const computing = open(path, { join: String(await ask('holder')) })
    expect(rename(computing, 'Computed')).toBe(1)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const next = open(path, 'write')
    expect(() => rename(computing, 'Too late')).toThrow(expect.objectContaining({ problem: 'lost-lock' }))
    expect(() => open(path, { join: computing.holder! })).toThrow(expect.objectContaining({ problem: 'lost-lock' }))
    computing.close()
    expect(rename(next, 'Ours')).toBe(1)
  })
})

describe('take-over', () => {
  const here: LockOwner = { program: 'one', pid: process.pid, machine: hostname() }
  const noon = '2025-06-01T12:00:00.000Z'

  function locked(owner: LockOwner): SQLite.Database {
    const file = createProjectFile(':memory:', { name: 'Shoes' })
    onTestFinished(() => file.close())
    file.db.exec('DELETE FROM lock')
    takeLock(file.db, 'Shoes.tandem', owner, noon)
    return file.db
  }

  it.each<[string, LockOwner, string, boolean]>([
    ['a living process keeps it', here, '2025-06-01T12:00:30.000Z', false],
    ['a living process that is silent loses it', here, '2025-06-01T12:00:30.001Z', true],
    ['a clock that was set back frees it', here, '2025-06-01T11:59:29.000Z', true],
    ['a dead process loses it at once', { ...here, pid: 2 ** 22 + 1 }, noon, true],
    ['a process number that is none loses it at once', { ...here, pid: 0 }, noon, true],
    ['another machine is believed while it beats', { ...here, machine: 'attic' }, '2025-06-01T12:00:29.000Z', false],
    ['another machine that is silent loses it', { ...here, machine: 'attic' }, '2025-06-01T12:00:31.000Z', true],
  ])('%s', (_, owner, now, isFree) => {
    const db = locked(owner)
    const take = () => takeLock(db, 'Shoes.tandem', { ...here, program: 'two' }, now)
    if (isFree) expect(take()).toMatch(/^[0-9a-f-]{36}$/)
    else expect(take).toThrow(/^Shoes\.tandem is open in one on (this computer|attic) since 1 Jun 2025/)
  })

  it('believes no nonsense in a row that a stranger wrote', () => {
    const db = locked({ ...here, program: 'x'.repeat(1000), machine: 'attic' })
    db.exec("UPDATE lock SET taken_at = 'yesterday'")
    expect(() => takeLock(db, 'Shoes.tandem', here, noon)).toThrow(`is open in ${'x'.repeat(60)} on attic (process`)
    db.exec("UPDATE lock SET heartbeat_at = 'never'")
    expect(takeLock(db, 'Shoes.tandem', here, noon)).toBeTruthy()
  })

  it('is put off by every beat', () => {
    const path = makeProject()
    const file = open(path, 'write', { clock: at(-40) })
    beat(file)
    expect(() => open(path, 'write')).toThrow(expect.objectContaining({ problem: 'locked' }))
    beat(file, at(-40)())
    expect(rename(open(path, 'write'), 'Ours')).toBe(1)
    expect(() => beat(file)).toThrow(expect.objectContaining({ problem: 'lost-lock' }))
  })
})

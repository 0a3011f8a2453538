import { describe, expect, it } from 'vitest'
import type { JobEnding, JobOutcome, Progress } from '../../domain/records.ts'
import { openStore } from './store.ts'
import { createRunDraft, hardNames, openTestStore, pause, textBytes } from './testing.ts'

const draft = { kind: 'train', title: 'Train vessels', runId: null } as const
const finished: JobEnding = { kind: 'finished', outcome: null }
const failed: JobEnding = { kind: 'failed', code: 'diverged', message: 'It diverged.', hint: null }
const progress: Progress = {
  ...{ done: 12, total: 400, unit: 'steps', elapsedMs: 99.5, note: 'learning' },
  remaining: { lowMs: 1, highMs: 2 },
}

describe('a job', () => {
  it('is queued, runs, and ends', () => {
    const { jobs } = openTestStore()
    const { id, ...job } = jobs.insert(draft)
    expect(job).toMatchObject({ ...draft, state: { kind: 'queued' }, progress: { done: 0, total: 0 } })
    const started = jobs.start(id)
    expect(started.state).toEqual({ kind: 'running', startedAt: expect.any(String) as string })
    jobs.progress(id, progress)
    expect(jobs.get(id).progress).toEqual(progress)
    const ended = jobs.end(id, finished)
    expect(ended.state).toEqual({ kind: 'ended', endedAt: expect.any(String) as string, ending: finished })
    expect(jobs.get(id)).toEqual(ended)
  })

  const endings: JobEnding[] = [
    finished,
    { kind: 'cancelled' },
    failed,
    { kind: 'failed', code: 'internal', message: hardNames[0], hint: hardNames[3] },
    { kind: 'finished', outcome: { kind: 'trained', step: 7, checkpointId: 'c' } },
  ]
  it.each(endings)('ends as $kind and keeps how', (ending) => {
    const { jobs } = openTestStore()
    const { id } = jobs.insert(draft)
    expect(jobs.end(id, ending).state).toMatchObject({ kind: 'ended', ending })
  })

  it.each(endings.flatMap((first) => endings.map((second) => [first, second] as const)))(
    'ends once: as %j, not again as %j',
    (first, second) => {
      const { jobs } = openTestStore()
      const { id } = jobs.insert(draft)
      const ended = jobs.end(id, first)
      expect(() => jobs.end(id, second)).toThrow(RangeError)
      expect(() => jobs.start(id)).toThrow(RangeError)
      expect(() => jobs.progress(id, progress)).toThrow(RangeError)
      expect(jobs.get(id)).toEqual(ended)
    },
  )

  it('starts once', () => {
    const { jobs } = openTestStore()
    const { id } = jobs.insert(draft)
    jobs.start(id)
    expect(() => jobs.start(id)).toThrow(RangeError)
  })

  it('is said to be missing where there is none', () => {
    const { jobs } = openTestStore()
    expect(jobs.find('x')).toBeUndefined()
    for (const work of [() => jobs.get('x'), () => jobs.start('x'), () => jobs.end('x', finished)])
      expect(work).toThrow('not in the project')
  })

  it('keeps the sheet of an evaluation, which it had claimed until then', async () => {
    const { jobs, contents } = openTestStore()
    const { id } = jobs.insert({ ...draft, kind: 'evaluate' })
    const sheet = contents.claim(id, textBytes('sheet'), 'picture')
    await contents.sweep({ pause })
    const report = { task: 'picture', pictures: 3, features: 'none', figures: [] }
    const outcome: JobOutcome = { kind: 'evaluated', report, sheet }
    expect(jobs.end(id, { kind: 'finished', outcome }).state).toMatchObject({ ending: { outcome } })
    await contents.sweep({ pause })
    expect(contents.has(sheet)).toBe(true)
  })

  it('releases what it had claimed when it fails', async () => {
    const { jobs, contents } = openTestStore()
    const { id } = jobs.insert({ ...draft, kind: 'evaluate' })
    const sheet = contents.claim(id, textBytes('sheet'), 'picture')
    jobs.end(id, failed)
    await contents.sweep({ pause })
    expect(contents.has(sheet)).toBe(false)
  })

  it('keeps no picture that was only for the session, but that it went well', () => {
    const { jobs, file } = openTestStore()
    const { id } = jobs.insert(draft)
    jobs.start(id)
    jobs.progress(id, progress)
    const picture = { width: 1, height: 1, channels: 1, data: new Uint8Array(1) } as const
    const ending: JobEnding = {
      kind: 'finished',
      outcome: { kind: 'reproduced', equal: true, differentBytes: 0, picture },
    }
    const ended = jobs.end(id, ending)
    expect(ended).toMatchObject({ ...draft, progress, state: { kind: 'ended', ending: finished } })
    expect(openStore(file).jobs.get(id)).toEqual(ended)
  })
})

describe('jobs', () => {
  it('are listed newest first, as many as were asked for', () => {
    const { jobs } = openTestStore()
    const ids = Array.from({ length: 5 }, () => jobs.insert(draft).id)
    expect(jobs.list(3).map(({ id }) => id)).toEqual(ids.toReversed().slice(0, 3))
    expect(jobs.list()).toHaveLength(5)
  })

  it('outlive their run', async () => {
    const { jobs, runs, bin } = openTestStore()
    const runId = runs.insert(createRunDraft()).id
    const { id } = jobs.insert({ ...draft, runId })
    expect(jobs.get(id).runId).toBe(runId)
    await bin.remove('run', runId, { pause })
    expect(jobs.get(id).runId).toBeNull()
  })

  it('that went on when the program died end as interrupted, and say where', () => {
    const { jobs } = openTestStore()
    const [queued, running, started, over] = [1, 2, 3, 4].map(() => jobs.insert(draft).id)
    jobs.start(running)
    jobs.progress(running, progress)
    jobs.start(started)
    const ended = jobs.end(over, failed)
    expect(jobs.interruptRunning().map(({ id }) => id)).toEqual([queued, running, started])
    const messageOf = (id: string) => {
      const { state } = jobs.get(id)
      return state.kind === 'ended' && state.ending.kind === 'failed' && state.ending.code === 'interrupted'
        ? state.ending.message
        : undefined
    }
    expect(messageOf(running)).toContain('at 12 of 400 steps')
    expect(messageOf(queued)).toContain('before this had begun')
    expect(messageOf(started)).toContain('while this was going on;')
    expect(jobs.get(over)).toEqual(ended)
    expect(jobs.interruptRunning()).toEqual([])
  })
})

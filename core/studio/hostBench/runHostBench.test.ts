/** The whole bench with a real computing process, as short as it can be: what it measures, not how fast that is. */
import { fork } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ProcessPort } from '../../contract/port.ts'
import { temporaryFolder } from '../testing.ts'
import { runHostBench } from './runHostBench.ts'

function forkProgram(program: URL): ProcessPort {
  const child = fork(program, {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  return {
    pid: child.pid,
    send: (message) => void (child.connected && child.send(message as object)),
    onMessage: (listener) => (child.on('message', listener), () => void child.off('message', listener)),
    onGone: (listener) => void child.once('close', (code) => listener(`exit code ${code}`)),
    kill: () => void child.kill('SIGKILL'),
  }
}

describe('the studio’s bench', () => {
  it('measures everything that it aims at, and leaves nothing behind', async () => {
    const place = temporaryFolder()
    const { rows, engine, load } = await runHostBench({
      ...{ fork: forkProgram, engine: 'wasm', threads: 1, place },
      sizes: {
        ...{ rounds: 2, batch: 1, size: 32, previews: 3, refinements: 1, strokesMs: 20, pictures: 24 },
        ...{ results: 250, runs: 3, pages: 3, savedBytes: 9e6 },
      },
    })
    expect(engine).toMatch(/^wasm .*1 thread/)
    expect(load.before).toBeGreaterThanOrEqual(0)
    for (const { what, median, lowest, highest, runs } of rows) {
      expect(runs, what).toBe(2)
      expect(lowest, what).toBeGreaterThanOrEqual(0)
      expect(median, what).toBeLessThanOrEqual(highest)
    }
    expect(rows.filter(({ target }) => target).map(({ what, target }) => [what, target?.atMost])).toEqual([
      ['Preview while training, median', 100],
      ['Preview while training, 95 of 100', 100],
      ['Preview waits for training, median', 1],
      ['Preview waits for training, 95 of 100', 1],
      ['Preview in a stream while training, median', 100],
      ['Preview in a stream while training, 95 of 100', 100],
      ['Preview alone, median', 100],
      ['Preview alone, 95 of 100', 100],
      ['Save a checkpoint of 9 MB', 10],
      ['Save a checkpoint of 9 MB: memory grows by', 9],
      ['Open a project (250 results, 3 runs)', 300],
      ['Gallery page, 95 of 100', 30],
    ])
    const others = rows.filter(({ target }) => !target).map(({ what }) => what)
    expect(others).toContain('Import: longest gap of the event loop')
    expect(others).toContain('Strokes while checkpoints are saved')
    expect(others).toContain('First refined step while training, 95 of 100')
    expect(readdirSync(place)).toEqual([])
    rmSync(place, { recursive: true })
  }, 120_000)
})

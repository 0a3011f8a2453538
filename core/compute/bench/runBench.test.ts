import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../domain/errors.ts'
import type { Configuration } from './benchRow.ts'
import { createBenchMachine, type BenchMachine } from './contestants.ts'
import { runBench } from './runBench.ts'
import { findWork, type Work, workNames } from './works.ts'

interface Script {
  /** Milliseconds of the first run, then of each round; an error instead of a number. */
  readonly times?: (configuration: Configuration, work: Work) => readonly (number | AppError)[]
  readonly threads?: number
  readonly torch?: boolean
  readonly free?: number
  readonly gpu?: boolean
}

/** A machine that computes nothing: it plays a script and keeps a diary. */
function playMachine(script: Script = {}): BenchMachine & { diary: string[] } {
  const diary: string[] = []
  return {
    diary,
    tryEngine: async (engine) =>
      engine === 'webgpu'
        ? { ok: false, reason: 'no GPU' }
        : { ok: true, gpu: script.gpu === true && engine === 'tensorflow', software: false, detail: '' },
    hasTorch: () => script.torch ?? false,
    freeMegabytes: () => script.free ?? 1e6,
    async start(configuration, work) {
      const name = `${configuration.engine} ${configuration.threads}`
      const [first, ...rounds] = script.times?.(configuration, work) ?? [9, 5, 4, 6, 5, 5]
      if (first instanceof AppError) throw first
      diary.push(`start ${name}`)
      return {
        ready: { threads: script.threads ?? configuration.threads, detail: '', milliseconds: first, peakMegabytes: 10 },
        async measure() {
          diary.push(`measure ${name}`)
          const next = rounds.shift() ?? 5
          if (next instanceof AppError) throw next
          return { milliseconds: next, runs: 2, peakMegabytes: 20 }
        },
        close: () => void diary.push(`close ${name}`),
      }
    },
  }
}

const works = ['langevin class 28']
const gone = new AppError('engine-unavailable', 'Not measured: it ended by SIGABRT.')

describe('runBench', () => {
  it('lets all take turns and keeps the best of all rounds', async () => {
    const machine = playMachine()
    const rows = await runBench({ works, engines: ['wasm'], threads: [2, 1, 2], quick: true }, machine)
    const names = ['stock 1', 'wasm 1', 'wasm 2']
    const each = (verb: string) => names.map((name) => `${verb} ${name}`)
    const turns = each('measure')
    expect(machine.diary).toEqual([...each('start'), ...turns, ...turns, ...turns, ...each('close')])
    expect(rows.map(({ engine, threads }) => `${engine} ${threads}`)).toEqual(names)
    expect(rows[1]).toMatchObject({ milliseconds: 4, runs: 6, peakMegabytes: 20, ratioToStock: 1, note: null })
  })

  it('keeps one large process at a time', async () => {
    const machine = playMachine()
    await runBench({ works: ['cooperative picture 256'], engines: ['wasm'], threads: [1], quick: true }, machine)
    expect(machine.diary.at(0)).toBe('start wasm 1')
    await runBench({ works: ['cooperative picture 256'], engines: ['wasm'], threads: [1] }, machine)
    expect(machine.diary.indexOf('close stock 1')).toBeLessThan(machine.diary.lastIndexOf('start wasm 1'))
  })

  it('makes a row with nulls and a note of a process that does not start, or dies on the way', async () => {
    const rows = await runBench(
      { works, engines: ['wasm', 'tensorflow'], threads: [1] },
      playMachine({ times: ({ engine }) => (engine === 'wasm' ? [gone] : engine === 'stock' ? [90] : [9, 5, gone]) }),
    )
    expect(rows.map(({ milliseconds, note }) => [milliseconds, note])).toEqual([
      [5, null],
      [null, 'Not measured: it ended by SIGABRT'],
      [null, 'Not measured: it ended by SIGABRT'],
    ])
  })

  it('does not hide a defect behind a note', async () => {
    const machine = { ...playMachine(), start: () => Promise.reject(new TypeError('a defect')) }
    await expect(runBench({ works, engines: ['wasm'] }, machine)).rejects.toThrow('a defect')
  })

  it('takes the first run when it is long, and says so', async () => {
    const machine = playMachine({ times: ({ engine }) => (engine === 'stock' ? [45_000] : [9]) })
    const [stock] = await runBench({ works, engines: ['wasm'], threads: [1] }, machine)
    expect(stock).toMatchObject({ milliseconds: 45_000, runs: 1, note: 'one run only, without warm-up' })
    expect(machine.diary).not.toContain('measure stock 1')
  })

  it('gives no more turns to who has computed long enough', async () => {
    const machine = playMachine({ times: ({ engine }) => (engine === 'stock' ? [4000, 3001, 3000] : [9]) })
    const [stock] = await runBench({ works, engines: ['wasm'], threads: [1], quick: true }, machine)
    // Two runs of 3 s in its first turn pass the quick bench's 6 s.
    expect(stock).toMatchObject({ milliseconds: 3001, runs: 2, note: null })
    expect(machine.diary.filter((line) => line === 'measure stock 1')).toHaveLength(1)
  })

  it('says when fewer threads computed than were asked for', async () => {
    const rows = await runBench({ works, engines: ['wasm'], threads: [8] }, playMachine({ threads: 1 }))
    expect(rows.map(({ note }) => note)).toEqual([null, 'computed with 1 thread'])
  })

  it('starts nothing that would not fit into memory', async () => {
    const machine = playMachine({ free: 700 })
    const rows = await runBench({ works, engines: ['wasm'], threads: [1] }, machine)
    expect(machine.diary).toEqual([])
    expect(rows.map(({ milliseconds }) => milliseconds)).toEqual([null, null])
    expect(rows[0].note).toMatch(/^Not measured: it needs about \d+ MB of free memory, and there are 700$/)
  })

  it('names an engine that is not here: in a line, and in a row when it was asked for', async () => {
    const lines: string[] = []
    const onLine = (line: string) => void lines.push(line)
    const rows = await runBench({ works, threads: [1], onLine }, playMachine())
    expect(rows.map(({ engine }) => engine)).toEqual(['stock', 'tensorflow', 'wasm'])
    expect(lines).toContain('webgpu is not available: no GPU')
    const asked = await runBench({ works, threads: [1], engines: ['webgpu'] }, playMachine())
    expect(asked[1]).toMatchObject({ engine: 'webgpu', milliseconds: null, note: 'Not measured: no GPU' })
  })

  it('measures a GPU once, whatever the threads, and PyTorch on the Langevin works alone', async () => {
    const machine = playMachine({ torch: true, gpu: true })
    const options = { works: [...works, 'cooperative class 28'], threads: [1, 2], torch: true }
    const rows = await runBench({ ...options, engines: ['tensorflow'] }, machine)
    const names = rows.map(({ engine, threads, gpu }) => `${engine} ${gpu ? 'GPU' : threads}`)
    expect(names).toEqual(['stock 1', 'tensorflow GPU', 'torch 1', 'torch 2', 'torch GPU', 'stock 1', 'tensorflow GPU'])
    expect(rows.map(({ ratioToTorch }) => ratioToTorch)).toEqual([1, 1, 1, 1, 1, null, null])
  })

  it('says in one line that there is no PyTorch', async () => {
    const lines: string[] = []
    const onLine = (line: string) => void lines.push(line)
    const rows = await runBench({ works, engines: ['wasm'], threads: [1], torch: true, onLine }, playMachine())
    expect(rows.every(({ engine, ratioToTorch }) => engine !== 'torch' && ratioToTorch === null)).toBe(true)
    expect(lines.filter((line) => line.includes('PyTorch'))).toHaveLength(1)
  })

  it('leaves the slowest out when it is to be quick', async () => {
    const measured = (rows: { work: string; engine: string }[], engine: string) =>
      rows.filter((row) => row.engine === engine).map(({ work }) => work)
    const all = await runBench({ engines: ['wasm'], threads: [1] }, playMachine())
    expect(measured(all, 'wasm')).toEqual(workNames)
    expect(measured(all, 'stock')).toEqual(workNames)
    const quick = await runBench({ engines: ['wasm'], threads: [1], quick: true }, playMachine())
    expect(measured(quick, 'wasm')).toEqual(workNames.filter((name) => name !== 'cooperative picture 256'))
    expect(measured(quick, 'stock')).not.toContain('cooperative class 28')
  })

  it.each([
    [{ works: ['langevin'] }, /no work named "langevin"/],
    [{ threads: [] }, /at least one number of threads/],
    [{ threads: [0] }, /whole number from 1 to 256, not 0/],
    [{ threads: [1.5] }, /not 1.5/],
    [{ engines: ['cuda' as 'wasm'] }, /no engine named "cuda"/],
  ])('refuses %o', async (options, message) => {
    const run = runBench(options, playMachine())
    await expect(run).rejects.toMatchObject({ code: 'misuse', message: expect.stringMatching(message) as string })
  })
})

describe('the processes', () => {
  const langevin = findWork('langevin picture 64')

  it('measures a Langevin step on the embedded engine', async () => {
    const contestant = await createBenchMachine().start({ engine: 'wasm', threads: 1, gpu: false }, langevin)
    expect(contestant.ready).toMatchObject({ threads: 1, detail: expect.stringContaining('processor') as string })
    const answer = await contestant.measure(1)
    contestant.close()
    expect(answer).toEqual({
      milliseconds: expect.any(Number) as number,
      runs: expect.any(Number) as number,
      peakMegabytes: expect.any(Number) as number,
    })
    expect(answer.milliseconds).toBeGreaterThan(0)
    expect(answer.runs).toBeGreaterThanOrEqual(1)
    expect(answer.peakMegabytes).toBeGreaterThan(1)
  })

  it('turns an unknown work of the child into its reason', async () => {
    const start = createBenchMachine().start(
      { engine: 'wasm', threads: 1, gpu: false },
      { ...langevin, name: 'nothing' },
    )
    await expect(start).rejects.toThrow('Not measured: The bench has no work named "nothing".')
  })

  it('gives PyTorch the network, the batch and the threads', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'))
    const python = join(folder, 'python3')
    const fake = `#!${process.execPath}
      const order = JSON.parse(process.argv[3])
      console.log(JSON.stringify({ threads: order.threads, detail: process.argv[2], milliseconds: order.batch, peakMegabytes: 1 }))
      console.error(order.recipe.solver.head.kind, order.recipe.chain.steps, process.env.OMP_NUM_THREADS, order.gpu)
      process.exit(1)`
    try {
      writeFileSync(python, fake)
      chmodSync(python, 0o755)
      const contestant = await createBenchMachine(python).start({ engine: 'torch', threads: 2, gpu: false }, langevin)
      const detail = expect.stringMatching(/torchBench\.py$/) as string
      expect(contestant.ready).toMatchObject({ threads: 2, milliseconds: 8, detail })
      await expect(contestant.measure(1)).rejects.toThrow('patch 5 2 false')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('finds no PyTorch where there is no Python', () => {
    expect(createBenchMachine('no-such-python').hasTorch()).toBe(false)
  })

  it("runs PyTorch's program, which says itself when PyTorch is missing", async () => {
    if (spawnSync('python3', ['--version']).status !== 0) {
      process.stdout.write('Not run: there is no python3 on this machine\n')
      return
    }
    const machine = createBenchMachine()
    const start = machine.start({ engine: 'torch', threads: 1, gpu: false }, langevin)
    if (!machine.hasTorch()) return await expect(start).rejects.toThrow('Not measured: PyTorch cannot be imported')
    const contestant = await start
    expect(await contestant.measure(1)).toMatchObject({ milliseconds: expect.any(Number) as number })
    contestant.close()
  })
})

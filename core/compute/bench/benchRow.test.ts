import { describe, expect, it } from 'vitest'
import { addRatios, createRow, type Configuration } from './benchRow.ts'
import { formatBench } from './formatBench.ts'
import { findWork } from './works.ts'

const langevin = findWork('langevin class 28')
const cooperative = findWork('cooperative class 28')
const of = (engine: Configuration['engine'], threads = 1, gpu = false): Configuration => ({ engine, threads, gpu })
const took = (milliseconds: number, runs = 3) => ({ milliseconds, runs, peakMegabytes: 99.6 })

describe('createRow', () => {
  it('reckons rates from the best time', () => {
    const row = createRow(of('wasm', 2), langevin, took(250))
    expect(row).toMatchObject({ engine: 'wasm', threads: 2, work: 'langevin class 28', stepsPerSecond: 4, runs: 3 })
    expect(row.gigaflops).toBeCloseTo((4 * 100 * 20_760_320) / 0.25 / 1e9, 9)
    expect(row.note).toBeNull()
  })

  it('divides a cooperative step by its sixteen Langevin steps', () => {
    const row = createRow(of('wasm'), cooperative, took(3200))
    expect(row.millisecondsPerLangevinStep).toBe(200)
    expect(createRow(of('wasm'), langevin, took(200)).millisecondsPerLangevinStep).toBe(200)
  })

  it.each([undefined, took(Number.NaN), took(Number.POSITIVE_INFINITY), took(0)])(
    'has nulls and the note where nothing was measured (%o)',
    (measured) => {
      expect(createRow(of('webgpu'), langevin, measured, 'Not measured: gone')).toEqual({
        ...{ engine: 'webgpu', threads: 1, gpu: false, work: 'langevin class 28', runs: 0, note: 'Not measured: gone' },
        ...{ milliseconds: null, millisecondsPerLangevinStep: null, stepsPerSecond: null, gigaflops: null },
        ...{ peakMegabytes: null, ratioToStock: null, ratioToTorch: null },
      })
    },
  )
})

describe('addRatios', () => {
  const rows = addRatios([
    createRow(of('stock'), langevin, took(2000)),
    createRow(of('wasm', 1), langevin, took(250)),
    createRow(of('wasm', 2), langevin, took(125)),
    createRow(of('tensorflow', 1, true), langevin, took(5)),
    createRow(of('webgpu', 1, true), langevin, undefined, 'gone'),
    createRow(of('torch', 1), langevin, took(100)),
    createRow(of('torch', 1, true), langevin, took(4)),
    createRow(of('wasm', 1), cooperative, took(4000)),
  ])

  it('compares with stock on the same work', () => {
    expect(rows.map(({ ratioToStock }) => ratioToStock)).toEqual([1, 8, 16, 400, null, 20, 500, null])
  })

  it('compares with PyTorch on as many threads, and GPU with GPU', () => {
    expect(rows.map(({ ratioToTorch }) => ratioToTorch)).toEqual([0.05, 0.4, null, 0.8, null, 1, 1, null])
  })

  it('does not compare with a reference that failed', () => {
    const [, row] = addRatios([
      createRow(of('stock'), langevin, undefined, 'gone'),
      createRow(of('wasm'), langevin, took(5)),
    ])
    expect(row.ratioToStock).toBeNull()
  })

  it('survives JSON', () => {
    expect(JSON.parse(JSON.stringify(rows))).toEqual(rows)
  })
})

describe('formatBench', () => {
  it('aligns one table per work, without columns that nobody has', () => {
    const rows = addRatios([
      createRow(of('stock'), langevin, took(2000.4, 3)),
      createRow(of('wasm', 12), langevin, took(98.76, 12)),
      createRow(of('tensorflow', 1, true), langevin, undefined, 'Not measured: it ended by SIGABRT'),
      createRow(of('wasm'), cooperative, took(4000, 2)),
    ])
    expect(formatBench(rows)).toBe(
      [
        'langevin class 28',
        'engine          threads  ms/step  steps/s  ms/Langevin  GFLOP/s  peak MB  x stock  best of',
        'stock                 1     2000     0.50         2000     4.15      100    1.00x        3',
        'wasm                 12     98.8     10.1         98.8     84.1      100    20.3x       12',
        'tensorflow GPU        -        -        -            -        -        -        -        -  Not measured: it ended by SIGABRT',
        '',
        'cooperative class 28',
        'engine          threads  ms/step  steps/s  ms/Langevin  GFLOP/s  peak MB  x stock  best of',
        'wasm                  1     4000     0.25          250     42.6      100        -        2',
      ].join('\n'),
    )
  })

  it('has nothing to say about nothing', () => {
    expect(formatBench([])).toBe('')
  })
})

import { afterEach, describe, expect, it, vi } from 'vitest'
import { AppError, CancelledError } from '../../domain/errors.ts'
import {
  formatBytes,
  formatDuration,
  formatRange,
  formatTable,
  quoted,
  reportError,
  stopOnInterrupt,
} from './terminal.ts'

afterEach(() => {
  vi.restoreAllMocks()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeAllListeners(signal)
})

/** What is written meanwhile. */
function listen() {
  const told = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      told[name] += String(text)
      return true
    })
  return told
}

describe('formatDuration and formatRange', () => {
  it.each([
    [400, '0 s'],
    [59_400, '59 s'],
    [75_000, '1 min 15 s'],
    [3_600_000, '1 h 0 min'],
    [90_061_000, '25 h 1 min'],
  ])('%i ms', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text))

  it.each([
    [undefined, 'measuring'],
    [{ low: 10_200, high: 12_100 }, '10-13 s left'],
    [{ low: 60_000, high: 60_000 }, '60 s left'],
    [{ low: 100_000, high: 400_000 }, '1-7 min left'],
  ])('%j', (range, text) => expect(formatRange(range)).toBe(text))
})

describe('formatBytes, formatTable and quoted', () => {
  it.each([
    [0, '0 kB'],
    [1, '1 kB'],
    [999_001, '1000 kB'],
    [1_250_000, '1.3 MB'],
    [2_340_000_000, '2.3 GB'],
  ])('%i bytes', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

  it('puts rows in columns, also rows that end early, without spaces behind', () => {
    const rows = [
      ['a', 'long', 'x'],
      ['longer', 'b'],
      ['c', '', ''],
    ]
    expect(formatTable(rows, { indent: 2 })).toBe('  a       long  x\n  longer  b\n  c')
    expect(formatTable([])).toBe('')
  })

  it('quotes what a shell would take apart', () => {
    expect(['a/B-1.tandem', 'my project', 'a;b', ''].map(quoted)).toEqual([
      'a/B-1.tandem',
      '"my project"',
      '"a;b"',
      '""',
    ])
  })
})

describe('stopOnInterrupt', () => {
  it('asks to stop at the first signal and ends at once at the second', () => {
    const told = listen()
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never)
    const signal = stopOnInterrupt()
    process.emit('SIGINT')
    expect(signal.aborted).toBe(true)
    expect(exit).not.toHaveBeenCalled()
    expect(told.stderr).toContain('Stopping. Once more to stop at once.')
    process.emit('SIGINT')
    expect(exit).toHaveBeenCalledWith(130)
  })
})

describe('reportError', () => {
  it.each([
    [new AppError('misuse', 'No.', { hint: 'Do.' }), 2, { code: 'misuse', message: 'No.', hint: 'Do.' }],
    [new AppError('diverged', 'Wild.'), 1, { code: 'diverged', message: 'Wild.' }],
    [new CancelledError(), 130, { code: 'cancelled', message: 'Cancelled.' }],
    [new TypeError('x is not a function'), 1, expect.objectContaining({ code: 'internal' })],
  ])('gives the exit code and one JSON value (%s)', (error, code, value) => {
    const told = listen()
    expect(reportError(error, { json: true })).toBe(code)
    expect(JSON.parse(told.stdout)).toEqual({ error: value })
  })

  it('tells people a sentence and what to do, without a stack', () => {
    const told = listen()
    reportError(new AppError('bad-input', 'It is damaged.', { hint: 'Copy it again.' }), { json: false })
    expect(told.stdout).toBe('')
    expect(told.stderr.trim()).toBe('It is damaged.\nCopy it again.')
  })
})

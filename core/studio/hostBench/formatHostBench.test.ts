import { describe, expect, it } from 'vitest'
import { summarise } from './figure.ts'
import { formatHostBench } from './formatHostBench.ts'

describe('the table of the studio’s bench', () => {
  it('lines up numbers, targets and verdicts under the machine', () => {
    const rows = summarise([
      { what: 'Preview', unit: 'ms', value: 12.34, target: { atMost: 100 } },
      { what: 'Preview', unit: 'ms', value: 300, target: { atMost: 100 } },
      { what: 'Gallery page', unit: 'ms', value: 1.234, target: { atMost: 30 } },
      { what: 'Strokes', unit: 'a second', value: 456.7 },
    ])
    const report = { engine: 'wasm 4.22.0, a processor', processors: 2, load: { before: 1, after: 2.25 }, rows }
    expect(formatHostBench(report).split('\n')).toEqual([
      'The studio on wasm 4.22.0, a processor; 2 processors, load 1.0 before and 2.3 after',
      '              median        range            runs  target',
      'Preview          156   12.3 - 300  ms           2  <= 100  MISSED',
      'Gallery page    1.23  1.23 - 1.23  ms           1   <= 30  met',
      'Strokes          457    457 - 457  a second     1',
    ])
  })
})

import { describe, expect, it } from 'vitest'
import { formatDiagnostics, hideMachine } from './diagnostics.ts'

const places = { home: '/home/ada', program: '/opt/tandem' }

describe('the diagnostics', () => {
  it.each([
    ['at run (/opt/tandem/core/studio/queue.ts:12:3)', 'at run (<program>/core/studio/queue.ts:12:3)'],
    ['ENOENT: open /home/ada/secret vases/x.png', 'ENOENT: open ~/… vases/<file>.png'],
    ["open '/home/ada/My pictures/aunt Mia.png'", "open '<file>.png'"],
    ['“aunt Mia.jpeg” cannot be used', '“<file>.jpeg” cannot be used'],
    ['C:\\Users\\Ada\\x.tandem is locked', '<place> is locked'],
    ['mount /media/stick/pictures failed', 'mount <place> failed'],
    ['file:///srv/data/x.js:3', '<place>:3'],
    ['aunt-mia.PNG was odd', '<file>.PNG was odd'],
    ['node:internal/modules/esm:12 and 3/4 of 1/2', 'node:internal/modules/esm:12 and 3/4 of 1/2'],
    ['version 1.2.3, gap 0.5', 'version 1.2.3, gap 0.5'],
  ])('write %j as %j', (from, to) => {
    expect(hideMachine(from, places)).toBe(to)
  })

  it('say what there is, and that there is nothing', () => {
    const text = formatDiagnostics({
      host: 'web',
      engine: { kind: 'unavailable', message: 'No engine works here.', hint: null },
      engines: [{ engine: 'wasm', available: false, version: null, detail: '', reason: 'no kernels', howToGet: null }],
      project: 'none open',
      jobs: [],
      computeLines: ['abort trap'],
      logLines: [],
    })
    expect(text).toContain('unavailable: No engine works here.\n  wasm: not available (no kernels)')
    expect(text).toContain('Jobs\n  none')
    expect(text).toContain('abort trap')
    expect(text).toContain(`Node ${process.versions.node}`)
  })
})

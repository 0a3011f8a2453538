import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../testing.ts'
import { openLog } from './log.ts'

describe('the log', () => {
  it('holds an error with its stack and cause under the reference that it gives', () => {
    const folder = join(temporaryFolder(), 'logs')
    const log = openLog(folder)
    const reference = log.error(new Error('outer', { cause: new Error('inner') }))
    expect(reference).toMatch(/^[A-HJ-NP-Z2-9]{6}$/)
    const text = readFileSync(join(folder, 'tandem.log'), 'utf8')
    expect(text).toContain(`[${reference}] Error: outer`)
    expect(text).toContain('inner')
    expect(text).toContain('log.test.ts')
    expect(log.lines().join('\n')).toContain(reference)
  })

  it('stays bounded, whatever comes, and keeps the newest', () => {
    const folder = temporaryFolder()
    const log = openLog(folder, 2000)
    for (let at = 0; at < 100; at++) log.note(`entry ${at} ${'x'.repeat(300)}`)
    log.error({ huge: 'y'.repeat(1_000_000), many: Array.from({ length: 100_000 }, () => 1) })
    const files = readdirSync(folder)
    expect(files.toSorted()).toEqual(['tandem.log', 'tandem.log.1', 'tandem.log.2'])
    const bytes = files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0)
    expect(bytes).toBeLessThan(40_000)
    expect(readFileSync(join(folder, 'tandem.log.1'), 'utf8')).toContain('entry 99')
    expect(log.lines().length).toBeLessThanOrEqual(200)
  })

  it('goes on where its folder cannot be made', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), '')
    const log = openLog(join(folder, 'file', 'logs'))
    log.note('still here')
    expect(log.lines().join()).toContain('still here')
  })
})

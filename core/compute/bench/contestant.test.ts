import { describe, expect, it } from 'vitest'
import { startContestant } from './contestant.ts'

const ready = `console.log(JSON.stringify({ threads: 1, detail: 'test', milliseconds: 7, peakMegabytes: 1 }))`
const node = (code: string) => ({ command: process.execPath, parameters: ['-e', code] })

describe('startContestant', () => {
  it('passes requests on and ignores lines that are not answers', async () => {
    const contestant = await startContestant(
      node(`console.log('library 1.0'); console.log('3'); ${ready}
        process.stdin.on('data', (data) => {
          console.log('{"some": "thing"}')
          console.log(JSON.stringify({ milliseconds: Number(data), runs: 2, peakMegabytes: 5 }))
        })`),
    )
    expect(contestant.ready).toEqual({ threads: 1, detail: 'test', milliseconds: 7, peakMegabytes: 1 })
    expect(await contestant.measure(12)).toEqual({ milliseconds: 12, runs: 2, peakMegabytes: 5 })
    expect(await contestant.measure(13)).toMatchObject({ milliseconds: 13 })
    contestant.close()
  })

  it.each([
    ['says why it failed', `console.log('{"failed": "out of memory."}')`, 'Not measured: out of memory.'],
    ['ends without a word', `process.exit(3)`, 'Not measured: it ended with code 3.'],
    ['is killed', `process.kill(process.pid, 'SIGABRT')`, 'Not measured: it ended by SIGABRT.'],
    [
      'throws',
      `throw new RangeError('no such size')`,
      'Not measured: it ended with code 1 ("RangeError: no such size").',
    ],
  ])('tells the reason when the process %s', async (_, code, message) => {
    await expect(startContestant(node(code))).rejects.toMatchObject({ code: 'engine-unavailable', message })
  })

  it('tells when there is no such program', async () => {
    const start = startContestant({ command: 'no-such-program-here', parameters: [] })
    await expect(start).rejects.toThrow(/^Not measured: it could not be started: .*ENOENT/)
  })

  it('ends a process that does not answer', async () => {
    const start = startContestant(node('setInterval(() => undefined, 1000)'), 50)
    await expect(start).rejects.toThrow('Not measured: no answer within 0.05 seconds.')
  })

  it('tells when the process dies while it measures, and at every later request', async () => {
    const contestant = await startContestant(node(`${ready}; process.stdin.on('data', () => process.exit(9))`))
    await expect(contestant.measure(1)).rejects.toThrow('Not measured: it ended with code 9.')
    await expect(contestant.measure(1)).rejects.toThrow('Not measured: it ended with code 9.')
  })
})

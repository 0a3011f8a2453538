import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { probeInChild } from './probeInChild.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-probe-'))
afterAll(() => rmSync(folder, { recursive: true }))

function probe(program: string, timeoutMs = 10_000): ReturnType<typeof probeInChild> {
  const script = join(folder, 'probe.mjs')
  writeFileSync(script, program)
  return probeInChild({ kind: 'tensorflow', threads: 1 }, { script, timeoutMs })
}

const answer = `process.stdout.write(JSON.stringify({ ok: true, version: '1', threads: 2, detail: 'd', software: false }) + '\\n')`

it('passes on the answer, whatever the library printed before it', async () => {
  expect(await probe(`console.log('loading {'); ${answer}`)).toEqual({
    ...{ ok: true, version: '1', threads: 2, detail: 'd', software: false },
  })
})

it('hands the candidate over', async () => {
  const program = `const { kind } = JSON.parse(process.argv[2]); console.log(JSON.stringify({ ok: false, reason: kind }))`
  expect(await probe(program)).toEqual({ ok: false, reason: 'tensorflow' })
})

it('survives an abort in native code, even one after the answer', async () => {
  expect(await probe(`process.abort()`)).toMatchObject({ ok: false, reason: expect.stringContaining('SIGABRT') })
  expect(await probe(`${answer}; setImmediate(() => process.kill(process.pid, 'SIGSEGV'))`)).toMatchObject({
    ok: false,
    reason: expect.stringContaining('SIGSEGV'),
  })
})

it('ends an engine that hangs', async () => {
  const result = await probe('for (;;);', 300)
  expect(result).toEqual({ ok: false, reason: 'it did not answer within 0.3 seconds' })
})

it('quotes the last complaint of one that ends without an answer', async () => {
  const result = await probe(`console.error('first'); console.error('missing libfoo.so'); process.exitCode = 3`)
  expect(result).toEqual({ ok: false, reason: 'it ended with code 3 ("missing libfoo.so")' })
})

it('really opens an engine', async () => {
  const result = await probeInChild({ kind: 'wasm', threads: 1 })
  expect(result).toMatchObject({ ok: true, threads: 1 })
})

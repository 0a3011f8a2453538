import { expect, it } from 'vitest'
import { describeDevices, formatDevices } from './devices.ts'
import type { Machine } from './engine.ts'
import type { ProbeResult } from './probeInChild.ts'
import type { TensorflowBuild } from './tensorflow/engineFolder.ts'

const wasm: ProbeResult = { ok: true, version: '4.22.0', threads: 2, detail: 'processor, 2 threads', software: false }

function imagine(builds: TensorflowBuild[], probes: Record<string, ProbeResult>): Machine {
  return {
    listBuilds: () => builds,
    probe: async ({ kind, build }) => probes[build ?? kind] ?? wasm,
    open: () => Promise.reject(new Error('a report opens nothing here')),
  }
}

const software: ProbeResult = { ok: true, version: '4.22.0', threads: 1, detail: 'SwiftShader', software: true }
const gpu = { name: 'NVIDIA H200', driver: '570.1', memoryMegabytes: 143771 }

it('says which engine is chosen and why the faster ones are not', async () => {
  const report = await describeDevices(imagine([], { webgpu: software }), () => [])
  expect(report.chosen).toBe('wasm')
  expect(report.engines.map(({ kind, available }) => [kind, available])).toEqual([
    ['tensorflow', false],
    ['webgpu', true],
    ['wasm', true],
  ])
  expect(report.why).toMatch(/tensorflow: it was not brought.*webgpu: imitated by the processor/)
})

it('is plain data', async () => {
  const report = await describeDevices(imagine(['cpu'], { webgpu: software }), () => [gpu])
  expect(JSON.parse(JSON.stringify(report))).toEqual(report)
})

it('reads well on a terminal, one fact a line, with what to do', async () => {
  const crashed: ProbeResult = { ok: false, reason: 'it ended by SIGABRT' }
  const native: ProbeResult = {
    ok: true,
    version: '2.21.0',
    threads: 8,
    detail: 'processor, oneDNN, 8 threads',
    software: false,
  }
  const none: ProbeResult = { ok: false, reason: 'WebGPU finds no GPU on this machine', hint: 'It needs a driver.' }
  const report = await describeDevices(imagine(['gpu', 'cpu'], { gpu: crashed, cpu: native, webgpu: none }), () => [
    gpu,
  ])
  const lines = formatDevices(report).split('\n')
  expect(lines).toEqual(
    expect.arrayContaining([
      'GPU               NVIDIA H200, 143.8 GB, driver 570.1',
      'tensorflow (gpu)  not available: it ended by SIGABRT',
      'tensorflow (cpu)  works, 2.21.0, processor, oneDNN, 8 threads',
      'webgpu            not available: WebGPU finds no GPU on this machine',
      '                  It needs a driver.',
      'Chosen            tensorflow, the fastest that works here (tensorflow (gpu): it ended by SIGABRT)',
    ]),
  )
})

it('still answers where no engine works', async () => {
  const none: ProbeResult = { ok: false, reason: 'no' }
  const report = await describeDevices(imagine([], { webgpu: none, wasm: none }), () => [])
  expect(report.chosen).toBeUndefined()
  expect(formatDevices(report)).toContain('Chosen            no engine works here')
})

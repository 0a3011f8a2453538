import { describe, expect, it } from 'vitest'
import { AppError } from '../domain/errors.ts'
import { openEngine, type EngineKind, type Machine } from './engine.ts'
import type { EngineCandidate } from './openCandidate.ts'
import type { ProbeResult } from './probeInChild.ts'
import type { TensorflowBuild } from './tensorflow/engineFolder.ts'

type Name = 'tensorflow-gpu' | 'tensorflow-cpu' | 'webgpu' | 'wasm'

const works: ProbeResult = { ok: true, version: '1', threads: 1, detail: 'a GPU', software: false }
const broken: ProbeResult = { ok: false, reason: 'it ended by SIGABRT' }

interface Imagined extends Machine {
  probed: string[]
  opened: EngineCandidate[]
}

/** `opens` may make an engine fail although its trial went well. */
function imagine(
  builds: TensorflowBuild[],
  probes: Partial<Record<Name, ProbeResult>>,
  opens: Partial<Record<Name, Error>> = {},
): Imagined {
  const name = ({ kind, build }: EngineCandidate): Name => (build ? `tensorflow-${build}` : kind) as Name
  const machine: Imagined = {
    probed: [],
    opened: [],
    listBuilds: () => builds,
    probe: async (candidate) => {
      machine.probed.push(name(candidate))
      return probes[name(candidate)] ?? { ok: false, reason: 'it is not here.' }
    },
    open: async (candidate) => {
      const error = opens[name(candidate)]
      if (error) throw error
      machine.opened.push(candidate)
      return {
        kind: candidate.kind,
        version: '1',
        threads: candidate.threads,
        detail: name(candidate),
        close: () => undefined,
      }
    },
  }
  return machine
}

async function choose(machine: Imagined, engine?: EngineKind): Promise<string> {
  return (await openEngine(engine ? { engine, threads: 3 } : { threads: 3 }, machine)).detail
}

describe('without a wish', () => {
  it('takes TensorFlow on the GPU, then on the processor', async () => {
    expect(await choose(imagine(['gpu', 'cpu'], { 'tensorflow-gpu': works, 'tensorflow-cpu': works }))).toBe(
      'tensorflow-gpu',
    )
    expect(await choose(imagine(['gpu', 'cpu'], { 'tensorflow-gpu': broken, 'tensorflow-cpu': works }))).toBe(
      'tensorflow-cpu',
    )
  })

  it('takes WebGPU where TensorFlow is not here, without trying TensorFlow', async () => {
    const machine = imagine([], { webgpu: works })
    expect(await choose(machine)).toBe('webgpu')
    expect(machine.probed).toEqual(['webgpu'])
  })

  it('never takes a GPU that the processor imitates', async () => {
    expect(await choose(imagine([], { webgpu: { ...works, software: true } }))).toBe('wasm')
  })

  it('falls to the embedded engine, which needs no trial', async () => {
    const machine = imagine(['cpu'], { 'tensorflow-cpu': broken })
    expect(await choose(machine)).toBe('wasm')
    expect(machine.probed).toEqual(['tensorflow-cpu', 'webgpu'])
  })

  it('goes on when an engine fails here that worked in its trial', async () => {
    const failing = new AppError('engine-unavailable', 'The GPU is in use.')
    expect(await choose(imagine(['gpu'], { 'tensorflow-gpu': works }, { 'tensorflow-gpu': failing }))).toBe('wasm')
  })

  it('lets a defect of the program through', async () => {
    const defect = new TypeError('x is not a function')
    await expect(choose(imagine(['cpu'], { 'tensorflow-cpu': works }, { 'tensorflow-cpu': defect }))).rejects.toBe(
      defect,
    )
  })

  it('says every reason when nothing works', async () => {
    const failing = new AppError('engine-unavailable', 'No WebAssembly.')
    await expect(choose(imagine(['cpu'], { 'tensorflow-cpu': broken }, { wasm: failing }))).rejects.toMatchObject({
      code: 'engine-unavailable',
      message: 'No engine works here: tensorflow: it ended by SIGABRT; webgpu: it is not here; wasm: No WebAssembly.',
    })
  })
})

describe('with a wish', () => {
  it('takes what was asked for, also an imitated GPU', async () => {
    expect(await choose(imagine([], { webgpu: { ...works, software: true } }), 'webgpu')).toBe('webgpu')
    expect(await choose(imagine(['cpu'], { 'tensorflow-cpu': works }), 'wasm')).toBe('wasm')
  })

  it('never takes another one instead, but says why and what to do', async () => {
    await expect(choose(imagine([], { webgpu: works }), 'tensorflow')).rejects.toMatchObject({
      code: 'engine-unavailable',
      message: 'The engine "tensorflow" is not available: it was not brought to this machine yet.',
      hint: expect.stringContaining('npm run engine:tensorflow'),
    })
    const refused: ProbeResult = { ok: false, reason: 'WebGPU finds no GPU on this machine.', hint: 'Use wasm.' }
    await expect(choose(imagine([], { webgpu: refused }), 'webgpu')).rejects.toMatchObject({
      message: 'The engine "webgpu" is not available: WebGPU finds no GPU on this machine.',
      hint: 'Use wasm.',
    })
  })

  it('refuses an engine or a number of threads that cannot be', async () => {
    const machine = imagine([], {})
    await expect(openEngine({ engine: 'cuda' as EngineKind }, machine)).rejects.toThrow('cuda')
    for (const threads of [0, -1, 1.5, NaN])
      await expect(openEngine({ threads }, machine)).rejects.toThrow(String(threads))
  })
})

it('passes the number of threads on, as far as the embedded engine can use them', async () => {
  const machine = imagine(['cpu'], { 'tensorflow-cpu': works })
  await openEngine({ threads: 200 }, machine)
  await openEngine({ threads: 200, engine: 'wasm' }, machine)
  expect(machine.opened.map(({ threads }) => threads)).toEqual([200, 64])
})

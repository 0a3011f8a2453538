import { beforeAll, describe, expect, it } from 'vitest'
import { buildKernels } from './buildKernels.ts'
import { instantiateKernels } from './instantiateKernels.ts'
import { loadKernels } from './kernelFiles.ts'
import { ThreadTeam } from './threadTeam.ts'

async function startTeam(threads: number) {
  const { module } = loadKernels('simd', 'shared')
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 64, shared: true })
  const kernels = instantiateKernels(module, memory)
  return { memory, team: await ThreadTeam.start(threads, kernels, module, memory) }
}

const beyondMemory = 2 ** 31

beforeAll(async () => {
  await buildKernels()
})

describe('ThreadTeam', () => {
  it('computes every item exactly once, call after call', async () => {
    const { team, memory } = await startTeam(4)
    const size = 200_000
    const [x, out] = [1024, 1024 + size * 4]
    const numbers = new Float32Array(memory.buffer)
    for (let call = 1; call <= 200; call++) {
      numbers.fill(call, x / 4, x / 4 + size)
      numbers.fill(-1, out / 4, out / 4 + size)
      team.run('lerp', Math.ceil(size / 1024), 3, [0, 0, 0, 0], [x, x, out, size, 0.5])
      expect(numbers.subarray(out / 4, out / 4 + size).every((value) => value === call)).toBe(true)
    }
    team.close()
  })

  it('reports a kernel that fails in a worker instead of waiting for it', async () => {
    const { team } = await startTeam(2)
    const scratch = [1024, beyondMemory]
    // The main thread may be quick enough to do all by itself, so this is repeated until the worker has joined.
    const normaliseOften = () => {
      for (let call = 0; call < 10_000; call++)
        team.run('groupNorm', 64, 1, scratch, [8192, 8192, 8192, 65536, 131072, 139264, 16, 8, 2, 1e-5])
    }
    expect(normaliseOften).toThrow('A worker thread of the wasm engine is gone')
    expect(() => team.run('lerp', 1, 1, [0, 0], [1024, 1024, 2048, 4, 0.5])).toThrow('is gone')
    team.close()
  })

  it('refuses work after it was closed', async () => {
    const { team } = await startTeam(2)
    team.close()
    expect(() => team.run('lerp', 1, 1, [0, 0], [1024, 1024, 2048, 4, 0.5])).toThrow('the engine was closed')
  })

  it('says so when a worker cannot start', async () => {
    const { module } = loadKernels('simd', 'shared')
    const shared = new WebAssembly.Memory({ initial: 64, maximum: 64, shared: true })
    const kernels = instantiateKernels(module, shared)
    const own = loadKernels('simd', 'own').module
    await expect(ThreadTeam.start(2, kernels, own, shared)).rejects.toMatchObject({ code: 'engine-unavailable' })
    await expect(ThreadTeam.start(65, kernels, module, shared)).rejects.toThrow('threads must be 1..64, not 65')
  })
})

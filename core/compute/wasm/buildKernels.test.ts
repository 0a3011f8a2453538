import { beforeAll, describe, expect, it } from 'vitest'
import { buildKernels } from './buildKernels.ts'
import { loadKernels } from './kernelFiles.ts'
import { declareMemoryShared } from './sharedMemory.ts'

const header = [0, 97, 115, 109, 1, 0, 0, 0]

beforeAll(async () => {
  await buildKernels()
})

describe('buildKernels', () => {
  it('does nothing when everything is up to date', async () => {
    expect(await buildKernels()).toBe(false)
  })

  it('leaves kernels that this machine can load', () => {
    expect(loadKernels('best', 'own').module).toBeInstanceOf(WebAssembly.Module)
    expect(loadKernels('simd', 'shared').instructions).toBe('simd')
  })
})

describe('declareMemoryShared', () => {
  it('changes the one flag of the memory and nothing else', () => {
    const binary = Uint8Array.of(...header, 5, 4, 1, 1, 1, 2)
    expect([...declareMemoryShared(binary)]).toEqual([...header, 5, 4, 1, 3, 1, 2])
    expect(new WebAssembly.Module(declareMemoryShared(binary))).toBeDefined()
  })

  it('refuses binaries whose memory has no limit or is not there', () => {
    for (const section of [[], [5, 3, 1, 0, 1], [5, 1, 0]])
      expect(() => declareMemoryShared(Uint8Array.of(...header, ...section))).toThrow('cannot be shared')
  })
})

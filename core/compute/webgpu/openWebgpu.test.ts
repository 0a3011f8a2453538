import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { probeInChild } from '../probeInChild.ts'
import { isSoftware, nameAdapter, openWebgpu } from './openWebgpu.ts'

const none = { vendor: '', architecture: '', device: '', description: '' }

describe('isSoftware', () => {
  it.each([
    [{ ...none, architecture: 'swiftshader', description: 'SwiftShader driver 5.0.0' }],
    [{ ...none, description: 'llvmpipe (LLVM 15.0.6, 256 bits)' }],
    [{ ...none, device: 'Microsoft Basic Render Driver' }],
    [{ ...none, vendor: 'nvidia', isFallbackAdapter: true }],
  ])('recognises %o', (info) => expect(isSoftware(info)).toBe(true))

  it.each([
    [{ ...none, vendor: 'nvidia', architecture: 'hopper', description: 'NVIDIA: 570.86' }],
    [{ ...none, vendor: 'apple', architecture: 'metal-3', isFallbackAdapter: false }],
    [{ ...none, vendor: 'intel', device: 'Intel(R) Xe Graphics' }],
  ])('lets %o pass', (info) => expect(isSoftware(info)).toBe(false))
})

it('names an adapter by what its driver tells', () => {
  expect(nameAdapter({ ...none, device: 'GeForce', description: 'NVIDIA 570' })).toBe('GeForce (NVIDIA 570)')
  expect(nameAdapter({ ...none, vendor: 'apple', architecture: 'metal-3' })).toBe('metal-3')
  expect(nameAdapter(none)).toBe('a GPU without a name')
})

const probe = await probeInChild({ kind: 'webgpu', threads: 1 })
if (!probe.ok) process.stdout.write(`Not run: the tests of WebGPU on an adapter (${probe.reason})\n`)

it('works where an adapter is found, and says so where there is none', () => {
  // A wrong answer or a crash would be neither.
  expect(probe.ok ? 'it works' : probe.reason).toMatch(/^it works$|finds no GPU|does not load/)
})

it.skipIf(!probe.ok)('computes, and can be opened again after it was closed', async () => {
  for (let round = 0; round < 2; round++) {
    const engine = await openWebgpu()
    expect(tf.getBackend()).toBe('webgpu')
    const product = tf.tidy(() => tf.matMul([[1, 2]], [[3], [4]]))
    expect(Array.from(await product.data())).toEqual([11])
    product.dispose()
    engine.close()
    expect(tf.findBackendFactory('webgpu')).toBeNull()
  }
})

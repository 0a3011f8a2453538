import * as tf from '@tensorflow/tfjs-core'
import { beforeEach, expect, it, vi } from 'vitest'
import { AppError } from '../../domain/errors.ts'
import { openHeap } from './heap.ts'
import { openBuilt } from './testing.ts'
import { ThreadTeam } from './threadTeam.ts'

vi.mock('./heap.ts', { spy: true })

beforeEach(() => {
  vi.resetAllMocks()
})

it('computes with tfjs alone when tfjs is not built as expected, and says why', async () => {
  vi.mocked(openHeap).mockImplementation(() => {
    throw new AppError('engine-unavailable', 'The fast kernels do not fit this version of TensorFlow.js: a test.')
  })
  for (const threads of [1, 2]) {
    const engine = await openBuilt({ threads })
    expect(engine).toMatchObject({ kernels: 'stock', threads: 1, fallback: expect.stringContaining('a test') })
    expect(tf.getKernel('Silu', 'wasm')).toBeUndefined()
    expect(tf.tidy(() => tf.add(1, 2).dataSync()[0])).toBe(3)
    engine.close()
  }
})

it('does not hide a defect behind the fallback, and can be opened again after it', async () => {
  for (let time = 0; time < 2; time++) {
    vi.mocked(openHeap).mockImplementation(() => {
      throw new TypeError('a defect')
    })
    await expect(openBuilt({})).rejects.toThrow('a defect')
  }
})

it('keeps the fast kernels on one thread when workers cannot start', async () => {
  vi.spyOn(ThreadTeam, 'start').mockRejectedValue(new AppError('engine-unavailable', 'No worker today.'))
  const engine = await openBuilt({ threads: 2 })
  expect(engine).toMatchObject({ kernels: 'relaxed-simd', threads: 1, fallback: 'No worker today.' })
  expect(tf.getKernel('Silu', 'wasm')).toBeDefined()
  engine.close()
})

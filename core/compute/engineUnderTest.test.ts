import { afterEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../domain/errors.ts'
import { openEngine } from './engine.ts'
import { engineUnderTest } from './engineUnderTest.ts'

vi.mock('./engine.ts', () => ({ openEngine: vi.fn() }))

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

describe('engineUnderTest', () => {
  it('says in one line why an engine is not here, and fails instead where it is required', async () => {
    const missing = new AppError('engine-unavailable', 'It is not here.')
    vi.mocked(openEngine).mockRejectedValue(missing)
    vi.stubEnv('TANDEM_ENGINE', 'tensorflow')
    vi.stubEnv('TANDEM_ENGINE_REQUIRED', undefined)
    const print = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    expect(await engineUnderTest()).toBeUndefined()
    expect(print.mock.calls).toEqual([['Not run on tensorflow: It is not here.\n']])
    vi.stubEnv('TANDEM_ENGINE_REQUIRED', '1')
    await expect(engineUnderTest()).rejects.toBe(missing)
  })

  it('never hides an error of another kind', async () => {
    vi.mocked(openEngine).mockRejectedValue(new TypeError('a mistake'))
    await expect(engineUnderTest()).rejects.toThrow('a mistake')
  })
})

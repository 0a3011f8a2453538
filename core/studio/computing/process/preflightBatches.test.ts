import { describe, expect, it } from 'vitest'
import { AppError, CancelledError } from '../../../domain/errors.ts'
import { exploreBatches } from './preflightBatches.ts'
import type { Trial } from './preflightTrial.ts'

interface Machine {
  /** Of one picture in a batch. */
  readonly bytes?: number
  readonly msPerPicture?: (batch: number) => number
  readonly failAt?: (batch: number) => Error | undefined
}

/** A trial on a made-up machine, where a program with the weights takes 1000 bytes. */
function createFake({ bytes = 10, msPerPicture = () => 1, failAt = () => undefined }: Machine = {}) {
  const tried: number[] = []
  let clock = 0
  const trial: Trial = {
    baseBytes: 1000,
    measure(batch, { steps, forMs }) {
      tried.push(batch)
      const error = failAt(batch)
      if (error) return Promise.reject(error)
      const ms = batch * msPerPicture(batch)
      const count = Math.max(1, Math.min(steps, Math.ceil(forMs / ms)))
      clock += ms * (1 + count)
      return Promise.resolve({ batch, steps: new Array<number>(count).fill(ms), peakBytes: 1000 + bytes * batch })
    },
    dispose: () => undefined,
  }
  const explore = (wanted: number, limitBytes = Number.POSITIVE_INFINITY) =>
    exploreBatches(
      trial,
      { wanted, limitBytes },
      () => undefined,
      () => clock,
    )
  return { tried, explore }
}

describe('exploreBatches', () => {
  it('goes up to twice the wanted batch where there is room, and reports the wanted one', async () => {
    const { tried, explore } = createFake()
    const found = await explore(50)
    expect(tried).toEqual([1, 2, 4, 8, 16, 32, 50, 100])
    expect(found).toMatchObject({ largest: 100, guessed: false, diverged: false, peakBytes: 1500 })
    expect(found.steps).toEqual(new Array<number>(8).fill(50))
  })

  it.each([1, 2, 3, 7])('tries every batch once when only %i pictures are wanted', async (wanted) => {
    const { tried, explore } = createFake()
    expect((await explore(wanted)).largest).toBe(2 * wanted)
    expect(new Set(tried).size).toBe(tried.length)
  })

  it('finds the batch where memory ends, and never tries one that does not fit', async () => {
    const { tried, explore } = createFake()
    const found = await explore(50, 1000 + 10 * 23)
    expect(found.largest).toBeGreaterThanOrEqual(20)
    expect(Math.max(...tried)).toBe(found.largest)
    expect(found.largest).toBeLessThanOrEqual(23)
    expect(found.peakBytes).toBe(1000 + 10 * found.largest)
  })

  it('says that the wanted batch fits when just it does', async () => {
    expect((await createFake().explore(50, 1500)).largest).toBe(50)
  })

  it('goes above the wanted batch only where pictures do not take longer there', async () => {
    const { explore } = createFake({ msPerPicture: (batch) => (batch > 50 ? 2 : 1) })
    expect((await explore(50)).largest).toBe(50)
  })

  it('judges slow steps by smaller batches', async () => {
    const { tried, explore } = createFake({ msPerPicture: () => 2000 })
    const found = await explore(64)
    expect(Math.max(...tried)).toBeLessThan(64)
    expect(found).toMatchObject({ largest: 64, guessed: true, steps: [128_000], peakBytes: 1640 })
  })

  it('takes an engine that runs out of memory for the end of it', async () => {
    const failAt = (batch: number) => (batch > 20 ? new Error('OOM when allocating tensor') : undefined)
    const { largest } = await createFake({ failAt }).explore(50)
    expect(largest).toBeGreaterThanOrEqual(16)
    expect(largest).toBeLessThanOrEqual(20)
  })

  it('tells of a recipe that diverges, and goes on by what was measured before', async () => {
    const failAt = (batch: number) => (batch > 4 ? new AppError('diverged', 'It ran away.') : undefined)
    const { tried, explore } = createFake({ failAt })
    expect(await explore(16)).toMatchObject({ largest: 16, diverged: true, guessed: true, steps: [16] })
    expect(tried).toEqual([1, 2, 4, 8])
  })

  it('is refused where not even one picture fits', async () => {
    await expect(createFake().explore(8, 1005)).rejects.toMatchObject({ code: 'misuse' })
  })

  it('passes on everything else', async () => {
    for (const error of [
      new CancelledError(),
      new AppError('storage-failed', 'The disk is gone.'),
      new Error('broken'),
    ])
      await expect(createFake({ failAt: () => error }).explore(8)).rejects.toBe(error)
  })
})

/** Previews and refinements as a page asks for them, alone and while a training runs. */
import { setTimeout } from 'node:timers/promises'
import type { DrawSource } from '../../contract/drawOrders.ts'
import type { Picture } from '../../domain/picture.ts'
import { Random } from '../../domain/random.ts'
import type { BenchStudio } from './benchStudio.ts'
import { type Figure, medianAndTail, quantile } from './figure.ts'

const SKETCH_SIDE = 256
/** Between two previews at most, so that they come at any instant of a training step. */
const LONGEST_REST_MS = 100

/** A person's preview: fast enough to seem at once. */
const AT_ONCE = { atMost: 100 }

const random = new Random(11)

export async function measurePreviews(
  { studio, watch }: BenchStudio,
  source: DrawSource,
  { count, when }: { readonly count: number; readonly when: 'alone' | 'while training' },
): Promise<Figure[]> {
  // The first one loads the model.
  await preview()
  watch.take()
  const latenciesMs: number[] = []
  for (let at = 0; at < count; at++) {
    await setTimeout(random.uniform() * LONGEST_REST_MS)
    latenciesMs.push(await preview())
  }
  const { previews, stretchesMs } = watch.take()
  const figures = medianAndTail(`Preview ${when}`, 'ms', latenciesMs, AT_ONCE)
  if (when === 'alone') return figures
  // Most of what lies between two pauses is one Langevin step; learning from what the chain did takes several at a stretch.
  const step = quantile(stretchesMs, 0.5)
  const waited = previews.map(({ waitedMs }) => waitedMs / step)
  figures.push({ what: 'Langevin step of the training, median', unit: 'ms', value: step })
  figures.push({ what: 'Training without a pause, 95 of 100', unit: 'ms', value: quantile(stretchesMs, 0.95) })
  figures.push(...medianAndTail('Preview waits for training', 'Langevin steps', waited, { atMost: 1 }))
  const stream = await streamPreviews(count)
  return [...figures, ...medianAndTail('Preview in a stream while training', 'ms', stream, AT_ONCE)]

  /** @returns how long it took */
  async function preview(): Promise<number> {
    const order = { source, condition: { kind: 'picture', picture: sketch() } as const, seed: 1 }
    const startedAt = performance.now()
    const { kind } = await studio.ask('draw:preview', order)
    if (kind !== 'drawn') throw new Error('a preview was left out although no other one came')
    return performance.now() - startedAt
  }

  /** Each is asked for when the one before is there. */
  async function streamPreviews(length: number): Promise<number[]> {
    const took: number[] = []
    while (took.length < length) took.push(await preview())
    return took
  }
}

/** @param count of refinements, each of two steps */
export async function measureRefining(
  { studio, next, ended }: BenchStudio,
  source: DrawSource,
  count: number,
): Promise<Figure[]> {
  const latenciesMs: number[] = []
  for (let seed = 0; seed < count; seed++) {
    await setTimeout(random.uniform() * LONGEST_REST_MS)
    const refined = next('picture:refined', ({ step }) => step > 0)
    const startedAt = performance.now()
    const condition = { kind: 'picture', picture: sketch() } as const
    const { jobId } = await studio.ask('draw:refine', { source, condition, seed, steps: 2 })
    await refined
    latenciesMs.push(performance.now() - startedAt)
    await ended(jobId)
  }
  return medianAndTail('First refined step while training', 'ms', latenciesMs)
}

/** White with a few lines, other ones every time. */
function sketch(): Picture {
  const data = new Uint8Array(SKETCH_SIDE ** 2).fill(255)
  for (let line = 0; line < 8; line++) {
    const [from, slope] = [random.integer(SKETCH_SIDE), random.uniform() - 0.5]
    for (let x = 0; x < SKETCH_SIDE; x++) {
      const y = Math.round(from + slope * x)
      if (y >= 0 && y < SKETCH_SIDE) data[y * SKETCH_SIDE + x] = 0
    }
  }
  return { width: SKETCH_SIDE, height: SKETCH_SIDE, channels: 1, data }
}

/** What a person can do while a training runs, and the same without it. */
import { setTimeout } from 'node:timers/promises'
import type { Id } from '../../domain/records.ts'
import type { BenchStudio } from './benchStudio.ts'
import { type Figure, medianAndTail } from './figure.ts'
import { measurePreviews, measureRefining } from './measureDrawing.ts'
import { measureStrokes } from './measureStrokes.ts'

export interface TrainingSizes {
  readonly rounds: number
  /** Of the training: pictures in a batch, pixels of a side. */
  readonly batch: number
  readonly size: number
  readonly previews: number
  readonly refinements: number
  /** For strokes of each kind. */
  readonly strokesMs: number
}

/** Of the training's own start: the first ones are slower. */
const STEPS_BEFORE = 3

export async function measureTraining(
  bench: BenchStudio,
  dataSetId: Id,
  { rounds, batch, size, previews: count, refinements, strokesMs }: TrainingSizes,
): Promise<Figure[]> {
  const { studio, next, ended } = bench
  const figures: Figure[] = []
  const learning = next('run:measured', isWarm())
  const order = { dataSetId, recipe: 'quick', size, seed: 1, length: { steps: 1e6 } } as const
  const set = [`learning.batch=${batch}`, 'learning.prelude.share=0']
  const started = await studio.ask('training:start', { ...order, set })
  const { runId } = started
  let { jobId } = started
  await learning
  for (let round = 1; ; round++) {
    const source = { kind: 'run', runId } as const
    figures.push(...(await measurePreviews(bench, source, { count, when: 'while training' })))
    figures.push(...(await measureRefining(bench, source, refinements)))
    figures.push(...(await measureStrokes(bench, 'while training', setTimeout(strokesMs))))
    const saving = saveAgainAndAgain(bench, jobId, strokesMs)
    figures.push(...(await measureStrokes(bench, 'while checkpoints are saved', saving)))
    figures.push(...medianAndTail('Checkpoint asked for among strokes, until it is saved', 'ms', await saving))
    await studio.ask('training:pause', { jobId })
    await ended(jobId, 'be-cancelled')
    figures.push(...(await measurePreviews(bench, source, { count, when: 'alone' })))
    if (round === rounds) return figures
    const learningAgain = next('run:measured', isWarm())
    jobId = (await studio.ask('training:resume', { runId })).jobId
    await learningAgain
  }
}

/** @returns how long each took, the rest of a training step included */
async function saveAgainAndAgain({ studio, next }: BenchStudio, jobId: Id, forMs: number): Promise<number[]> {
  const end = performance.now() + forMs
  const tookMs: number[] = []
  do {
    const saved = next('checkpoint:saved', () => true)
    const askedAt = performance.now()
    await studio.ask('training:checkpoint', { jobId })
    await saved
    tookMs.push(performance.now() - askedAt)
  } while (performance.now() < end)
  return tookMs
}

/** Whether some steps were taken since it was first asked. */
function isWarm(): (news: { readonly points: readonly unknown[] }) => boolean {
  let steps = 0
  return ({ points }) => (steps += points.length) >= STEPS_BEFORE
}

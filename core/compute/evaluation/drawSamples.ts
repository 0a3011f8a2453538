/** Pictures that a model makes for many conditions: initial, refined after l steps and, from the same chains, after 2 l. */
import * as tf from '@tensorflow/tfjs-core'
import { AppError } from '../../domain/errors.ts'
import { type Batch, createPictures, type Pictures } from '../../domain/picture.ts'
import { runChain } from '../../ebm/langevin.ts'
import { drawInitial, latentOf, type Model, samplingChain } from '../../ebm/sampling.ts'
import { conditionOf, tensorToPictures } from '../batchTensors.ts'
import { piecesOf, sliceExamples } from './pieces.ts'
import type { Turn } from './turn.ts'

export interface Samples {
  readonly initial: Pictures
  readonly refined: Pictures
  /** After twice the recipe's Langevin steps. */
  readonly refinedTwice?: Pictures
}

/** Whether a model still makes pictures at all: one that diverged gives NaN. */
export function areFinite(samples: Samples): boolean {
  return listSamples(samples).every(({ pictures }) => pictures.data.every(Number.isFinite))
}

/** @throws AppError diverged */
export function assertDrawn(samples: Samples): void {
  if (!areFinite(samples))
    throw new AppError('diverged', 'The model draws pictures that are not numbers, so there is nothing to measure.', {
      hint: 'Evaluate an earlier checkpoint of the run.',
    })
}

/** Each kind of samples under its name. */
export function listSamples(samples: Samples): { subject: keyof Samples; pictures: Pictures }[] {
  const { initial, refined, refinedTwice } = samples
  return [
    { subject: 'initial', pictures: initial },
    { subject: 'refined', pictures: refined },
    ...(refinedTwice ? [{ subject: 'refinedTwice', pictures: refinedTwice } as const] : []),
  ]
}

/**
 * One sample for each example of `conditions` (its observed pictures are looked at only for inpainting, where they are visible).
 * Sample i draws from seed `seed` + i alone. A model in training is not changed: its chain's normaliser learns nothing here.
 */
export async function drawSamples(
  model: Model,
  conditions: Batch,
  { seed, twice }: { readonly seed: number; readonly twice: boolean },
  turn: Turn,
): Promise<Samples> {
  const { size, channels } = model.recipe
  const { count } = conditions.observed
  const stack = () => createPictures(count, size, size, channels)
  const samples = { initial: stack(), refined: stack(), ...(twice ? { refinedTwice: stack() } : {}) }
  for (const { from, to } of piecesOf(count, size)) {
    const seeds = Array.from({ length: to - from }, (_, i) => seed + from + i)
    await drawPiece(model, sliceExamples(conditions, from, to), seeds, samples, from, (done) =>
      turn((from + done * (to - from)) / count),
    )
  }
  return samples
}

async function drawPiece(
  model: Model,
  conditions: Batch,
  seeds: readonly number[],
  { initial, refined, refinedTwice }: Samples,
  at: number,
  turn: Turn,
): Promise<void> {
  const { recipe } = model
  const keep = async (into: Pictures, pictures: tf.Tensor4D) =>
    into.data.set((await tensorToPictures(pictures)).data, at * recipe.size * recipe.size * recipe.channels)
  const tensors = tf.tidy(() => {
    const condition = conditionOf(conditions, recipe)
    return { condition, start: drawInitial(model, latentOf(model, seeds), condition) }
  })
  try {
    await keep(initial, tensors.start)
    const { steps } = recipe.chain
    const all = refinedTwice ? 2 * steps : steps
    const chain = samplingChain(model, tensors.condition, seeds, tensors.start, { steps: all })
    for (const { step, picture } of runChain(chain, tensors.start)) {
      if (step === steps) await keep(refined, picture)
      else if (step === all && refinedTwice) await keep(refinedTwice, picture)
      await turn(step / all)
      // Left before its end, the chain frees the last picture too.
      if (step === all) break
    }
  } finally {
    tf.dispose([tensors.condition, tensors.start])
  }
}

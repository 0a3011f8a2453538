/** A sampling chain on its way up: seen step by step, begun in the middle where asked, with the numbers that the whole chain has there. */
import * as tf from '@tensorflow/tfjs-core'
import type { Pictures } from '../domain/picture.ts'
import type { Chain } from '../ebm/chain.ts'
import { keepObserved } from '../ebm/initializer.ts'
import { runChain } from '../ebm/langevin.ts'
import { picturesToTensor, tensorToPictures } from './batchTensors.ts'
import { drive } from './drive.ts'

/** A picture on its way. */
export interface Sight {
  /** Langevin steps that have made it; 0 is the fast guess. */
  readonly step: number
  /** Reads it from the engine; only until `watch` is done. */
  read(): Promise<Pictures>
}

export interface Climb {
  /** Called between Langevin steps. */
  readonly pause?: () => Promise<void>
  /** Goes on from this picture, which so many steps have made, instead of from the fast guess; `steps` are then further ones. */
  readonly from?: { readonly picture: Pictures; readonly step: number }
  /** Called with the picture that the chain starts from, then after each step. */
  readonly watch?: (sight: Sight) => Promise<void>
}

/** Runs the chain under the eyes of `watch`. The caller owns what it returns. */
export async function climb(chain: Chain, initial: tf.Tensor4D, { from, watch, pause }: Climb): Promise<tf.Tensor4D> {
  let step = from?.step ?? 0
  const start = tf.tidy(() =>
    from ? keepObserved(picturesToTensor(from.picture), chain.condition) : tf.clone(initial),
  )
  let picture = start
  const look = async () => watch?.({ step, read: () => tensorToPictures(picture) })
  try {
    await passNoise(chain, step, pause)
    await look()
    const run = runChain(chain, start, (taken) => {
      picture = taken.picture
      step += 1
    })
    return await drive(run, async () => {
      await look()
      await pause?.()
    })
  } finally {
    start.dispose()
  }
}

/** Draws the random numbers of the steps before, so that the next ones are those that one chain would have drawn. */
async function passNoise({ noise, recipe }: Chain, steps: number, pause: Climb['pause']): Promise<void> {
  if (!noise) return
  for (let step = 1; step <= steps; step++) {
    noise.normal(step).dispose()
    if (recipe.metropolis) noise.uniform(step).dispose()
    await pause?.()
  }
}

/** One picture, step by step: the fast guess, every Langevin step that the host can follow, and the last one. */
import { AppError } from '../../../domain/errors.ts'
import { pictureAt, type Picture, type Pictures } from '../../../domain/picture.ts'
import type { Recipe } from '../../../domain/recipe.ts'
import { askerOf, chainOf, finiteOrNull } from './drawChain.ts'
import { fitCondition } from './drawConditions.ts'
import type { DrawWork } from './drawContext.ts'
import { ProgressReport } from './report.ts'

export const drawRefine: DrawWork<'refine'> = ({ order }, { models, frames, tell, isBehind }, turn) =>
  models.use(order.source, async (model) => {
    const { sampler } = model
    const { seed, from } = order
    const chain = chainOf(model, order, from?.step)
    const { condition, latent } = await fitCondition(order.condition, sampler.recipe, askerOf(model))
    if (from) assertDrawn(from.picture, sampler.recipe)
    await turn.pause()
    const first = from?.step ?? 0
    const last = first + chain.steps
    const report = new ProgressReport({ jobId: turn.jobId, unit: 'steps', total: chain.steps, tell })

    /** @param numbers of the picture that this many steps have made */
    function show(step: number, numbers: Pictures, gain: number | null): void {
      const picture = pictureAt(numbers, 0)
      frames.remember(step, picture, numbers)
      if (step < last && isBehind()) return
      tell({ kind: 'pictured', jobId: turn.jobId, index: 0, step, steps: last, initial: null, picture, gain })
    }

    const { refined, gain } = await sampler.refine(condition, seed, {
      ...chain,
      latents: latent && [latent],
      from: from && { step: from.step, picture: frames.exact(from.step, from.picture) },
      pause: () => turn.pause(),
      watch: async ({ step, read }) => {
        if (step > first) report.advance()
        // The host has the picture to go on from, and is told the last one with its gain.
        if (step === last || (from && step === first)) return
        show(step, await read(), null)
      },
    })
    show(last, refined, finiteOrNull(gain[0]))
    return { kind: 'drawn' }
  })

function assertDrawn({ width, height, channels }: Picture, recipe: Recipe): void {
  const { size } = recipe
  if (width === size && height === size && channels === recipe.channels) return
  throw new AppError(
    'mismatch',
    `The picture to go on from is ${width} x ${height}, and the model draws ${size} x ${size}.`,
    {
      hint: 'Refine from the fast guess instead.',
    },
  )
}

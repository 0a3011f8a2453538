/** The fast guess alone, while somebody draws. */
import { pictureAt } from '../../../domain/picture.ts'
import { askerOf } from './drawChain.ts'
import { fitCondition } from './drawConditions.ts'
import type { DrawWork } from './drawContext.ts'

export const drawPreview: DrawWork<'preview'> = ({ order }, { models, tell }, turn) =>
  models.use(order.source, async (model) => {
    const { sampler } = model
    const { condition, latent } = await fitCondition(order.condition, sampler.recipe, askerOf(model))
    // A newer preview may have come while the model was loaded. One that is drawn is told: else somebody who never rests would see none.
    await turn.pause()
    const picture = pictureAt(await sampler.preview(condition, order.seed, latent), 0)
    // Of the training, not of a chain: how much the model had learnt.
    const { step } = model.checkpoint
    tell({ kind: 'pictured', jobId: turn.jobId, index: 0, step, steps: 0, initial: null, picture, gain: null })
    return { kind: 'drawn' }
  })

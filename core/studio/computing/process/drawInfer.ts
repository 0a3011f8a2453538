/** Borrow a style: the latent behind a picture, and its label where none is given (P1 4.1.4). */
import { assertTask } from '../../drawingRules.ts'
import { askerOf } from './drawChain.ts'
import { assertWeights, fitObserved } from './drawConditions.ts'
import type { DrawWork } from './drawContext.ts'

export const drawInfer: DrawWork<'infer'> = ({ order }, { models }, turn) =>
  models.use(order.source, async (model) => {
    const { sampler } = model
    const { label, seed, steps } = order
    assertTask(sampler.recipe, 'class', askerOf(model))
    if (label) assertWeights(label, sampler.recipe, askerOf(model))
    const picture = await fitObserved(order.picture, sampler.recipe)
    const { latents, weights } = await sampler.infer(picture, [seed], { label, steps, pause: () => turn.pause() })
    return { kind: 'inferred', latent: latents[0], weights: weights[0] }
  })

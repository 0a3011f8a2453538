/** The chain that an order asks for, as far as the model allows it. */
import type { RefineOrder } from '../../../contract/drawOrders.ts'
import { type Asker, assertGuidance, chainLength } from '../../drawingRules.ts'
import type { LoadedModel } from './loadedModels.ts'

export interface DrawnChain {
  readonly steps: number
  readonly noise: boolean | undefined
  readonly guidance: number | undefined
}

const hints: Asker['hints'] = {
  otherTask: () => 'Choose a run that was trained for it.',
  withoutGuidance: 'Leave guidance at 0, or train with label dropout.',
  fewerSteps: (most) => `Use up to ${most} steps, or allow more to see for yourself.`,
}

export function askerOf({ name }: LoadedModel): Asker {
  return { model: name, hints }
}

/**
 * @param before Langevin steps that the picture to go on from has behind it
 * @throws AppError misuse
 */
export function chainOf(
  model: LoadedModel,
  order: Pick<RefineOrder, 'steps' | 'beyond' | 'noise' | 'guidance'>,
  before = 0,
): DrawnChain {
  const { recipe } = model.sampler
  assertGuidance(recipe, order.guidance, askerOf(model))
  const { noise, guidance } = order
  return { steps: chainLength(recipe, order, askerOf(model), before), noise, guidance }
}

/** A model that learnt nothing sound may value its pictures at no number. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

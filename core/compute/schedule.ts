/** Where a run stands in its recipe's length, and what that does to the rates. */
import { assertNever } from '../domain/errors.ts'
import type { Recipe } from '../domain/recipe.ts'

interface Position {
  /** Steps taken, the prelude's included. */
  readonly step: number
  readonly cooperativeSteps: number
  readonly elapsedMs: number
}

/** @returns 0 .. 1 and beyond */
export function runProgress(
  { length, learning }: Recipe,
  pictures: number,
  { step, elapsedMs }: Omit<Position, 'cooperativeSteps'>,
): number {
  if ('minutes' in length) return elapsedMs / (length.minutes * 60_000)
  if ('steps' in length) return step / length.steps
  return (step * learning.batch) / pictures / length.epochs
}

/** Warm-up (of cooperative steps: the prelude has its own rate) and decay: what both rates are multiplied by at the coming step. */
export function rateFactor(recipe: Recipe, pictures: number, position: Position): number {
  const { warmUpSteps, decay, batch } = recipe.learning
  const warmUp = warmUpSteps > 0 ? Math.min(1, (position.cooperativeSteps + 1) / warmUpSteps) : 1
  switch (decay.kind) {
    case 'none':
      return warmUp
    case 'linear': {
      const share = (runProgress(recipe, pictures, position) - decay.from) / Math.max(1e-9, 1 - decay.from)
      return warmUp * Math.max(decay.to, 1 - (1 - decay.to) * Math.max(0, share))
    }
    case 'exponential':
      return warmUp * decay.factor ** Math.floor((position.step * batch) / pictures / decay.epochs)
    default:
      return assertNever(decay)
  }
}

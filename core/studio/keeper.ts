/**
 * The best weights of a run: learning is not monotone, and the last state is rarely the best. Where too few pictures are held out to choose
 * by, there are none, and the last weights are used.
 */
import { prepareScore, scoreModel } from '../compute/evaluation/scoreModel.ts'
import type { Trainer } from '../compute/trainer.ts'
import { loadExamples } from '../data/batches.ts'
import type { BestWeights } from './models.ts'
import { exampleOptions, type Reading } from './readExamples.ts'

/** Held-out pictures that the score looks at, at most. */
const SCORE_EXAMPLES = 256

export interface Keeper {
  /** Scores the trainer's present state and keeps it when it is the best so far. Does nothing before the first cooperative step. */
  score(): Promise<void>
  best(): BestWeights | undefined
  /** Held-out pictures that the score looks at; 0 where they are too few. */
  readonly scoredOn: number
}

/** Scores by a cheap measure on held-out pictures (lower is better). @param earlier the best of a run that is resumed */
export async function createKeeper(
  { recipe, data, conditionFromPhoto }: Reading,
  trainer: Trainer,
  options: {
    readonly earlier?: BestWeights
    readonly tell: (news: { kind: 'scored'; step: number; score: number; best: boolean }) => void
    readonly pause: () => Promise<void>
  },
): Promise<Keeper> {
  const reading = { ...exampleOptions(recipe, conditionFromPhoto), split: 'heldOut', count: SCORE_EXAMPLES } as const
  const prepared = await prepareScore(recipe, await loadExamples(data, reading))
  if (prepared === undefined) return { scoredOn: 0, best: () => undefined, score: () => Promise.resolve() }
  const scoredOn = prepared.examples.observed.count
  let best = options.earlier
  return {
    scoredOn,
    best: () => best,
    async score() {
      const { step, cooperativeSteps } = trainer.position
      if (cooperativeSteps === 0) return
      const score = await scoreModel(trainer.model, prepared, { pause: options.pause })
      const better = score < (best?.score ?? Number.POSITIVE_INFINITY)
      if (better) best = { step, score, chosenOn: scoredOn, state: await trainer.weights() }
      options.tell({ kind: 'scored', step, score, best: better })
    },
  }
}

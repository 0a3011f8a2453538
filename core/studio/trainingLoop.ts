/**
 * A training from its first step to its end, wherever it is kept: learn, score, save every minute and at the end, stop within one Langevin step
 * when asked. What happens goes into a sink: a model file, or a project.
 */
import { type Checkpoint, type StepReport, Trainer } from '../compute/trainer.ts'
import type { DataSet } from '../data/dataSet.ts'
import { AppError, CancelledError } from '../domain/errors.ts'
import { everySoOften } from './everySoOften.ts'
import { createKeeper } from './keeper.ts'
import type { BestWeights } from './models.ts'
import { batchesOf, type Reading } from './readExamples.ts'

const SAVE_EVERY_MS = 60_000
/** Between two scores of the held-out pictures. */
const SCORE_EVERY_MS = 20_000
/** Scoring takes one part in so many of the time, however large the model. */
const SCORE_SHARE = 20

export interface TrainingPlan extends Reading {
  readonly seed: number
  readonly resume?: Checkpoint
  /** The best weights so far of a run that is resumed. */
  readonly best?: BestWeights
}

export interface Score {
  readonly step: number
  readonly score: number
  readonly best: boolean
}

export interface TrainingSink {
  /** @param scoredOn held-out pictures by which the best weights are chosen; 0 where they are too few and the last ones are used */
  opened(trainer: Trainer, scoredOn: number): void
  stepped(report: StepReport, trainer: Trainer): void
  scored(score: Score): void
  /** Files that turned out to be damaged when they were needed; the run goes on without them. */
  leftOut(problems: DataSet['problems'], trainer: Trainer): void
  /** Before the first step and after every one: work beside the training. */
  between?(trainer: Trainer, pause: () => Promise<void>): Promise<void>
  /** Keeps everything that going on needs, whole or not at all. No step is taken meanwhile. */
  save(trainer: Trainer, best: BestWeights | undefined): Promise<void>
}

export interface TrainingTurn {
  /** Between two Langevin steps. @throws CancelledError to end without saving */
  pause(): Promise<void>
  /** Asked for since the last look: `checkpoint` as soon as the step is done, `pause` = save at once and end as cancelled. */
  takeWish(): 'checkpoint' | 'pause' | undefined
}

/**
 * Returns when the recipe's length is reached and saved.
 * @throws CancelledError when it was paused (then it is saved) or cancelled; AppError diverged, with the last good state saved
 */
export async function driveTraining(plan: TrainingPlan, sink: TrainingSink, turn: TrainingTurn): Promise<void> {
  const { recipe, data, seed, resume } = plan
  let [saveWanted, endWanted] = [false, false]
  let givenAwayMs = 0
  const pause = async () => {
    const started = performance.now()
    await turn.pause()
    givenAwayMs += performance.now() - started
    const wish = turn.takeWish()
    saveWanted ||= wish === 'checkpoint'
    endWanted ||= wish === 'pause'
    if (endWanted) throw new CancelledError()
  }
  const learningMs = () => performance.now() - givenAwayMs
  const trainer = new Trainer({
    ...{ recipe, seed, resume, pause },
    batches: batchesOf(plan),
    pictures: data.count.train,
    // A length in minutes is time of learning, not of what went first meanwhile.
    now: learningMs,
  })
  try {
    const keeper = await createKeeper(plan, trainer, { earlier: plan.best, tell: sink.scored, pause })
    const save = () => sink.save(trainer, keeper.best())
    // However long it takes: nobody shall lose more than this.
    const saving = everySoOften({ everyMs: SAVE_EVERY_MS }, save)
    const scoring = everySoOften({ everyMs: SCORE_EVERY_MS, mostShare: SCORE_SHARE, now: learningMs }, keeper.score)
    const tellLeftOut = watchProblems(data, (problems) => sink.leftOut(problems, trainer))
    sink.opened(trainer, keeper.scoredOn)
    try {
      // A folder that cannot be written, or a full disk, is better found now than after an hour.
      await save()
      await sink.between?.(trainer, pause)
      while (trainer.progress < 1) {
        const report = await trainer.step()
        sink.stepped(report, trainer)
        tellLeftOut()
        // What was kept of the steps that are taken back must not be gone on from.
        if (report.kind === 'rolledBack') await save()
        await pause()
        await scoring()
        await sink.between?.(trainer, pause)
        await (saveWanted ? save() : saving())
        saveWanted = false
      }
      await keeper.score()
      await save()
    } catch (error) {
      if (endWanted || (error instanceof AppError && error.code === 'diverged')) await save()
      throw error
    }
  } finally {
    trainer.dispose()
  }
}

/** @returns tells what was left out since the last call */
function watchProblems(data: DataSet, tell: (problems: DataSet['problems']) => void): () => void {
  let known = data.problems.length
  return () => {
    if (data.problems.length > known) tell(data.problems.slice(known))
    known = data.problems.length
  }
}

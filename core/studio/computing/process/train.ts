/**
 * A training as a job on a project: goes on from its checkpoint exactly, keeps what it measures, draws probes, saves. Killed at any instant the
 * project holds a checkpoint and at least all that was measured up to it; what was measured beyond is taken again.
 */
import type { RunPosition } from '../../../compute/checkpoint.ts'
import { AppError, CancelledError } from '../../../domain/errors.ts'
import type { Id } from '../../../domain/records.ts'
import { saveBest, saveTraining } from '../../projectCheckpoints.ts'
import { driveTraining, type TrainingSink, type TrainingTurn } from '../../trainingLoop.ts'
import type { ProcessContext, RunWork, Turn } from './context.ts'
import { createProbing } from './probes.ts'
import { createRecorder, type Recorder } from './recorder.ts'
import { planTraining, type RunPlan, type TrainWork } from './trainPlan.ts'

/** The newest checkpoint that the run can go on from. */
interface Kept {
  readonly position: RunPosition
  readonly checkpointId: Id
}

export const runTraining: RunWork<'train'> = async (work, context, turn) => {
  const plan = await planTraining(work, context)
  const recorder = createRecorder(context, {
    ...{ runId: work.runId, jobId: turn.jobId, recipe: plan.recipe },
    pictures: plan.data.count.train,
    engine: plan.facts.about.engine,
  })
  let paused = false
  const listening: TrainingTurn = {
    pause: () => turn.pause(),
    takeWish() {
      const wish = turn.takeWish()
      paused ||= wish === 'pause'
      return wish
    },
  }
  const { sink, newest } = createProjectSink(plan, work, context, recorder, turn)
  const noteEnding = (message: string) => recorder.note({ step: newest()?.position.step ?? 0, kind: 'ended', message })
  try {
    const { between } = await createProbing(context, work.runId, plan)
    await driveTraining(plan, { ...sink, between }, listening)
    const { position, checkpointId } = newest()!
    noteEnding(`Finished at step ${position.step}.`)
    return { kind: 'trained', step: position.step, checkpointId }
  } catch (error) {
    const message = describeEnding(error, newest()?.position.step, paused)
    try {
      if (message !== undefined) noteEnding(message)
    } catch {
      // The first error is the one to tell.
    }
    throw error
  } finally {
    recorder.close()
  }
}

function createProjectSink(
  plan: RunPlan,
  { runId, retention }: TrainWork,
  context: ProcessContext,
  recorder: Recorder,
  turn: Turn,
): { sink: TrainingSink; newest: () => Kept | undefined } {
  const { store, tell } = context
  const { facts, resume, resumed, data } = plan
  // A run that goes on from an earlier checkpoint is saved there anew, so that a crash does not go on from what was left behind.
  let newest = resume && resumed?.newest ? { position: resume.position, checkpointId: resumed.checkpointId } : undefined
  let bestSaved = plan.best
  let [begun, scoredOn] = [false, 0]

  /** In one write with all that a resume changes. */
  const begin = (step: number) => {
    begun = true
    if (resumed === undefined) return recorder.settle(step)
    const message = describeResume(step, resumed.engineBefore, facts.about.engine)
    recorder.settle(step, [{ step, kind: 'resumed', message }], () => store.runs.setRecipe(runId, plan.recipe))
  }

  const sink: TrainingSink = {
    opened({ position: { step } }, scored) {
      scoredOn = scored
      const few = `Too few pictures are held out (${data.count.heldOut}) to choose the best weights by: the last ones are used.`
      if (scored === 0 && step === 0) recorder.note({ step, kind: 'scored', message: few })
    },
    stepped: recorder.stepped,
    scored({ step, score, best }) {
      const message = `The best so far on ${scoredOn} held-out pictures: score ${score.toPrecision(3)}, lower is better.`
      if (best) recorder.note({ step, kind: 'scored', message })
    },
    leftOut(problems, { position: { step } }) {
      for (const { file, message } of problems)
        recorder.note({ step, kind: 'leftOut', message: `Left out from now on: ${file}: ${message}.`.slice(0, 2000) })
    },
    async save(trainer, best) {
      const { position, progress } = trainer
      const options = { progress, retention, pause: () => turn.pause() }
      recorder.keep(trainer)
      if (best && best !== bestSaved) {
        const { id } = await saveBest(store, facts, best, position, options)
        bestSaved = best
        tell({ kind: 'saved', runId, checkpointId: id })
      }
      if (position !== newest?.position) {
        const { id } = await saveTraining(store, facts, await trainer.checkpoint(), options)
        newest = { position, checkpointId: id }
        tell({ kind: 'saved', runId, checkpointId: id })
      }
      if (begun) recorder.settle(position.step)
      else begin(position.step)
    },
  }
  return { sink, newest: () => newest }
}

function describeResume(step: number, before: string, now: string): string {
  const engine = before === now ? '' : ` Until now it was computed with ${before}; this engine rounds differently.`
  return `Went on from step ${step}.${engine}`
}

/** @returns nothing where the host says what became of it */
function describeEnding(error: unknown, step: number | undefined, paused: boolean): string | undefined {
  const saved = step === undefined ? 'Nothing was saved yet.' : `Everything up to step ${step} is saved.`
  if (error instanceof CancelledError) return `${paused ? 'Paused' : 'Stopped'}. ${saved}`
  if (error instanceof AppError && error.code === 'diverged') return `${error.message} ${saved}`
  return undefined
}

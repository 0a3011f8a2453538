/** Which part of the program does which kind of work, and how urgent it is. */
import type { Work } from '../../../contract/computeProtocol.ts'
import { assertNever } from '../../../domain/errors.ts'
import type { JobKind, JobOutcome } from '../../../domain/records.ts'
import type { Turn } from './context.ts'
import type { DrawContext } from './drawContext.ts'
import { drawInfer } from './drawInfer.ts'
import { drawPreview } from './drawPreview.ts'
import { drawRefine } from './drawRefine.ts'
import { drawInterpolate, drawSample } from './drawSample.ts'
import { runEvaluation } from './evaluate.ts'
import { runPreflight } from './preflight.ts'
import { reproduce } from './reproduce.ts'
import { runTraining } from './train.ts'

export function runWork(work: Work, context: DrawContext, turn: Turn): Promise<JobOutcome | null> {
  switch (work.kind) {
    case 'preview':
      return drawPreview(work, context, turn)
    case 'refine':
      return drawRefine(work, context, turn)
    case 'sample':
      return drawSample(work, context, turn)
    case 'interpolate':
      return drawInterpolate(work, context, turn)
    case 'infer':
      return drawInfer(work, context, turn)
    case 'reproduce':
      return reproduce(work, context, turn)
    case 'preflight':
      return runPreflight(work, context, turn)
    case 'evaluate':
      return runEvaluation(work, context, turn)
    case 'train':
      return runTraining(work, context, turn)
    default:
      return assertNever(work)
  }
}

/** What people wait for with pictures in view is a sample, however it is drawn. */
export function jobKindOf({ kind }: Work): JobKind {
  return kind === 'interpolate' || kind === 'infer' || kind === 'reproduce' ? 'sample' : kind
}

/** What a job lets be seen while it runs: pictures, measurements, and what its run keeps. Not faster than eyes can follow. */
import type { Tell } from '../../contract/events.ts'
import { assertNever } from '../../domain/errors.ts'
import type { JobRecord, MetricPoint } from '../../domain/records.ts'
import { pace } from './pace.ts'
import type { ComputingProject } from './project.ts'
import type { WorkMessage } from './supervisor.ts'

const MEASURED_MS = 100
const FRAME_MS = 33

export type News = Exclude<WorkMessage, { readonly kind: 'begun' | 'progressed' | 'ended' }>

export interface JobNews {
  hear(news: News): void
  /** Tells what still waits; nothing comes afterwards. */
  end(): void
}

export function createJobNews(
  { id: jobId, kind, runId }: JobRecord,
  { checkpoints }: Pick<ComputingProject, 'checkpoints'>,
  { tell, report }: { readonly tell: Tell; readonly report: (error: unknown) => string },
): JobNews {
  const points = pace<readonly MetricPoint[]>(
    MEASURED_MS,
    (due) => tell('run:measured', { runId: runId ?? jobId, points: due }),
    (waiting, next) => [...waiting, ...next],
  )
  const frames = pace<Extract<News, { readonly kind: 'pictured' }>>(FRAME_MS, ({ step, steps, picture, gain }) =>
    tell('picture:refined', { jobId, step, steps, picture, gain }),
  )

  function showPicture(news: Extract<News, { readonly kind: 'pictured' }>): void {
    if (kind !== 'sample') return frames.push(news)
    const { index, initial, picture, gain } = news
    tell('picture:sampled', { jobId, index, initial: initial ?? picture, refined: picture, gain: gain ?? 0 })
  }

  function tellSaved(checkpointId: string): void {
    try {
      const checkpoint = checkpoints.find(checkpointId)
      if (checkpoint !== undefined) tell('checkpoint:saved', { checkpoint })
    } catch (error) {
      report(error)
    }
  }

  return {
    hear(news) {
      switch (news.kind) {
        case 'pictured':
          return showPicture(news)
        case 'measured':
          return points.push(news.points)
        case 'probed':
          return tell('run:probed', { runId: news.runId, probe: news.probe })
        case 'noted':
          return tell('run:noted', { runId: news.runId, note: news.note })
        case 'saved':
          return tellSaved(news.checkpointId)
        default:
          return assertNever(news)
      }
    },
    end() {
      for (const each of [points, frames]) {
        each.flush()
        each.stop()
      }
    },
  }
}

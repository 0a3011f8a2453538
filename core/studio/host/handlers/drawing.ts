/** Drawing with trained models. What is asked of a run or checkpoint that is gone is refused before anything is queued. */
import type { Work } from '../../../contract/computeProtocol.ts'
import type { DrawSource } from '../../../contract/drawOrders.ts'
import type { Handlers } from '../../../contract/requests.ts'
import type { drawingRequests } from '../../../contract/requests/drawing.ts'
import { AppError } from '../../../domain/errors.ts'
import type { Id, RunRecord } from '../../../domain/records.ts'
import { findCheckpoint } from '../../projectCheckpoints.ts'
import type { HostContext } from '../context.ts'

export function createDrawingHandlers({ desk, queue }: HostContext): Pick<Handlers, keyof typeof drawingRequests> {
  function runOf(source: DrawSource): RunRecord {
    const store = desk.getStore()
    return store.runs.get(findCheckpoint(store, source).runId)
  }

  function start(kind: 'refine' | 'sample' | 'evaluate', source: DrawSource, work: Work): { readonly jobId: Id } {
    const { id: runId, name } = runOf(source)
    return { jobId: queue.start({ kind, title: `${titles[kind]} “${name}”`, runId, work }).id }
  }

  return {
    'draw:preview': (order) => queue.preview(order),
    'draw:refine': (order) => start('refine', order.source, { kind: 'refine', order }),
    'draw:sample': (order) => start('sample', order.source, { kind: 'sample', order }),
    'draw:interpolate': (order) => start('sample', order.source, { kind: 'interpolate', order }),
    'draw:infer': (order) => start('refine', order.source, { kind: 'infer', order }),
    'evaluation:start'({ source, dataSetId = runOf(source).dataSetId }) {
      if (dataSetId === null)
        throw new AppError('misuse', 'This model came from a file, so there are no pictures to evaluate it on.', {
          hint: 'Choose a data set of this project.',
        })
      desk.getStore().dataSets.get(dataSetId)
      return start('evaluate', source, { kind: 'evaluate', source, dataSetId })
    },
  }
}

const titles = { refine: 'Draw with', sample: 'Draw pictures with', evaluate: 'Evaluate' } as const

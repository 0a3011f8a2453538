/** Drawing with trained models. Every job's pictures come as events that carry its id. */
import { z } from 'zod'
import type { Picture } from '../../domain/picture.ts'
import type { Id } from '../../domain/records.ts'
import { drawSource, inferOrder, interpolateOrder, previewOrder, refineOrder, sampleOrder } from '../drawOrders.ts'
import { id } from '../fields.ts'
import { asks } from '../table.ts'

type Started = { readonly jobId: Id }

export const drawingRequests = {
  /** The initializer's answer. `superseded` when a newer preview came before this one was begun. */
  'draw:preview': asks(previewOrder).answers<
    { readonly kind: 'drawn'; readonly picture: Picture; readonly step: number } | { readonly kind: 'superseded' }
  >(),
  'draw:refine': asks(refineOrder).answers<Started>(),
  'draw:sample': asks(sampleOrder).answers<Started>(),
  'draw:interpolate': asks(interpolateOrder).answers<Started>(),
  'draw:infer': asks(inferOrder).answers<Started>(),
  /** On held-out pictures, with their floor; the outcome is the job's. */
  'evaluation:start': asks(z.strictObject({ source: drawSource, dataSetId: id.optional() })).answers<Started>(),
}

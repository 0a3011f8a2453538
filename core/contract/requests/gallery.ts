/** Kept results. */
import { z } from 'zod'
import type { Id, ResultRecord } from '../../domain/records.ts'
import { drawCondition, drawSource } from '../drawOrders.ts'
import { documentEntry, id, name, page, picture, seed } from '../fields.ts'
import { asks } from '../table.ts'
import type { Download } from './projects.ts'

export const galleryRequests = {
  /** With the very order that it was drawn by. */
  'result:keep': asks(
    z.strictObject({
      title: name,
      picture,
      initial: picture.optional(),
      source: drawSource,
      condition: drawCondition,
      strokes: z.array(documentEntry).max(100_000).optional(),
      seed,
      steps: z.number().int().min(0).max(4096),
      noise: z.boolean().optional(),
      guidance: z.number().min(0).max(20).optional(),
    }),
  ).answers<ResultRecord>(),
  'results:list': asks(
    z.strictObject({ ...page, query: z.string().max(200).default(''), starred: z.boolean().default(false) }),
  ).answers<{ readonly results: readonly ResultRecord[]; readonly total: number }>(),
  'result:get': asks(z.strictObject({ resultId: id })).answers<ResultRecord>(),
  'result:change': asks(
    z.strictObject({ resultId: id, title: name.optional(), starred: z.boolean().optional() }),
  ).answers<ResultRecord>(),
  /** Draws it again and compares; the outcome is the job's. */
  'result:reproduce': asks(z.strictObject({ resultId: id })).answers<{ readonly jobId: Id }>(),
  /** A PNG; `metadata` puts what reproduces it into the file. */
  'result:export': asks(z.strictObject({ resultId: id, metadata: z.boolean() })).answers<Download>(),
}

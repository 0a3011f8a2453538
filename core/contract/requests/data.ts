/** Pictures to learn from: files come in, are looked at, imported with a report, and put right row by row. */
import { z } from 'zod'
import type { Picture } from '../../domain/picture.ts'
import type { DataSetKind, DataSetRecord, Id, PictureRecord, ProblemName } from '../../domain/records.ts'
import { count, id, name, nothing, page, seed } from '../fields.ts'
import { asks, type Done } from '../table.ts'

/** What was found in an upload, before anything is imported. */
export interface Inspection {
  readonly kind: DataSetKind
  readonly layout: string
  readonly description: string
  readonly labels: readonly string[]
  readonly conditionSide: 'left' | 'right' | null
  readonly naturalSize: { readonly width: number; readonly height: number }
  readonly count: { readonly train: number; readonly heldOut: number }
  /** The first 500, and how many there are. */
  readonly problems: readonly { readonly file: string; readonly kind: ProblemName; readonly message: string }[]
  readonly problemCount: number
  /** What keeping the pictures inside the project takes. */
  readonly insideBytes: number
  /** The pictures are on this machine's disk, so that they can stay where they are. */
  readonly canReference: boolean
  /** Up to nine, as they would be learned from. */
  readonly examples: readonly ExamplePair[]
}
export interface ExamplePair {
  readonly name: string
  readonly condition: Picture | null
  readonly observed: Picture
  readonly label: number | null
}

const layout = z
  .enum(['auto', 'idx', 'cifar', 'class-folders', 'paired-folders', 'side-by-side', 'photos'])
  .default('auto')
const side = z.enum(['left', 'right']).optional()
const dataSetId = z.strictObject({ dataSetId: id })

export const dataRequests = {
  /** Then PUT files to `/uploads/:uploadId/relative/path`. A zip file is unpacked. Uploads that nothing used are removed when the program ends. */
  'upload:begin': asks(z.strictObject({ purpose: z.enum(['data', 'picture', 'project', 'model']) })).answers<{
    readonly uploadId: Id
  }>(),
  /** The host's own dialog: what the person chooses stays where it is. Null where they chose nothing. Refused by hosts that have no dialogs. */
  'upload:choose': asks(z.strictObject({ purpose: z.enum(['data', 'picture', 'project', 'model']) })).answers<{
    readonly uploadId: Id | null
  }>(),
  'upload:discard': asks(z.strictObject({ uploadId: id })).answers<Done>(),
  'data:inspect': asks(z.strictObject({ uploadId: id, layout, conditionSide: side })).answers<Inspection>(),
  /** Cancelling leaves nothing behind. */
  'data:import': asks(
    z.strictObject({
      uploadId: id,
      name,
      layout,
      conditionSide: side,
      keeping: z.enum(['inside', 'referenced']).default('inside'),
    }),
  ).answers<{ readonly jobId: Id }>(),
  'data:list': asks(nothing).answers<readonly DataSetRecord[]>(),
  'data:get': asks(dataSetId).answers<DataSetRecord>(),
  'data:rename': asks(z.strictObject({ dataSetId: id, name })).answers<DataSetRecord>(),
  'data:relabel': asks(
    z.strictObject({ dataSetId: id, labels: z.array(name).min(2).max(10_000) }),
  ).answers<DataSetRecord>(),
  /** Which picture of a pair is the condition. */
  'data:swap': asks(dataSetId).answers<DataSetRecord>(),
  'data:pictures': asks(
    z.strictObject({
      dataSetId: id,
      ...page,
      split: z.enum(['train', 'heldOut']).optional(),
      label: count.optional(),
      only: z.enum(['problems', 'skipped', 'used']).optional(),
    }),
  ).answers<{ readonly pictures: readonly PictureRecord[]; readonly total: number }>(),
  'picture:change': asks(
    z.strictObject({
      dataSetId: id,
      number: count,
      skipped: z.boolean().optional(),
      label: count.optional(),
      split: z.enum(['train', 'heldOut']).optional(),
    }),
  ).answers<PictureRecord>(),
  /** Makes a pair of a picture without condition and one that has no picture. */
  'picture:pair': asks(z.strictObject({ dataSetId: id, observed: count, condition: count })).answers<PictureRecord>(),
  /** As a run would see them: random ones, with made conditions and augmentation where asked. */
  'data:examples': asks(
    z.strictObject({
      dataSetId: id,
      count: z.number().int().min(1).max(64),
      seed,
      size: z.number().int().min(8).max(512),
      conditionFromPhoto: z.enum(['edges']).optional(),
      mask: z.enum(['centre', 'rectangles', 'brush']).optional(),
      mirror: z.boolean().default(false),
      jitterCrop: z.boolean().default(false),
    }),
  ).answers<readonly ExamplePair[]>(),
}

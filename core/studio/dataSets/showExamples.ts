/** Examples of a data set exactly as a training would get them: through the code that makes its batches. */
import type { ExamplePair } from '../../contract/requests/data.ts'
import { createBatches } from '../../data/batches.ts'
import type { MaskKind } from '../../data/masks.ts'
import type { Id } from '../../domain/records.ts'
import type { ProjectStore } from '../../storage/project/store.ts'
import { pairsOf } from './examplePairs.ts'
import { openStoredDataSet } from './storedDataSet.ts'

export interface ExamplesOrder {
  readonly dataSetId: Id
  readonly count: number
  readonly seed: number
  readonly size: number
  readonly conditionFromPhoto?: 'edges' | undefined
  /** What is hidden of the pictures; wins over the conditions, which inpainting does not need. */
  readonly mask?: MaskKind | undefined
  readonly mirror: boolean
  readonly jitterCrop: boolean
}

/** The first batch of a training with this seed, as far as there are different examples. @throws AppError as the batches do */
export async function showExamples(store: ProjectStore, order: ExamplesOrder): Promise<readonly ExamplePair[]> {
  const { seed, size, conditionFromPhoto, mask, mirror, jitterCrop } = order
  const dataSet = openStoredDataSet(store, order.dataSetId)
  const isPaired = dataSet.kind === 'pair' || conditionFromPhoto !== undefined
  // Photos alone have no task of their own; inpainting needs nothing but them.
  const task = mask !== undefined ? 'inpaint' : isPaired ? 'picture' : dataSet.kind === 'class' ? 'class' : 'inpaint'
  const batches = createBatches(dataSet, {
    ...{ task, split: 'train', size, seed, augment: { mirror, jitterCrop }, cacheBytes: 0 },
    ...(conditionFromPhoto === undefined ? {} : { conditionFromPhoto }),
    ...(mask === undefined ? {} : { mask }),
    batchSize: Math.min(order.count, dataSet.count.train),
  })
  return pairsOf(await batches.look(0), { withHole: mask !== undefined })
}

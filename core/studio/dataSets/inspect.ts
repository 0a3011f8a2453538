/** What is in an upload, before anything is imported: layout, problems, size, and a few examples as they would be learned from. */
import type { ExamplePair, Inspection } from '../../contract/requests/data.ts'
import { loadNamedExamples } from '../../data/batches.ts'
import { openDataSet } from '../../data/dataSet.ts'
import type { DataSet, OpenOptions } from '../../data/dataSet.ts'
import { pairsOf } from './examplePairs.ts'
import { bytesByContent, planRows } from './plannedRows.ts'
import { findFolder } from './uploads.ts'
import type { Upload } from './uploads.ts'

const problemsTold = 500
const examplesShown = 9
const largestExample = 128

/** @throws AppError bad-input where there is nothing to learn from */
export async function inspectUpload(upload: Upload, options: OpenOptions): Promise<Inspection> {
  const dataSet = await openDataSet(await findFolder(upload), options)
  // Before a damaged example is found below, as the import will find it by itself.
  const problems = dataSet.problems.map(({ file, kind, message }) => ({ file, kind, message }))
  const { kind, layout, description, labels = [], conditionSide = null, naturalSize, count } = dataSet
  return {
    ...{ kind, layout, description, labels, conditionSide, naturalSize, count },
    problems: problems.slice(0, problemsTold),
    problemCount: problems.length,
    insideBytes: sizeInside(dataSet),
    canReference: upload.local,
    examples: await showSome(dataSet),
  }
}

/** Equal pictures are kept once. */
function sizeInside(dataSet: DataSet): number {
  const sizes = new Map(planRows(dataSet).flatMap((row) => [...bytesByContent(row)]))
  return [...sizes.values()].reduce((sum, size) => sum + size, 0)
}

async function showSome(dataSet: DataSet): Promise<readonly ExamplePair[]> {
  const { width, height } = dataSet.naturalSize
  const size = Math.max(8, Math.min(width, height, largestExample))
  const task = dataSet.kind === 'class' ? 'class' : dataSet.kind === 'pair' ? 'picture' : 'inpaint'
  const found = await loadNamedExamples(dataSet, { task, split: 'train', size, count: examplesShown })
  return pairsOf(found, { withHole: false })
}

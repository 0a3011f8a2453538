/**
 * A data set of the project as training reads one. Rows come in the order of their numbers and pictures through the very readers that read a
 * folder, so batches and fingerprints are the same, now, later, and as from the folder itself.
 */
import type { DataSet } from '../../data/dataSet.ts'
import type { Example, ExamplePictures, Layout, Problem, ReadOptions, Split } from '../../data/examples.ts'
import { readAlone, readPair, readPixels, readSideBySide } from '../../data/readExample.ts'
import { AppError } from '../../domain/errors.ts'
import type { DataSetRecord, Id, PictureRecord } from '../../domain/records.ts'
import type { ProjectStore } from '../../storage/project/store.ts'
import { openStoredPictures } from './storedPictures.ts'
import type { StoredPictures } from './storedPictures.ts'

/**
 * Only rows are read; bytes are when an example is. `problems` holds what turns out while reading: what the import found is in the project.
 * @throws AppError not-found; bad-input when nothing is left to train with or held out
 */
export function openStoredDataSet(store: ProjectStore, dataSetId: Id): DataSet {
  const record = store.dataSets.get(dataSetId)
  const pictures = openStoredPictures(store, record)
  const rows = Object.groupBy(store.pictures.examples(dataSetId), ({ split }) => split)
  const examples: Record<Split, Example[]> = {
    train: (rows.train ?? []).map((row) => exampleOf(row, record, pictures)),
    heldOut: (rows.heldOut ?? []).map((row) => exampleOf(row, record, pictures)),
  }
  const count = { train: examples.train.length, heldOut: examples.heldOut.length }
  if (count.train === 0 || count.heldOut === 0)
    throw new AppError(
      'bad-input',
      `“${record.name}” has ${count.train} pictures to train with and ${count.heldOut} held out, and both need at least one.`,
      { hint: 'Use some of the pictures that are left out, or move some to the other side.' },
    )
  const problems: Problem[] = []
  return {
    kind: record.kind,
    layout: record.layout as Layout,
    description: record.description,
    ...(record.kind === 'class' ? { labels: record.labels } : {}),
    ...(record.conditionChannels === null ? {} : { conditionChannels: record.conditionChannels }),
    ...(record.conditionSide === null ? {} : { conditionSide: record.conditionSide }),
    count,
    examples,
    problems,
    channels: record.channels,
    naturalSize: record.naturalSize,
    report(file, kind, message) {
      if (!problems.some((problem) => problem.file === file)) problems.push({ file, kind, message })
    },
  }
}

function exampleOf(row: PictureRecord, dataSet: DataSetRecord, pictures: StoredPictures): Example {
  const hasOwnCondition = row.condition !== null && dataSet.layout !== 'side-by-side'
  return {
    name: row.name,
    content: row.content ?? '',
    ...(hasOwnCondition ? { condition: row.condition } : {}),
    split: row.split,
    ...(row.label === null ? {} : { label: row.label }),
    read: (options) => read(row, dataSet, pictures, options),
  }
}

async function read(
  row: PictureRecord,
  { kind, layout, conditionSide }: DataSetRecord,
  pictures: StoredPictures,
  options: ReadOptions,
): Promise<ExamplePictures> {
  if (pictures.arePixels) return readPixels(await pictures.readPixels(row), options)
  const observed = await pictures.readFile(row, 'observed')
  if (kind !== 'pair') return readAlone(observed, options)
  if (layout === 'side-by-side') return readSideBySide(observed, conditionSide ?? 'left', options)
  return readPair(observed, await pictures.readFile(row, 'condition'), options)
}

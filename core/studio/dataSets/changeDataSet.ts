/** A data set is put right after its import: names of its classes, rows left out, labels, sides, pairs made by hand. Files are never changed. */
import { AppError } from '../../domain/errors.ts'
import type { DataSetRecord, Id, PictureRecord, SplitName } from '../../domain/records.ts'
import type { ProjectStore } from '../../storage/project/store.ts'
import { joinNames } from './pairNames.ts'

export function renameDataSet(store: ProjectStore, id: Id, name: string): DataSetRecord {
  return store.file.write(() => {
    store.dataSets.update({ ...store.dataSets.get(id), name })
    return store.dataSets.get(id)
  })
}

/** New names for the classes, in their order. @throws AppError mismatch, bad-input */
export function relabelDataSet(store: ProjectStore, id: Id, labels: readonly string[]): DataSetRecord {
  return store.file.write(() => {
    const record = store.dataSets.get(id)
    if (record.kind !== 'class') throw new AppError('mismatch', 'Only a data set with labels has names to change.')
    if (labels.length !== record.labels.length)
      throw new AppError(
        'mismatch',
        `The data set has ${record.labels.length} labels, and ${labels.length} names were given; nothing was changed.`,
      )
    const twice = labels.find((label, i) => labels.indexOf(label) !== i)
    if (twice !== undefined)
      throw new AppError('bad-input', `Two labels would have the name “${twice}”; nothing was changed.`)
    store.dataSets.update({ ...record, labels })
    return store.dataSets.get(id)
  })
}

export interface PictureChange {
  readonly dataSetId: Id
  readonly number: number
  readonly skipped?: boolean | undefined
  readonly label?: number | undefined
  readonly split?: SplitName | undefined
}

/** @throws AppError mismatch, bad-input, not-found; nothing is changed then */
export function changePicture(store: ProjectStore, { dataSetId, number, ...change }: PictureChange): PictureRecord {
  return store.file.write(() => {
    const dataSet = store.dataSets.get(dataSetId)
    const before = store.pictures.get(dataSetId, number)
    const { label = before.label, split = before.split, skipped } = change
    if (change.label !== undefined && change.label >= dataSet.labels.length)
      throw new AppError('mismatch', `There is no label ${change.label} in this data set; nothing was changed.`)
    const isPlaced = before.problem?.kind === 'misplaced' && change.label !== undefined
    const problem = isPlaced ? null : before.problem
    const after = { ...before, label, split, problem, skipped: skipped ?? (isPlaced ? false : before.skipped) }
    if (!after.skipped) assertUsable(after, dataSet)
    assertBothSides(dataSet, before, after)
    store.pictures.update(dataSetId, [after])
    return store.pictures.get(dataSetId, number)
  })
}

/** The picture gets its condition; the row that the condition came from stays, left out. @throws AppError mismatch, not-found */
export function pairPictures(
  store: ProjectStore,
  order: { readonly dataSetId: Id; readonly observed: number; readonly condition: number },
): PictureRecord {
  const { dataSetId } = order
  return store.file.write(() => {
    store.dataSets.get(dataSetId)
    const observed = store.pictures.get(dataSetId, order.observed)
    const condition = store.pictures.get(dataSetId, order.condition)
    if (observed.content === null || observed.condition !== null)
      throw new AppError('mismatch', `“${observed.name}” is no picture without a condition; nothing was changed.`)
    if (condition.condition === null || condition.content !== null)
      throw new AppError('mismatch', `“${condition.name}” is no condition without a picture; nothing was changed.`)
    const name = joinNames(observed.name, condition.name)
    const used = { kind: 'duplicate', message: `it is the condition of “${observed.name}”` } as const
    store.pictures.update(dataSetId, [
      { ...observed, name, condition: condition.condition, problem: null, skipped: false },
      { ...condition, problem: used, skipped: true },
    ])
    return store.pictures.get(dataSetId, order.observed)
  })
}

function assertUsable({ name, content, condition, label }: PictureRecord, { kind }: DataSetRecord): void {
  const refuse = (why: string) => new AppError('bad-input', `“${name}” cannot be used: ${why}.`)
  if (content === null) throw refuse(condition === null ? 'it could not be read' : 'it has no picture')
  if (kind === 'pair' && condition === null) throw refuse('it has no condition')
  if (kind === 'class' && label === null) throw refuse('it has no label')
}

function assertBothSides({ count }: DataSetRecord, before: PictureRecord, after: PictureRecord): void {
  const leaves = !before.skipped && (after.skipped || after.split !== before.split)
  if (leaves && count[before.split] === 1) {
    const side = before.split === 'train' ? 'to train with' : 'held out'
    throw new AppError(
      'bad-input',
      `“${before.name}” is the last picture ${side}, and one is needed; nothing was changed.`,
    )
  }
}

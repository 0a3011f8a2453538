/**
 * The import of a folder into a project: a row for every picture that was found, in short writes with a turn for others between them. The data
 * set appears when it is whole; of a cancelled or failed import nothing remains. The source is only read.
 */
import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { openDataSet } from '../../data/dataSet.ts'
import type { DataSet, OpenOptions } from '../../data/dataSet.ts'
import type { PictureEntry } from '../../data/examples.ts'
import { mapBounded } from '../../data/mapBounded.ts'
import { decodePicture } from '../../data/pictureFile.ts'
import { AppError, CancelledError } from '../../domain/errors.ts'
import type { DataSetRecord, Id, PictureRecord, Progress } from '../../domain/records.ts'
import type { NewPicture } from '../../storage/project/pictures.ts'
import { portionsOf } from '../../storage/project/portions.ts'
import type { ProjectStore } from '../../storage/project/store.ts'
import { bytesByContent, planRows } from './plannedRows.ts'
import type { PlannedRow } from './plannedRows.ts'
import type { Upload } from './uploads.ts'
import { findFolder } from './uploads.ts'

export interface ImportOrder extends Pick<OpenOptions, 'layout' | 'conditionSide'> {
  readonly name: string
  readonly keeping: 'inside' | 'referenced'
}

export interface Importing {
  readonly store: ProjectStore
  readonly upload: Upload
  readonly order: ImportOrder
  readonly signal: AbortSignal
  tell(progress: Pick<Progress, 'done' | 'total' | 'unit' | 'note'>): void
}

const filesAtOnce = 4
/** A row takes as long to write as so many bytes: a portion of tiny pictures is short, too. */
const rowBytes = 32 * 2 ** 10
const unit = 'pictures'

/**
 * @throws AppError bad-input where there is nothing to learn from, misuse for a reference to what was uploaded, storage-failed; CancelledError.
 */
export async function importDataSet({ store, upload, order, signal, tell }: Importing): Promise<DataSetRecord> {
  const { layout, conditionSide, keeping } = order
  if (keeping === 'referenced' && !upload.local)
    throw new AppError(
      'misuse',
      'Pictures that were uploaded have no place to stay in, so they must be kept in the project.',
    )
  tell({ done: 0, total: 0, unit, note: 'Looking through the files' })
  const folder = await findFolder(upload)
  const dataSet = await openDataSet(folder, { layout, conditionSide, signal })
  stopIf(signal)
  const id = store.dataSets.begin(draftOf(dataSet, order, upload.local ? folder : null))
  try {
    const unreadable = await putRows(id, planRows(dataSet), { store, folder, keeping, signal, tell })
    stopIf(signal)
    return store.dataSets.finish(id, describe(dataSet, unreadable))
  } catch (error) {
    await clearAway(store, id)
    throw error
  }
}

function draftOf(dataSet: DataSet, { name, keeping }: ImportOrder, source: string | null) {
  const { kind, layout, description, labels = [], channels, naturalSize } = dataSet
  const { conditionChannels = null, conditionSide = null } = dataSet
  return {
    name,
    kind,
    layout,
    description,
    labels,
    channels,
    conditionChannels,
    conditionSide,
    naturalSize,
    keeping,
    source,
  }
}

/** @returns how many of the examples turned out to be damaged */
async function putRows(
  id: Id,
  rows: readonly PlannedRow[],
  { store, folder, keeping, signal, tell }: Pick<Importing, 'store' | 'signal' | 'tell'> & PlacedOrder,
): Promise<number> {
  const used = { train: 0, heldOut: 0 }
  let unreadable = 0
  let done = 0
  for (const portion of portionsOf(rows, (row) => rowBytes + sum(bytesByContent(row).values()))) {
    const pictures = await mapBounded(portion, filesAtOnce, async (row) => {
      stopIf(signal)
      return readRow(row, { folder, keeping })
    })
    stopIf(signal)
    store.pictures.insert(id, pictures)
    for (const [i, { split, skipped }] of pictures.entries())
      if (!skipped) used[split]++
      else if (portion[i].problem === null) unreadable++
    done += portion.length
    tell({ done, total: rows.length, unit, note: null })
    await setImmediate()
  }
  if (used.train === 0 || used.heldOut === 0)
    throw new AppError(
      'bad-input',
      'Too few of the pictures can be read: at least one to train with and one held out are needed.',
    )
  return unreadable
}

interface PlacedOrder {
  readonly folder: string
  readonly keeping: 'inside' | 'referenced'
}

async function readRow({ pictures, problem, ...row }: PlannedRow, place: PlacedOrder): Promise<NewPicture> {
  if (pictures.kind === 'pixels') {
    const observed = place.keeping === 'inside' ? pictures.picture.data : pictures.content
    return { ...row, kind: 'pixels', observed, condition: null, problem, skipped: problem !== null }
  }
  const { observed: first, condition: second } = pictures
  const observed = await readSound(first, place)
  const condition = second === first ? observed : await readSound(second, place)
  const damaged = (first !== null && observed === null) || (second !== null && condition === null)
  const found: PictureRecord['problem'] = damaged
    ? { kind: 'unreadable', message: 'it (or its partner in a pair) is damaged, cut off or no longer as it was' }
    : problem
  return { ...row, kind: 'picture', observed, condition, problem: found, skipped: found !== null }
}

/** A file that was found sound by its header, decoded once to be sure; null for one that is damaged or has changed since. */
async function readSound(
  entry: PictureEntry | null,
  { folder, keeping }: PlacedOrder,
): Promise<Uint8Array | string | null> {
  if (entry === null) return null
  try {
    const bytes = await readFile(join(folder, entry.file))
    if (hash('sha256', bytes) !== entry.content) return null
    await decodePicture(bytes, { size: 8 })
    return keeping === 'inside' ? bytes : entry.content
  } catch {
    return null
  }
}

function describe({ description }: DataSet, unreadable: number): string {
  if (unreadable === 0) return description
  const left = `${unreadable.toLocaleString('en')} of them could not be read and ${unreadable === 1 ? 'is' : 'are'} left out.`
  return `${description.replace(/\.$/, '')}; ${left}`
}

/** What cannot be cleared away now (a full disk, a vanished file) goes when the project is opened the next time. */
async function clearAway(store: ProjectStore, id: Id): Promise<void> {
  const pause = () => setImmediate()
  try {
    await store.bin.remove('dataSet', id, { pause })
    for (const kind of ['picture', 'pixels'] as const) await store.contents.sweep({ pause, kind })
  } catch (error) {
    if (!(error instanceof AppError)) throw error
  }
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0)
}

function stopIf(signal: AbortSignal): void {
  if (signal.aborted) throw new CancelledError()
}

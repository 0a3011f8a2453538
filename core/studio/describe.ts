/** Looking before doing: this machine's engines, a folder's pictures, the program's own data set. */
import { mkdir, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { composeExamples } from '../compute/drawingSheet.ts'
import { describeDevices, formatDevices } from '../compute/devices.ts'
import { loadExamples } from '../data/batches.ts'
import { type DataSet, openDataSet, type OpenOptions } from '../data/dataSet.ts'
import { joinSideBySide } from '../data/sideBySide.ts'
import { drawVesselPair } from '../data/vessels/vessels.ts'
import { AppError, CancelledError } from '../domain/errors.ts'
import { assertPlaceFor } from './outputPlace.ts'
import { writePng } from './writePng.ts'

export { describeDevices, formatDevices }
export type { DataSet }

export function openData(folder: string, options: OpenOptions): Promise<DataSet> {
  return openDataSet(folder, options)
}

/** Nine examples of a data set as training would see them, as one sheet. @param folder of the data set: no picture in it is replaced */
export async function previewData(data: DataSet, folder: string, file: string, size: number): Promise<void> {
  await assertPlaceFor(file, 'picture', [folder])
  const task = data.kind === 'class' ? 'class' : data.kind === 'pair' ? 'picture' : 'inpaint'
  const batch = await loadExamples(data, { task, split: 'train', size, count: 9, seed: 1 })
  await writePng(file, composeExamples(batch))
}

/**
 * Draws vessels into a folder as side-by-side pairs (left the picture, right the sketch), the last tenth in a folder of its own, held out.
 * @returns how many were drawn for each side
 */
export async function drawVesselData(
  order: { readonly folder: string; readonly count: number; readonly size: number; readonly seed: number },
  tell: (drawn: number) => void,
  signal: AbortSignal,
): Promise<{ train: number; heldOut: number }> {
  const heldOut = Math.max(1, Math.round(order.count / 10))
  const train = order.count - heldOut
  const places = Array.from({ length: order.count }, (_, index) =>
    join(index < train ? 'train' : 'val', `vessel-${String(index).padStart(5, '0')}.png`),
  )
  await assertNothingElse(order.folder, places)
  for (const part of ['train', 'val'])
    await mkdir(join(order.folder, part), { recursive: true }).catch((cause: unknown) => {
      throw new AppError('storage-failed', `The folder ${order.folder} cannot be made.`, {
        hint: 'Choose a folder that you may write to.',
        cause,
      })
    })
  for (const [index, place] of places.entries()) {
    if (signal.aborted) throw new CancelledError()
    const { picture, sketch } = drawVesselPair(order.seed + index, order.size)
    await writePng(join(order.folder, place), joinSideBySide(picture, sketch))
    tell(index + 1)
  }
  return { train, heldOut }
}

/** Vessels among other pictures would make another data set of both. */
async function assertNothingElse(folder: string, places: readonly string[]): Promise<void> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = found
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
  const expected = new Set(places)
  const other = files.find((file) => !expected.has(file))
  if (other === undefined) return
  throw new AppError('misuse', `The folder ${folder} already holds other files, for example ${other}.`, {
    hint: 'Name a new folder for the vessels. Nothing was changed.',
  })
}

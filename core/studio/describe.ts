/** Looking before doing: this machine's engines, a folder's pictures, the program's own data set. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { composeExamples } from '../compute/drawingSheet.ts'
import { describeDevices, formatDevices } from '../compute/devices.ts'
import { loadExamples } from '../data/batches.ts'
import { type DataSet, openDataSet, type OpenOptions } from '../data/dataSet.ts'
import { writePng } from '../data/pictureFile.ts'
import { joinSideBySide } from '../data/sideBySide.ts'
import { drawVesselPair } from '../data/vessels/vessels.ts'
import { AppError, CancelledError } from '../domain/errors.ts'

export { describeDevices, formatDevices }
export type { DataSet }

export function openData(folder: string, options: OpenOptions): Promise<DataSet> {
  return openDataSet(folder, options)
}

/** Nine examples of a data set as training would see them, as one sheet. */
export async function previewData(data: DataSet, file: string, size: number): Promise<void> {
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
  for (const part of ['train', 'val'])
    await mkdir(join(order.folder, part), { recursive: true }).catch((cause: unknown) => {
      throw new AppError('storage-failed', `The folder ${order.folder} cannot be made.`, {
        hint: 'Choose a folder that you may write to.',
        cause,
      })
    })
  for (let index = 0; index < order.count; index++) {
    if (signal.aborted) throw new CancelledError()
    const { picture, sketch } = drawVesselPair(order.seed + index, order.size)
    const name = `vessel-${String(index).padStart(5, '0')}.png`
    await writePng(join(order.folder, index < train ? 'train' : 'val', name), joinSideBySide(picture, sketch))
    tell(index + 1)
  }
  return { train, heldOut }
}

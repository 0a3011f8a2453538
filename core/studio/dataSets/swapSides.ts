/** The other picture of each pair becomes the condition. Which pictures are held out stays as it is. */
import { isGrey } from '../../data/conditionGuess.ts'
import { mostFrequent } from '../../data/examples.ts'
import { mapBounded } from '../../data/mapBounded.ts'
import { decodePicture, inspectBytes } from '../../data/pictureFile.ts'
import { AppError } from '../../domain/errors.ts'
import type { DataSetRecord, Id, PictureRecord } from '../../domain/records.ts'
import type { ProjectStore } from '../../storage/project/store.ts'
import { joinNames, splitName } from './pairNames.ts'
import { openStoredPictures } from './storedPictures.ts'

const samples = 24
const sampleSize = 256
const filesAtOnce = 4
const everything = { offset: 0, limit: 2 ** 31 }

/** @throws AppError mismatch where there are no pairs; not-found; bad-input where a picture is not there any more */
export async function swapSides(store: ProjectStore, id: Id): Promise<DataSetRecord> {
  const before = store.dataSets.get(id)
  if (before.kind !== 'pair')
    throw new AppError('mismatch', 'Only a data set of pairs has two sides to swap; nothing was changed.')
  const rows = store.pictures.list(id, {}, everything).pictures
  const conditionSide = before.conditionSide === 'left' ? 'right' : 'left'
  const description = swapWords(before.description)
  const conditionChannels = (await areConditionsGrey(store, before, rows)) ? (1 as const) : (3 as const)
  const swapped = { ...before, conditionSide, description, conditionChannels } as const
  // Halves of one file: nothing but the sides changes.
  const exchanged = before.layout === 'side-by-side' ? undefined : await exchange(store, before, rows)
  return store.file.write(() => {
    store.dataSets.update({ ...swapped, ...exchanged?.looks })
    if (exchanged !== undefined) store.pictures.update(id, exchanged.rows)
    return store.dataSets.get(id)
  })
}

async function exchange(store: ProjectStore, dataSet: DataSetRecord, rows: readonly PictureRecord[]) {
  const pictures = openStoredPictures(store, dataSet)
  const found = await mapBounded(rows, filesAtOnce, async (row) => {
    const bytes = row.condition === null ? undefined : await pictures.readFile(row, 'condition')
    const header = bytes && (await inspectBytes(bytes))
    return { row, header: header?.kind === 'picture' ? header : undefined }
  })
  const headers = found.flatMap(({ row, header }) => (row.skipped || header === undefined ? [] : [header]))
  const { width, height } = mostFrequent(headers, (header) => `${header.width}x${header.height}`)
  const channels = headers.every((header) => header.channels === 1) ? (1 as const) : (3 as const)
  return {
    looks: { naturalSize: { width, height }, channels },
    rows: found.map(({ row, header }) => ({
      ...row,
      name: swapNames(row.name),
      content: row.condition,
      condition: row.content,
      width: header?.width ?? row.width,
      height: header?.height ?? row.height,
    })),
  }
}

/** Of what is going to be the conditions, judged by evenly spread samples as at the import. */
async function areConditionsGrey(
  store: ProjectStore,
  dataSet: DataSetRecord,
  rows: readonly PictureRecord[],
): Promise<boolean> {
  const pictures = openStoredPictures(store, dataSet)
  const used = rows.filter(({ skipped }) => !skipped)
  const stride = Math.max(1, used.length / samples)
  const chosen = Array.from({ length: Math.min(used.length, samples) }, (_, i) => used[Math.floor(i * stride)])
  const side = dataSet.conditionSide === 'left' ? 'right' : 'left'
  const options = { size: sampleSize, half: dataSet.layout === 'side-by-side' ? side : undefined } as const
  const halves = await mapBounded(chosen, filesAtOnce, async (row) =>
    // One that is damaged is passed over here and reported when it is used.
    decodePicture(await pictures.readFile(row, 'observed'), options).catch(() => undefined),
  )
  return halves.every((half) => half === undefined || isGrey(half))
}

function swapNames(name: string): string {
  const { observed, condition } = splitName(name)
  return observed === condition ? name : joinNames(condition, observed)
}

/** The sentences of the pairs' readers, with the sides exchanged. */
function swapWords(description: string): string {
  return description
    .replace(
      /the (\w+) half is the condition \([^)]*\), the (\w+) half the picture/,
      'the $2 half is the condition (as chosen), the $1 half the picture',
    )
    .replace(
      /“([^”]*)” holds the conditions \([^)]*\), “([^”]*)” the pictures/,
      '“$2” holds the conditions (as chosen), “$1” the pictures',
    )
}

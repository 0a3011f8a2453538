/** The bytes behind the rows of a data set: in the project, or in the files that they stayed in, known again by their hash. */
import { hash } from 'node:crypto'
import { join } from 'node:path'
import { openDataSet } from '../../data/dataSet.ts'
import type { Example, Layout } from '../../data/examples.ts'
import { inspectFile } from '../../data/pictureFile.ts'
import { AppError } from '../../domain/errors.ts'
import type { Picture } from '../../domain/picture.ts'
import type { DataSetRecord, PictureRecord } from '../../domain/records.ts'
import type { ProjectStore } from '../../storage/project/store.ts'
import { splitName } from './pairNames.ts'

export interface StoredPictures {
  /** The data set's pictures are rows of a binary file, without files of their own. */
  readonly arePixels: boolean
  /** A whole picture file. @throws AppError where it is not there (any more) or another one than it was */
  readFile(row: PictureRecord, side: 'observed' | 'condition'): Promise<Uint8Array>
  /** Where arePixels. @throws as readFile */
  readPixels(row: PictureRecord): Promise<Picture>
}

const binaryLayouts: readonly string[] = ['idx', 'cifar'] satisfies readonly Layout[]

/** @throws AppError not-found for pictures that stayed outside a project which came from another machine */
export function openStoredPictures({ contents, dataSets }: ProjectStore, dataSet: DataSetRecord): StoredPictures {
  const source = dataSet.keeping === 'referenced' ? dataSets.source(dataSet.id) : null
  if (dataSet.keeping === 'referenced' && source === null) throw lost(dataSet)
  const known = new Set<string>()
  let rows: Promise<ReadonlyMap<string, Example>> | undefined

  const readOutside = async (folder: string, file: string, content: string): Promise<Uint8Array> => {
    const { inspection, bytes } = await inspectFile(join(folder, file))
    if (inspection.kind !== 'picture')
      throw new AppError('bad-input', `“${file}” cannot be used: ${inspection.message}.`)
    const place = `${file}\n${content}`
    if (!known.has(place) && hash('sha256', bytes) !== content) throw changed(file)
    known.add(place)
    return bytes
  }

  const readOutsidePixels = async (folder: string, { name, content }: PictureRecord): Promise<Uint8Array> => {
    rows ??= readRows(folder, dataSet.layout)
    const origin = (await rows).get(name)?.origin
    if (origin?.kind !== 'pixels') throw changed(name)
    const { data } = origin.picture
    if (!known.has(name) && hash('sha256', data) !== content) throw changed(name)
    known.add(name)
    return data
  }

  const inside = (content: string, { name }: PictureRecord) => contents.get(content, `The picture “${name}”`)

  return {
    arePixels: binaryLayouts.includes(dataSet.layout),

    async readFile(row, side) {
      const content = row[side === 'observed' ? 'content' : 'condition']
      if (content === null)
        throw new AppError('bad-input', `“${row.name}” has no ${side === 'observed' ? 'picture' : 'condition'}.`)
      return source === null ? inside(content, row) : readOutside(source, splitName(row.name)[side], content)
    },

    async readPixels(row) {
      const { width, height, content } = row
      if (content === null) throw new AppError('bad-input', `“${row.name}” has no picture.`)
      const data = source === null ? inside(content, row) : await readOutsidePixels(source, row)
      return { width, height, channels: data.length === width * height ? 1 : 3, data }
    },
  }
}

async function readRows(folder: string, layout: string): Promise<ReadonlyMap<string, Example>> {
  const { examples } = await openDataSet(folder, { layout: layout === 'idx' ? 'idx' : 'cifar' })
  return new Map([...examples.train, ...examples.heldOut].map((example) => [example.name, example]))
}

function changed(name: string): AppError {
  return new AppError('bad-input', `“${name}” is not what it was when it was imported.`)
}

function lost({ name }: DataSetRecord): AppError {
  const what = `The pictures of “${name}” are not in this project, and where they are on this machine is not known: they must be found again.`
  return new AppError('not-found', what, { hint: 'Import their folder once more, and train on that data set.' })
}

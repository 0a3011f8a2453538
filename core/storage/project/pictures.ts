/** The pictures of data sets: a row for every one that was found, used or not. */
import type { ContentHash, Id, PictureRecord, ProblemName, SplitName } from '../../domain/records.ts'
import type { ProjectFile } from '../sqlite/projectFile.ts'
import type { ContentKind, Contents } from './contents.ts'
import { notFound } from './notFound.ts'

/** A picture's bytes go into the project; a hash alone says that they stay where they are; null that there are none. */
export type PictureSource = Uint8Array | ContentHash | null

export interface NewPicture extends Omit<PictureRecord, 'number' | 'content' | 'condition'> {
  readonly observed: PictureSource
  readonly condition: PictureSource
  /** What its bytes are. */
  readonly kind: Extract<ContentKind, 'picture' | 'pixels'>
}

/** Only what is given counts. */
export interface PictureFilter {
  readonly split?: SplitName
  readonly label?: number
  readonly skipped?: boolean
  readonly problem?: ProblemName | 'any' | 'none'
}

/** What a hash alone leads to, as pages ask for pictures. */
export type FoundPicture =
  /** The content is a picture file. */
  | { readonly kind: 'file' }
  /** The content is rows of bytes. */
  | { readonly kind: 'pixels'; readonly width: number; readonly height: number }
  /** A file that is not in the project. */
  | {
      readonly kind: 'outside'
      readonly dataSetId: Id
      readonly name: string
      readonly side: 'observed' | 'condition'
    }

type Keeping = 'inside' | 'referenced'

interface PictureRow {
  number: number
  name: string
  content: ContentHash | null
  condition: ContentHash | null
  split: SplitName
  label: number | null
  width: number
  height: number
  skipped: 0 | 1
  problem: ProblemName | null
  problem_message: string | null
}
interface OutsideRow {
  dataSetId: Id
  name: string
  isCondition: 0 | 1
}

export type Pictures = ReturnType<typeof openPictures>

export function openPictures(file: ProjectFile, contents: Contents) {
  const { db } = file
  const columns = `number, name, coalesce(content, outside_content) AS content,
    coalesce(condition, outside_condition) AS condition, split, label, width, height, skipped, problem, problem_message`
  const matching = `data_set_id = @id AND (@split IS NULL OR split = @split) AND (@label IS NULL OR label = @label)
    AND (@skipped IS NULL OR skipped = @skipped)
    AND (@problem IS NULL OR problem = @problem OR (@problem = 'any' AND problem IS NOT NULL)
      OR (@problem = 'none' AND problem IS NULL))`
  const insert = db.prepare(
    `INSERT INTO picture (data_set_id, number, name, content, condition, outside_content, outside_condition, split,
       label, width, height, skipped, problem, problem_message)
     VALUES (@id, @number, @name, @content, @condition, @outside_content, @outside_condition, @split, @label, @width,
       @height, @skipped, @problem, @problem_message)`,
  )
  const update = db.prepare(
    `UPDATE picture SET name = @name, content = @content, condition = @condition, outside_content = @outside_content,
       outside_condition = @outside_condition, split = @split, label = @label, width = @width, height = @height,
       skipped = @skipped, problem = @problem, problem_message = @problem_message
     WHERE data_set_id = @id AND number = @number`,
  )
  const next = db
    .prepare<[Id], number>('SELECT coalesce(max(number) + 1, 0) FROM picture WHERE data_set_id = ?')
    .pluck()
  const about = db.prepare<[Id], { keeping: Keeping; labels: number }>(
    'SELECT keeping, json_array_length(labels) AS labels FROM data_set WHERE id = ?',
  )
  const isIn = db
    .prepare<[{ id: Id; hash: ContentHash }], number>(
      `SELECT 1 FROM picture WHERE content = @hash AND data_set_id = @id
       UNION ALL SELECT 1 FROM picture WHERE condition = @hash AND data_set_id = @id LIMIT 1`,
    )
    .pluck()
  const addSize = db.prepare('UPDATE data_set SET size_bytes = size_bytes + ? WHERE id = ?')
  const find = db.prepare<[Id, number], PictureRow>(
    `SELECT ${columns} FROM picture WHERE data_set_id = ? AND number = ?`,
  )
  const page = db.prepare<[object], PictureRow>(
    `SELECT ${columns} FROM picture WHERE ${matching} ORDER BY number LIMIT @limit OFFSET @offset`,
  )
  const count = db.prepare<[object], number>(`SELECT count(*) FROM picture WHERE ${matching}`).pluck()
  const used = db.prepare<[Id], PictureRow>(
    `SELECT ${columns} FROM picture WHERE data_set_id = ? AND skipped = 0 ORDER BY number`,
  )
  const kindOf = db.prepare<[string], ContentKind>('SELECT kind FROM content WHERE hash = ?').pluck()
  const sizeOf = db.prepare<[string], { width: number; height: number }>(
    'SELECT width, height FROM picture WHERE content = ? LIMIT 1',
  )
  const outside = db.prepare<[{ hash: string }], OutsideRow>(
    `SELECT data_set_id AS dataSetId, name, outside_content IS NOT @hash AS isCondition FROM picture
     WHERE outside_content = @hash OR outside_condition = @hash LIMIT 1`,
  )

  function getAbout(dataSetId: Id) {
    const found = about.get(dataSetId)
    if (found === undefined) throw notFound('data set')
    return found
  }

  return {
    /**
     * Puts pictures at the end of a data set in one short write: a few hundred at a time, or a few megabytes.
     * @throws TypeError where bytes come for pictures that stay outside, or a hash for pictures that are kept inside
     */
    insert(dataSetId: Id, pictures: readonly NewPicture[]): void {
      file.write(() => {
        const { keeping } = getAbout(dataSetId)
        let number = next.get(dataSetId) ?? 0
        let size = 0
        const keep = (source: PictureSource, { name, kind }: NewPicture): ContentHash | null => {
          if (source === null) return null
          if ((typeof source === 'string') !== (keeping === 'referenced'))
            throw new TypeError(`picture ${name}: ${typeof source} does not fit a data set that is kept ${keeping}`)
          return typeof source === 'string' ? source : contents.put(source, kind)
        }
        for (const picture of pictures) {
          const content = keep(picture.observed, picture)
          // One file can hold both, side by side.
          const condition = picture.condition === picture.observed ? content : keep(picture.condition, picture)
          // What another row has brought already takes no room.
          for (const hash of new Set([content, condition]))
            if (hash !== null && keeping === 'inside' && !isIn.get({ id: dataSetId, hash }))
              size += contents.size(hash) ?? 0
          insert.run(pictureToRow(dataSetId, { ...picture, number: number++, content, condition }, keeping))
        }
        addSize.run(size, dataSetId)
      })
    },

    /**
     * Replaces rows as a whole, so that what belongs together changes together: all of them or none.
     * @throws RangeError for a label that the data set does not have
     */
    update(dataSetId: Id, pictures: readonly PictureRecord[]): void {
      file.write(() => {
        const { keeping, labels } = getAbout(dataSetId)
        for (const picture of pictures) {
          const { name, label } = picture
          if (label !== null && !(Number.isInteger(label) && label >= 0 && label < labels))
            throw new RangeError(`picture ${name}: the label ${label} is none of the ${labels} of its data set`)
          if (update.run(pictureToRow(dataSetId, picture, keeping)).changes === 0) throw notFound('picture')
        }
      })
    },

    get(dataSetId: Id, number: number): PictureRecord {
      const row = find.get(dataSetId, number)
      if (row === undefined) throw notFound('picture')
      return rowToPicture(row)
    },

    /** One page in the order of the numbers, and how many there are in all pages. */
    list(
      dataSetId: Id,
      { split, label, skipped, problem }: PictureFilter,
      { offset, limit }: { readonly offset: number; readonly limit: number },
    ): { pictures: PictureRecord[]; total: number } {
      const filter = {
        id: dataSetId,
        split: split ?? null,
        label: label ?? null,
        skipped: skipped === undefined ? null : Number(skipped),
        problem: problem ?? null,
      }
      return { pictures: page.all({ ...filter, offset, limit }).map(rowToPicture), total: count.get(filter) ?? 0 }
    },

    /** All that are used, of both splits, in the order of the numbers: always the same while nothing is changed. */
    examples(dataSetId: Id): PictureRecord[] {
      return used.all(dataSetId).map(rowToPicture)
    },

    /** @returns undefined where no picture of the project has this hash; tensors and strokes are none */
    find(hash: ContentHash): FoundPicture | undefined {
      return file.read(() => {
        const kind = kindOf.get(hash)
        if (kind === 'picture') return { kind: 'file' }
        if (kind === 'pixels') {
          const size = sizeOf.get(hash)
          return size && { kind, ...size }
        }
        const row = kind === undefined ? outside.get({ hash }) : undefined
        if (row === undefined) return undefined
        const { dataSetId, name, isCondition } = row
        return { kind: 'outside', dataSetId, name, side: isCondition === 1 ? 'condition' : 'observed' }
      })
    },
  }
}

function rowToPicture({ problem, problem_message, skipped, ...same }: PictureRow): PictureRecord {
  return {
    ...same,
    skipped: skipped === 1,
    problem: problem === null ? null : { kind: problem, message: problem_message ?? '' },
  }
}

function pictureToRow(id: Id, picture: PictureRecord, keeping: Keeping) {
  const { number, name, content, condition, split, label, width, height, skipped, problem } = picture
  const isInside = keeping === 'inside'
  return {
    ...{ id, number, name, split, label, width, height, skipped: Number(skipped) },
    content: isInside ? content : null,
    condition: isInside ? condition : null,
    outside_content: isInside ? null : content,
    outside_condition: isInside ? null : condition,
    problem: problem?.kind ?? null,
    problem_message: problem?.message ?? null,
  }
}

/** The pictures of data sets: a row for every one that was found, used or not. */
import { AppError } from '../../domain/errors.ts'
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
  const next = db
    .prepare<[Id], number>('SELECT coalesce(max(number) + 1, 0) FROM picture WHERE data_set_id = ?')
    .pluck()
  const keeping = db.prepare<[Id], 'inside' | 'referenced'>('SELECT keeping FROM data_set WHERE id = ?').pluck()
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
  const setSkipped = db.prepare('UPDATE picture SET skipped = ? WHERE data_set_id = ? AND number = ?')
  const setLabel = db.prepare('UPDATE picture SET label = ? WHERE data_set_id = ? AND number = ?')
  const setSplit = db.prepare('UPDATE picture SET split = ? WHERE data_set_id = ? AND number = ?')
  const labelCount = db.prepare<[Id], number>('SELECT json_array_length(labels) FROM data_set WHERE id = ?').pluck()

  type Change = typeof setLabel
  /** All or none of the numbers. */
  function change(statement: Change, values: readonly unknown[], id: Id, numbers: readonly number[]): void {
    file.write(() => {
      for (const number of numbers) if (statement.run(...values, id, number).changes === 0) throw notFound('picture')
    })
  }

  return {
    /**
     * Puts pictures at the end of a data set in one short write: a few hundred at a time, or a few megabytes.
     * @throws TypeError where bytes come for pictures that stay outside, or a hash for pictures that are kept inside
     */
    insert(dataSetId: Id, pictures: readonly NewPicture[]): void {
      file.write(() => {
        const kept = keeping.get(dataSetId)
        if (kept === undefined) throw notFound('data set')
        let number = next.get(dataSetId) ?? 0
        let size = 0
        const store = (source: PictureSource, { name, kind }: NewPicture) => {
          if (source === null) return { inside: null, outside: null }
          if ((typeof source === 'string') !== (kept === 'referenced'))
            throw new TypeError(`picture ${name}: ${typeof source} does not fit a data set that is kept ${kept}`)
          if (typeof source === 'string') return { inside: null, outside: source }
          size += source.byteLength
          return { inside: contents.put(source, kind), outside: null }
        }
        for (const picture of pictures) {
          const observed = store(picture.observed, picture)
          // One file can hold both, side by side.
          const condition = picture.condition === picture.observed ? observed : store(picture.condition, picture)
          insert.run({
            id: dataSetId,
            number: number++,
            name: picture.name,
            content: observed.inside,
            outside_content: observed.outside,
            condition: condition.inside,
            outside_condition: condition.outside,
            split: picture.split,
            label: picture.label,
            width: picture.width,
            height: picture.height,
            skipped: Number(picture.skipped),
            problem: picture.problem?.kind ?? null,
            problem_message: picture.problem?.message ?? null,
          })
        }
        addSize.run(size, dataSetId)
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

    setSkipped(dataSetId: Id, numbers: readonly number[], skipped: boolean): void {
      change(setSkipped, [Number(skipped)], dataSetId, numbers)
    },

    /** @throws AppError misuse for a label that the data set does not have */
    setLabel(dataSetId: Id, numbers: readonly number[], label: number): void {
      const labels = labelCount.get(dataSetId)
      if (labels === undefined) throw notFound('data set')
      if (!Number.isInteger(label) || label < 0 || label >= labels)
        throw new AppError('misuse', `There is no class ${label} in this data set; nothing was changed.`)
      change(setLabel, [label], dataSetId, numbers)
    },

    setSplit(dataSetId: Id, numbers: readonly number[], split: SplitName): void {
      change(setSplit, [split], dataSetId, numbers)
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

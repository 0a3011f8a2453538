/** A picture by its hash alone, as pages ask for it: its file in the project, a row of a binary file, or a file that stayed outside. */
import type { ContentHash, Id } from '../../domain/records.ts'
import type { ProjectFile } from '../sqlite/projectFile.ts'

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

interface OutsideRow {
  dataSetId: Id
  name: string
  isCondition: 0 | 1
}

/** @returns undefined where no picture of the project has this hash; tensors and strokes are none */
export function findPicture(
  { db, read }: Pick<ProjectFile, 'db' | 'read'>,
  hash: ContentHash,
): FoundPicture | undefined {
  return read(() => {
    const kind = db.prepare<[string], string>('SELECT kind FROM content WHERE hash = ?').pluck().get(hash)
    if (kind === 'picture') return { kind: 'file' }
    if (kind === 'pixels') {
      const row = db
        .prepare<[string], { width: number; height: number }>(
          'SELECT width, height FROM picture WHERE content = ? LIMIT 1',
        )
        .get(hash)
      return row && { kind, ...row }
    }
    if (kind !== undefined) return undefined
    const row = db
      .prepare<[{ hash: string }], OutsideRow>(
        `SELECT data_set_id AS dataSetId, name, outside_content IS NOT @hash AS isCondition FROM picture
         WHERE outside_content = @hash OR outside_condition = @hash LIMIT 1`,
      )
      .get({ hash })
    if (row === undefined) return undefined
    const { dataSetId, name, isCondition } = row
    return { kind: 'outside', dataSetId, name, side: isCondition === 1 ? 'condition' : 'observed' }
  })
}

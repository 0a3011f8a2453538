/** Data sets and pictures that are put right after their import. Rows are replaced as a whole, so that what belongs together changes together. */
import type { DataSetRecord, Id, PictureRecord } from '../../domain/records.ts'
import type { ProjectFile } from '../sqlite/projectFile.ts'
import { notFound } from './notFound.ts'

export function openDataSetChanges(file: ProjectFile) {
  const { db } = file
  const updateDataSet = db.prepare(
    `UPDATE data_set SET description = @description, labels = @labels, channels = @channels,
       condition_channels = @conditionChannels, condition_side = @conditionSide,
       natural_width = @width, natural_height = @height WHERE id = @id`,
  )
  const keeping = db.prepare<[Id], DataSetRecord['keeping']>('SELECT keeping FROM data_set WHERE id = ?').pluck()
  const updatePicture = (is: { content: string; condition: string }) =>
    db.prepare(
      `UPDATE picture SET name = @name, ${is.content} = @content, ${is.condition} = @condition, split = @split,
         label = @label, width = @width, height = @height, skipped = @skipped, problem = @problem,
         problem_message = @message WHERE data_set_id = @dataSetId AND number = @number`,
    )
  const updateInside = updatePicture({ content: 'content', condition: 'condition' })
  const updateReferenced = updatePicture({ content: 'outside_content', condition: 'outside_condition' })

  return {
    /** Everything but its name, its bin and its pictures. */
    updateDataSet({ id, description, labels, naturalSize, ...record }: DataSetRecord): void {
      const { channels, conditionChannels, conditionSide } = record
      const row = { id, description, labels: JSON.stringify(labels), channels, conditionChannels, conditionSide }
      if (file.write(() => updateDataSet.run({ ...row, ...naturalSize })).changes === 0) throw notFound('data set')
    },

    /** All or none. */
    updatePictures(dataSetId: Id, pictures: readonly PictureRecord[]): void {
      file.write(() => {
        const update = keeping.get(dataSetId) === 'referenced' ? updateReferenced : updateInside
        for (const { skipped, problem, ...same } of pictures) {
          const told = { problem: problem?.kind ?? null, message: problem?.message ?? null }
          if (update.run({ dataSetId, skipped: Number(skipped), ...told, ...same }).changes === 0)
            throw notFound('picture')
        }
      })
    },
  }
}

/** An open project as a file to give away, without what the other need not have. */
import { removeUnused, withoutOptimizer, withoutPersonal, withoutPictures } from '../../storage/project/strip.ts'
import { exportProjectFile } from '../../storage/sqlite/exportFile.ts'
import type { ProjectFile } from '../../storage/sqlite/projectFile.ts'

/** What goes with it. */
export interface ExportOrder {
  readonly optimizer: boolean
  readonly pictures: boolean
  readonly personal: boolean
}

/** Seconds per gigabyte. @throws AppError storage-failed */
export function exportProject(file: ProjectFile, to: string, { optimizer, pictures, personal }: ExportOrder): void {
  const strip = [
    ...(optimizer ? [] : [withoutOptimizer]),
    ...(pictures ? [] : [withoutPictures]),
    ...(personal ? [] : [withoutPersonal]),
    removeUnused,
  ]
  exportProjectFile(file, to, { strip })
}

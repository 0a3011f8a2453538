/** Pictures go to disk the way models do: whole or not at all. */
import { encodePng } from '../data/pictureFile.ts'
import type { Picture } from '../domain/picture.ts'
import { writeFileAtomically } from '../storage/atomicFile.ts'

/** @throws AppError storage-failed for a full disk, a read-only or vanished folder; an earlier file is then unchanged */
export async function writePng(file: string, picture: Picture, metadata?: Record<string, string>): Promise<void> {
  await writeFileAtomically(file, [await encodePng(picture, metadata)])
}

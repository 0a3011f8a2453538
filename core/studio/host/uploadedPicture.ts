/** One picture file that was uploaded: looked at by its header and decoded once, so that only a sound picture gets into a project. */
import { decodePicture, inspectFile } from '../../data/pictureFile.ts'
import { AppError } from '../../domain/errors.ts'
import type { Id } from '../../domain/records.ts'
import { findOnlyFile, type Uploads } from '../dataSets/uploads.ts'

/** @returns the file as it came @throws AppError bad-input, not-found */
export async function readUploadedPicture(uploads: Uploads, uploadId: Id): Promise<Uint8Array> {
  const { inspection, bytes } = await inspectFile(await findOnlyFile(uploads.get(uploadId)))
  if (inspection.kind !== 'picture')
    throw new AppError('bad-input', `The picture cannot be used: ${inspection.message}.`)
  await decodePicture(bytes, { channels: inspection.channels }).catch((cause: unknown) => {
    throw new AppError('bad-input', 'The picture cannot be used: its pixels are damaged or cut off.', { cause })
  })
  return bytes
}

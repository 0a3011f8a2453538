/** Where a result goes, looked at before the work: an hour of measuring must not end at a folder that is not there. */
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { AppError } from '../domain/errors.ts'

/** @throws AppError storage-failed when the folder of `file` is not there or may not be written to */
export async function assertPlaceFor(file: string): Promise<void> {
  const folder = dirname(file)
  const refuse = (reason: string) =>
    new AppError('storage-failed', `${basename(file)} cannot be written: ${reason}.`, {
      hint: 'Make the folder, or choose another place.',
    })
  const found = await stat(folder).catch(() => undefined)
  if (!found?.isDirectory()) throw refuse(`there is no folder ${folder}`)
  await access(folder, constants.W_OK).catch(() => {
    throw refuse(`the folder ${folder} may not be written to`)
  })
}

/** @throws AppError misuse when there is a file already: days of work must not vanish behind a mistyped name */
export async function assertFree(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined)
  // A folder of that name is refused by the write itself, like any other place that cannot be written.
  if (!found?.isFile()) return
  throw new AppError('misuse', `There is already a file ${file}. It is unchanged.`, {
    hint: 'Choose another --out, go on with "tandem resume", or add --overwrite to replace it.',
  })
}

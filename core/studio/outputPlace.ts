/**
 * Where a result goes, looked at before the work: an hour of measuring must not end at a folder that is not there, and days of training must
 * not vanish behind a mistyped name.
 */
import { constants } from 'node:fs'
import { access, open, realpath, stat } from 'node:fs/promises'
import { basename, dirname, sep } from 'node:path'
import { AppError } from '../domain/errors.ts'

/** How the files begin that each kind of result may replace: earlier results of the same kind. */
const BEGINNINGS = {
  picture: { bytes: Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), name: 'a PNG picture' },
  report: { bytes: Buffer.from('{\n "version": '), name: 'a report of "tandem evaluate"' },
} as const

/**
 * A place for a sheet, a picture or a report: in a folder that takes it, where at most an earlier one of its kind is replaced.
 * @param inputs files and folders that the command reads @throws AppError storage-failed or misuse
 */
export async function assertPlaceFor(
  file: string,
  kind: keyof typeof BEGINNINGS,
  inputs: readonly string[],
): Promise<void> {
  await assertFolderOf(file)
  await assertNoInput(file, inputs)
  const { bytes, name } = BEGINNINGS[kind]
  if (await mayReplace(file, bytes)) return
  throw new AppError('misuse', `There is already a file ${file}, and it is not ${name}. It is unchanged.`, {
    hint: 'Choose another name for the result.',
  })
}

/** A place for a model. @param overwrite replace what is there, unless it is an input @throws AppError misuse */
export async function assertFree(
  file: string,
  options: { readonly overwrite?: boolean; readonly inputs?: readonly string[] } = {},
): Promise<void> {
  await assertNoInput(file, options.inputs ?? [])
  if (options.overwrite) return
  const found = await stat(file).catch(() => undefined)
  // A folder of that name is refused by the write itself, like any other place that cannot be written.
  if (!found?.isFile()) return
  throw new AppError('misuse', `There is already a file ${file}. It is unchanged.`, {
    hint: 'Choose another name, or add --overwrite to replace it ("tandem resume" goes on with a training).',
  })
}

/** Whether two names mean one file that is there, through links and other spellings too. */
export async function isSameFile(first: string, second: string): Promise<boolean> {
  const [one, other] = await Promise.all(
    [first, second].map((file) => stat(file, { bigint: true }).catch(() => undefined)),
  )
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev
}

async function assertFolderOf(file: string): Promise<void> {
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

async function assertNoInput(file: string, inputs: readonly string[]): Promise<void> {
  const target = await realpath(file).catch(() => undefined)
  if (target === undefined) return
  for (const input of inputs) {
    const source = await realpath(input).catch(() => undefined)
    if (source === undefined) continue
    if (target.startsWith(source + sep) || (await isSameFile(target, source)))
      throw new AppError('misuse', `${file} is what the command reads. It is unchanged.`, {
        hint: 'Choose another name for the result.',
      })
  }
}

/** True where nothing is there, nothing is in it, or it begins as it should. Folders are left to the write. */
async function mayReplace(file: string, beginning: Buffer): Promise<boolean> {
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile() || found.size === 0) return true
  try {
    await using handle = await open(file)
    const { buffer } = await handle.read(Buffer.alloc(beginning.length), 0, beginning.length, 0)
    return buffer.equals(beginning)
  } catch {
    return false
  }
}

/** A drawing on disk: one contact sheet, and where asked every refined picture with what reproduces it. */
import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { composeDrawing } from '../compute/drawingSheet.ts'
import { AppError } from '../domain/errors.ts'
import { pictureAt } from '../domain/picture.ts'
import type { Drawn } from './drawing.ts'
import { assertPlaceFor } from './outputPlace.ts'
import { writePng } from './writePng.ts'

export interface SaveOptions {
  readonly sheet: string
  /** Folder for single pictures. */
  readonly pictures?: string
  readonly model: string
  /** Files that it was drawn from; none of them is replaced. */
  readonly inputs: readonly string[]
  readonly columns: number
  readonly conditionName?: string
}

/** @returns the files written @throws AppError misuse where one would replace an input or something other than a picture */
export async function saveDrawing(drawn: Drawn, options: SaveOptions): Promise<string[]> {
  const { sheet, pictures: folder, inputs } = options
  await assertPlaceFor(sheet, 'picture', inputs)
  await writePng(sheet, composeDrawing({ ...drawn, conditionName: options.conditionName }, options.columns))
  if (folder === undefined) return [sheet]
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new AppError('storage-failed', `The folder ${folder} cannot be made.`, {
      hint: 'The sheet is saved. Choose another folder.',
      cause,
    })
  })
  const files = drawn.seeds.map((seed, index) => join(folder, `${String(index).padStart(4, '0')}-seed-${seed}.png`))
  for (const file of files) await assertPlaceFor(file, 'picture', inputs)
  for (const [index, file] of files.entries())
    await writePng(file, pictureAt(drawn.refined, index), {
      'tandem:model': basename(options.model),
      'tandem:source': drawn.sources[index],
      'tandem:seed': String(drawn.seeds[index]),
      'tandem:steps': String(drawn.steps),
      ...(drawn.noise ? { 'tandem:noise': 'on' } : {}),
      ...(drawn.guidance === undefined ? {} : { 'tandem:guidance': String(drawn.guidance) }),
      'tandem:engine': drawn.engine,
      'tandem:gain': String(drawn.gain[index]),
    })
  return [sheet, ...files]
}

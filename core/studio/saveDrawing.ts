/** A drawing on disk: one contact sheet, and where asked every refined picture with what reproduces it. */
import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { composeDrawing } from '../compute/drawingSheet.ts'
import { writePng } from '../data/pictureFile.ts'
import { AppError } from '../domain/errors.ts'
import { pictureAt } from '../domain/picture.ts'
import type { Drawn } from './drawing.ts'

export interface SaveOptions {
  readonly sheet: string
  /** Folder for single pictures. */
  readonly pictures?: string
  readonly model: string
  readonly columns: number
  readonly conditionName?: string
}

/** @returns the files written */
export async function saveDrawing(drawn: Drawn, options: SaveOptions): Promise<string[]> {
  await writePng(options.sheet, composeDrawing({ ...drawn, conditionName: options.conditionName }, options.columns))
  const files = [options.sheet]
  const folder = options.pictures
  if (folder === undefined) return files
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new AppError('storage-failed', `The folder ${folder} cannot be made.`, {
      hint: 'The sheet is saved. Choose another folder.',
      cause,
    })
  })
  for (const [index, seed] of drawn.seeds.entries()) {
    const file = join(folder, `${String(index).padStart(4, '0')}-seed-${seed}.png`)
    await writePng(file, pictureAt(drawn.refined, index), {
      'tandem:model': basename(options.model),
      'tandem:source': drawn.sources[index],
      'tandem:seed': String(seed),
      'tandem:steps': String(drawn.steps),
      ...(drawn.noise ? { 'tandem:noise': 'on' } : {}),
      ...(drawn.guidance === undefined ? {} : { 'tandem:guidance': String(drawn.guidance) }),
      'tandem:engine': drawn.engine,
      'tandem:gain': String(drawn.gain[index]),
    })
    files.push(file)
  }
  return files
}

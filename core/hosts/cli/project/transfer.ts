/** What comes into a project from the command line, and what goes out: pictures and models. */
import { basename, extname } from 'node:path'
import { counted } from '../../../domain/counted.ts'
import { AppError, CancelledError } from '../../../domain/errors.ts'
import { assertFree } from '../../../studio/outputPlace.ts'
import { describeFound } from '../foundPictures.ts'
import type { SharedOptions } from '../options.ts'
import { formatBytes, type Terminal } from '../terminal.ts'
import { finishJob } from './jobs.ts'
import { assertFreeName, findRun } from './names.ts'
import { saveFile } from './saveFile.ts'
import { withProject, withView } from './session.ts'

/** Problems that are told by name; how many there are is told in any case. */
const MOST_PROBLEMS = 500

export interface ImportOptions extends SharedOptions {
  readonly project: string
  readonly name?: string
}

export interface PictureOptions extends ImportOptions {
  readonly condition?: 'left' | 'right'
  /** Leave the pictures where they are. */
  readonly referenced?: boolean
}

/** @param path of a folder, an archive, or a file of many pictures */
export async function importPictures(
  path: string,
  options: PictureOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const { project, name = stemOf(path), condition, referenced } = options
  await withProject(project, { terminal }, async (studio) => {
    assertFreeName(await studio.ask('data:list', {}), name, 'data set')
    terminal.progress(`Looking through ${path}`)
    const uploadId = await studio.takeLocalFiles(path, 'data')
    if (signal.aborted) throw new CancelledError()
    const job = await studio.ask('data:import', {
      ...{ uploadId, name, conditionSide: condition },
      keeping: referenced ? 'referenced' : 'inside',
    })
    const { dataSetId } = await finishJob(studio, job, 'imported', {
      signal,
      progressed: ({ done, total }) => terminal.progress(`Importing ${path}: ${done} of ${counted(total, 'picture')}`),
    })
    const dataSet = await studio.ask('data:get', { dataSetId })
    const found = await studio.ask('data:pictures', { dataSetId, only: 'problems', limit: MOST_PROBLEMS })
    const problems = found.pictures.flatMap(({ name: file, problem }) => (problem ? [{ file, ...problem }] : []))
    const { description, labels, sizeBytes } = dataSet
    const where = dataSet.keeping === 'inside' ? formatBytes(sizeBytes) : 'the pictures stay where they are'
    terminal.result(
      [
        ...describeFound({ description, labels, problems, problemCount: found.total }),
        `Imported into ${project} as “${dataSet.name}” (${where}).`,
      ].join('\n'),
      { project, dataSet, problems, problemCount: found.total },
    )
  })
}

/** A model from elsewhere as a run. */
export async function importRun(file: string, options: ImportOptions, terminal: Terminal): Promise<void> {
  const { project, name = stemOf(file) } = options
  await withProject(project, { terminal }, async (studio) => {
    assertFreeName(await studio.ask('runs:list', {}), name, 'run')
    const uploadId = await studio.takeLocalFiles(file, 'model')
    const run = await studio.ask('model:import', { uploadId, name })
    const { recipe, step, id: runId } = run
    terminal.result(
      `Imported into ${project} as “${run.name}”: ${recipe.name} recipe, ${recipe.task}, ${recipe.size}x${recipe.size}, ${counted(step, 'step')}.`,
      { project, run: run.name, runId, recipe, step },
    )
  })
}

/** The best weights of a run, or its newest, as a model file. @param name of the run */
export async function exportRun(
  name: string,
  file: string,
  { project, overwrite }: { readonly project: string; readonly overwrite?: boolean },
  terminal: Terminal,
): Promise<void> {
  await assertFree(file, { overwrite, inputs: [project] })
  await withView(project, { terminal }, async (studio) => {
    const run = await findRun(studio, name)
    const checkpoints = await studio.ask('run:checkpoints', { runId: run.id })
    const chosen = checkpoints.find(({ best }) => best) ?? checkpoints.at(0)
    if (chosen === undefined)
      throw new AppError('not-found', `The run “${run.name}” has no checkpoint yet.`, { hint: 'Train it first.' })
    const { downloadId } = await studio.ask('model:export', { checkpointId: chosen.id })
    await saveFile(studio.findDownload(downloadId), file)
    terminal.result(`Exported “${run.name}”, step ${chosen.step}, to ${file}.`, {
      ...{ file, project, run: run.name, step: chosen.step },
    })
  })
}

function stemOf(path: string): string {
  const name = basename(path)
  return name.slice(0, name.length - extname(name).length).slice(0, 120)
}

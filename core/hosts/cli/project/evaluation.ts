/** `tandem evaluate` in a project: figures of a run on held-out pictures of its data set, or of another one. */
import { Readable } from 'node:stream'
import { counted } from '../../../domain/counted.ts'
import type { EvaluationFigures } from '../../../domain/records.ts'
import { assertPlaceFor } from '../../../studio/outputPlace.ts'
import type { SharedOptions } from '../options.ts'
import { formatTable, type Terminal } from '../terminal.ts'
import { computingWith } from './computing.ts'
import { finishJob } from './jobs.ts'
import { findDataSet, findRun } from './names.ts'
import { saveFile } from './saveFile.ts'
import { withProject } from './session.ts'

export interface EvaluationPlace extends SharedOptions {
  readonly project: string
  /** A data set. */
  readonly data?: string
  readonly out: string
}

/** @param name of a run */
export async function evaluateRun(
  name: string,
  options: EvaluationPlace,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const { project, out } = options
  const [report, sheet] = [`${out}.json`, `${out}.png`]
  await assertPlaceFor(sheet, 'picture', [project])
  await assertPlaceFor(report, 'report', [project])
  await withProject(project, { terminal, spawn: computingWith(options) }, async (studio) => {
    const run = await findRun(studio, name)
    const data = options.data === undefined ? undefined : await findDataSet(studio, options.data)
    const source = { kind: 'run', runId: run.id }
    const job = await studio.ask('evaluation:start', { source, dataSetId: data?.id })
    const outcome = await finishJob(studio, job, 'evaluated', {
      signal,
      progressed: ({ note, done, total }) =>
        terminal.progress(`${note ?? 'Measuring'}: ${total > 0 ? ((100 * done) / total).toFixed(0) : 0} %`),
    })
    const told = { version: 1, project, run: run.name, step: run.step, ...outcome.report }
    await saveFile(studio.findContent(outcome.sheet), sheet)
    await saveFile({ open: () => Readable.from([`${JSON.stringify(told, undefined, 1)}\n`]) }, report)
    terminal.result(`${formatFigures(run.name, outcome.report)}\nWritten: ${report}, ${sheet}`, told)
  })
}

/** A table with a line for each figure, then what the numbers rest on. */
function formatFigures(run: string, { task, pictures, features, figures }: EvaluationFigures): string {
  const rows = figures.map(({ name, initial, refined, floor, better }) => [
    name,
    ...[initial, refined, floor].map((value) => (value === null ? '-' : Number(value.toPrecision(4)).toString())),
    `${better} is better`,
  ])
  return [
    `Evaluation of “${run}” (${task}) on ${counted(pictures, 'held-out picture')}:`,
    '',
    formatTable([['', 'initial', 'refined', 'floor', ''], ...rows]),
    '',
    features,
  ].join('\n')
}

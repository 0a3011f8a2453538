/** What is in a project, as data and as text. */
import { counted } from '../../../domain/counted.ts'
import type {
  CheckpointRecord,
  DataSetRecord,
  DocumentRecord,
  RunRecord,
  SpaceReport,
} from '../../../domain/records.ts'
import type { Studio } from '../../../studio/host/studio.ts'
import { formatBytes, formatDuration, formatTable } from '../terminal.ts'

export interface ProjectInfo {
  readonly file: string
  readonly name: string
  readonly createdAt: string
  readonly sizeBytes: number
  readonly dataSets: readonly DataSetRecord[]
  readonly runs: readonly (RunRecord & {
    readonly checkpoints: readonly CheckpointRecord[]
    /** By the program that has the project open. */
    readonly training: boolean
  })[]
  readonly results: number
  readonly documents: readonly DocumentRecord[]
  readonly space: SpaceReport
}

/** Of the open project. */
export async function collectInfo(studio: Studio, file: string): Promise<ProjectInfo> {
  const { project } = await studio.ask('studio:state', {})
  if (project === null) throw new Error('no project is open')
  const { name, createdAt, sizeBytes } = project
  const jobs = await studio.ask('jobs:list', {})
  const isTraining = (runId: string) =>
    jobs.some((job) => job.kind === 'train' && job.runId === runId && job.state.kind === 'running')
  const runs = await Promise.all(
    (await studio.ask('runs:list', {})).map(async (run) => ({
      ...run,
      checkpoints: await studio.ask('run:checkpoints', { runId: run.id }),
      training: isTraining(run.id),
    })),
  )
  return {
    ...{ file, name, createdAt, sizeBytes, runs },
    dataSets: await studio.ask('data:list', {}),
    results: (await studio.ask('results:list', { limit: 1 })).total,
    documents: await studio.ask('documents:list', {}),
    space: await studio.ask('project:space', {}),
  }
}

export function formatInfo(info: ProjectInfo): string {
  const { file, name, createdAt, sizeBytes, dataSets, runs, results, documents, space } = info
  const sections = [
    section('Data sets', dataSets.map(dataSetRow)),
    section('Runs', runs.map(runRow)),
    section(
      'Documents',
      documents.map(({ name: title, kind, width, height }) => [title, kind, `${width}x${height}`]),
    ),
  ]
  const used = Object.entries(space).filter(([, bytes]) => bytes > 0)
  return [
    `${file}: “${name}”, ${formatBytes(sizeBytes)}, made ${createdAt.slice(0, 10)}.`,
    ...sections,
    `Results: ${results}.`,
    `Space: ${used.map(([what, bytes]) => `${what} ${formatBytes(bytes)}`).join(', ') || 'nothing yet'}.`,
  ].join('\n')
}

function section(title: string, rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return `${title}: none.`
  return `${title}:\n${formatTable(rows, { indent: 2 })}`
}

function dataSetRow({ name, kind, labels, count, keeping, sizeBytes }: DataSetRecord): string[] {
  return [
    name,
    kind === 'class' ? `${labels.length} classes` : `${kind}s`,
    `${count.train} to train with, ${count.heldOut} held out${count.problems > 0 ? `, ${counted(count.problems, 'problem')}` : ''}`,
    keeping === 'inside' ? formatBytes(sizeBytes) : 'outside the project',
  ]
}

function runRow({ name, recipe, step, progress, elapsedMs, checkpoints, training }: ProjectInfo['runs'][number]) {
  const best = checkpoints.find((checkpoint) => checkpoint.best)
  // The list is newest first; what was learnt after it is in the chart alone.
  const newest = checkpoints.find(({ content }) => content === 'training')
  return [
    name,
    `${recipe.task} ${recipe.size}x${recipe.size}`,
    `${counted(step, 'step')} in ${formatDuration(elapsedMs)} (${(100 * progress).toFixed(0)} %)`,
    `${counted(checkpoints.length, 'checkpoint')}${best ? `, best at step ${best.step}` : ''}`,
    training ? 'in training' : newest && newest.step < step ? `goes on from step ${newest.step}` : '',
  ]
}

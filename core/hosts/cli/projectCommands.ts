/** `tandem project`: project files as a whole. */
import type { Command } from 'commander'
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { AppError } from '../../domain/errors.ts'
import { workOnFile } from '../../studio/host/fileWork.ts'
import { EXTENSION, projectName } from '../../studio/host/projectShelf.ts'
import { assertFree } from '../../studio/outputPlace.ts'
import { collectInfo, formatInfo } from './project/info.ts'
import { saveFile } from './project/saveFile.ts'
import { withProject, withStudio, withView } from './project/session.ts'
import { createTerminal, formatBytes, formatTable, quoted } from './terminal.ts'

interface Options {
  readonly json?: boolean
}

interface ExportOptions extends Options {
  readonly optimizer: boolean
  readonly pictures: boolean
  readonly personal?: boolean
}

export function addProjectCommands(program: Command): void {
  const project = program
    .command('project')
    .description('Project files: one .tandem file holds data sets, runs, sketches and results.')

  add(project, 'create', 'Make an empty project.').action(create)
  add(
    project,
    'info',
    'Say what is in a project: data sets, runs, documents, results, and what takes the space.',
  ).action(info)
  add(project, 'export', 'Write a copy that travels: one file, without names of folders and of this machine.')
    .argument('<copy>', 'the file to write')
    .option('--no-optimizer', 'leave out what only resuming a training needs')
    .option('--no-pictures', 'leave out the pictures of data sets')
    .option('--personal', 'keep names of folders and of this machine')
    .action(exportCopy)
  add(
    project,
    'salvage',
    'Save every readable row of a damaged project into a new one; the damaged file stays as it is.',
  )
    .argument('[copy]', 'the file to write; beside the damaged one when absent')
    .action(salvage)
  add(project, 'tidy', 'Give unused space back to the disk.').action(tidy)
}

function add(project: Command, name: string, about: string): Command {
  return project
    .command(name)
    .argument('<file>', 'a .tandem file')
    .description(about)
    .option('--json', 'one JSON value instead of text')
}

function terminalFor({ json }: Options) {
  return createTerminal({ json: json === true })
}

async function create(file: string, options: Options): Promise<void> {
  const terminal = terminalFor(options)
  await withStudio({ terminal }, async (studio) => {
    const { id, name } = await studio.createProjectAt(file)
    const made = withExtension(file)
    terminal.result(`Made ${made}. Next: npx tandem data <folder> --project ${quoted(made)}`, { file: made, id, name })
  })
}

async function info(file: string, options: Options): Promise<void> {
  const terminal = terminalFor(options)
  await withView(file, { terminal }, async (studio) => {
    const found = await collectInfo(studio, file)
    terminal.result(formatInfo(found), found)
  })
}

async function exportCopy(file: string, copy: string, { optimizer, pictures, personal, ...options }: ExportOptions) {
  const terminal = terminalFor(options)
  const to = withExtension(copy)
  await assertFree(to, { inputs: [file] })
  // SQLite would play a log that belongs to another file into the new one.
  if (existsSync(`${to}-wal`))
    throw new AppError('misuse', `There are changes to an earlier ${basename(to)} beside it; nothing was written.`, {
      hint: 'Choose another name for the copy.',
    })
  await withView(file, { terminal }, async (studio) => {
    const order = { optimizer, pictures, personal: personal === true }
    const { downloadId, sizeBytes } = await studio.ask('project:export', order)
    await saveFile(studio.findDownload(downloadId), to)
    terminal.result(`Exported to ${to} (${formatBytes(sizeBytes)}).`, { file: to, sizeBytes })
  })
}

async function salvage(file: string, copy: string | undefined, options: Options): Promise<void> {
  const terminal = terminalFor(options)
  const to = withExtension(copy ?? join(dirname(file), `${projectName(file)} (saved)`))
  const tables = await workOnFile({ kind: 'salvage', from: file, to })
  // Opened once, so that it is known to be sound, and the studio has it in its list.
  await withProject(to, { terminal }, async (studio) => {
    const { project } = await studio.ask('studio:state', {})
    const shown = tables.filter(({ rows, lost }) => rows > 0 || lost !== 0)
    const words = (lost: number | null) => (lost === null ? 'some lost' : lost > 0 ? `${lost} lost` : '')
    const table = formatTable(
      shown.map(({ table, rows, lost }) => [table, `${rows} saved`, words(lost)]),
      {
        indent: 2,
      },
    )
    terminal.result(`Saved into ${to} as “${project?.name}”:\n${table}`, { file: to, tables })
  })
}

async function tidy(file: string, options: Options): Promise<void> {
  const terminal = terminalFor(options)
  await withProject(file, { terminal }, async (studio) => {
    const { freedBytes } = await studio.ask('project:tidy', {})
    terminal.result(`${formatBytes(freedBytes)} given back to the disk.`, { file, freedBytes })
  })
}

function withExtension(file: string): string {
  return file.toLowerCase().endsWith(EXTENSION) ? file : file + EXTENSION
}

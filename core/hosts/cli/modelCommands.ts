/** `tandem export` and `tandem import`: models as files that travel. */
import type { Command } from 'commander'
import { counted } from '../../domain/counted.ts'
import { exportModel, importModel } from '../../studio/models.ts'
import { assertForProject, isForProject, type SharedOptions, withProjectFile } from './options.ts'
import { exportRun, importRun } from './project/transfer.ts'
import { createTerminal } from './terminal.ts'

interface TransferOptions extends SharedOptions {
  readonly overwrite?: boolean
}

export function addModelCommands(program: Command): void {
  const exporting = program
    .command('export')
    .argument('<model>', 'a model that train wrote')
    .argument('<file>', 'safetensors file to write')
    .description('Write the weights alone, to sample with elsewhere: no optimizer, no folder names, no chart.')
    .option('--overwrite', 'replace a file that is already there')
  withProjectFile(exporting, 'a .tandem file: <model> is the name of one of its runs')
    .option('--json', 'one JSON value instead of text')
    .action(async (model: string, file: string, options: TransferOptions) => {
      const terminal = createTerminal({ json: options.json === true })
      if (isForProject(options)) return exportRun(model, file, options, terminal)
      await exportModel({ from: model, to: file, overwrite: options.overwrite })
      terminal.result(`Exported to ${file}.`, { file })
    })

  const importing = program
    .command('import')
    .argument('<file>', 'a model from elsewhere')
    .argument('[model]', 'where it goes; not with --project')
    .description('Check a model from elsewhere from end to end (every shape, every number) and take it in.')
    .option('--overwrite', 'replace a file that is already there')
  withProjectFile(importing, 'a .tandem file to import it into, as a run', ['overwrite'])
    .option('--name <name>', 'what the run is called in the project; like the file when absent')
    .option('--json', 'one JSON value instead of text')
    .action(async (file: string, model: string | undefined, options: TransferOptions & { readonly name?: string }) => {
      const terminal = createTerminal({ json: options.json === true })
      if (isForProject(options)) {
        if (model !== undefined) return importing.error('error: too many arguments: in a project it gets a --name')
        return importRun(file, options, terminal)
      }
      assertForProject(options, ['name'])
      if (model === undefined) return importing.error("error: missing required argument 'model'")
      const transfer = { from: file, to: model, overwrite: options.overwrite }
      const { recipe, content, position } = await importModel(transfer)
      const what = content === 'training' ? 'with its training state' : 'weights alone'
      terminal.result(
        `Imported as ${model}: ${recipe.name} recipe, ${recipe.task}, ${recipe.size}x${recipe.size}, ${counted(position.step, 'step')}, ${what}.`,
        { file: model, recipe, content, step: position.step },
      )
    })
}

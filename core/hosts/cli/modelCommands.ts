/** `tandem export` and `tandem import`: models as files that travel. */
import type { Command } from 'commander'
import { counted } from '../../domain/counted.ts'
import { exportModel, importModel } from '../../studio/models.ts'
import { createTerminal } from './terminal.ts'

interface TransferOptions {
  readonly overwrite?: boolean
  readonly json?: boolean
}

export function addModelCommands(program: Command): void {
  program
    .command('export')
    .argument('<model>', 'a model that train wrote')
    .argument('<file>', 'safetensors file to write')
    .description('Write the weights alone, to sample with elsewhere: no optimizer, no folder names, no chart.')
    .option('--overwrite', 'replace a file that is already there')
    .option('--json', 'one JSON value instead of text')
    .action(async (model: string, file: string, options: TransferOptions) => {
      await exportModel({ from: model, to: file, overwrite: options.overwrite })
      createTerminal({ json: options.json === true }).result(`Exported to ${file}.`, { file })
    })

  program
    .command('import')
    .argument('<file>', 'a model from elsewhere')
    .argument('<model>', 'where it goes')
    .description('Check a model from elsewhere from end to end (every shape, every number) and take it in.')
    .option('--overwrite', 'replace a file that is already there')
    .option('--json', 'one JSON value instead of text')
    .action(async (file: string, model: string, options: TransferOptions) => {
      const transfer = { from: file, to: model, overwrite: options.overwrite }
      const { recipe, content, position } = await importModel(transfer)
      const what = content === 'training' ? 'with its training state' : 'weights alone'
      createTerminal({ json: options.json === true }).result(
        `Imported as ${model}: ${recipe.name} recipe, ${recipe.task}, ${recipe.size}x${recipe.size}, ${counted(position.step, 'step')}, ${what}.`,
        { file: model, recipe, content, step: position.step },
      )
    })
}

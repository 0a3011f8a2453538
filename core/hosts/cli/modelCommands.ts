/** `tandem export` and `tandem import`: models as files that travel. */
import type { Command } from 'commander'
import { exportWeights, importModel, loadModel } from '../../studio/models.ts'
import { createTerminal } from './terminal.ts'

export function addModelCommands(program: Command): void {
  program
    .command('export')
    .argument('<model>', 'a model that train wrote')
    .argument('<file>', 'safetensors file to write')
    .description('Write the weights alone, to sample with elsewhere: no optimizer, no folder names, no chart.')
    .option('--json', 'one JSON value instead of text')
    .action(async (model: string, file: string, options: { json?: boolean }) => {
      await exportWeights(await loadModel(model), file)
      createTerminal({ json: options.json === true }).result(`Exported to ${file}.`, { file })
    })

  program
    .command('import')
    .argument('<file>', 'a model from elsewhere')
    .argument('<model>', 'where it goes')
    .description('Check a model from elsewhere from end to end (every shape, every number) and take it in.')
    .option('--json', 'one JSON value instead of text')
    .action(async (file: string, model: string, options: { json?: boolean }) => {
      const { recipe, content, position } = await importModel(file, model)
      const what = content === 'training' ? 'with its training state' : 'weights alone'
      createTerminal({ json: options.json === true }).result(
        `Imported as ${model}: ${recipe.name} recipe, ${recipe.task}, ${recipe.size}x${recipe.size}, ${position.step} steps, ${what}.`,
        { file: model, recipe, content, step: position.step },
      )
    })
}

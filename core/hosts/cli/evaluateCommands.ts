/** `tandem evaluate` and `tandem bench`: numbers. */
import type { Command } from 'commander'
import { evaluate, formatEvaluation } from '../../studio/evaluate.ts'
import { type SharedOptions, wholeNumber, withEngine } from './options.ts'
import { createTerminal, stopOnInterrupt } from './terminal.ts'

interface EvaluateOptions extends SharedOptions {
  readonly data?: string
  readonly out: string
  readonly samples?: number
  readonly twice?: boolean
  readonly parzen?: boolean
}

export function addEvaluateCommands(program: Command): void {
  const command = program
    .command('evaluate')
    .argument('<model>', 'a model')
    .description(
      'Measure a model on held-out pictures, beside what real pictures score; writes a report (JSON) and a sheet (PNG).',
    )
    .option('--data <folder>', 'the pictures; where the model was trained when absent')
    .option('--out <name>', 'writes NAME.json and NAME.png', 'evaluation')
    .option('--samples <n>', 'pictures to draw', wholeNumber(20, 50_000))
    .option('--twice', 'measure also after twice the Langevin steps')
    .option('--parzen', 'also the Parzen log-likelihood (class models; slow)')
  withEngine(command)
    .option('--json', 'one JSON value instead of text')
    .action(async (model: string, options: EvaluateOptions) => {
      const terminal = createTerminal({ json: options.json === true })
      const names = { classifier: 'Training the measuring classifier', measuring: 'Measuring' }
      const order = { ...options, model, folder: options.data }
      const report = await evaluate(
        order,
        (stage, share) => terminal.progress(`${names[stage]}: ${(100 * share).toFixed(0)} %`),
        stopOnInterrupt(),
      )
      terminal.result(`${formatEvaluation(report)}\nWritten: ${options.out}.json, ${options.out}.png`, report)
    })
}

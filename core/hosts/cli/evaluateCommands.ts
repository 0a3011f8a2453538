/** `tandem evaluate` and `tandem bench`: numbers. */
import { type Command, Option } from 'commander'
import type { EngineKind } from '../../studio/orders.ts'
import { formatBench, formatHostBench, hostBenchSizes, runBench, runHostBench, workNames } from '../../studio/bench.ts'
import { evaluate, formatEvaluation } from '../../studio/evaluate.ts'
import { forkCompute } from '../forkCompute.ts'
import {
  commaSeparated,
  isForProject,
  type SharedOptions,
  wholeNumber,
  withEngine,
  withProjectFile,
} from './options.ts'
import { evaluateRun } from './project/evaluation.ts'
import { createTerminal, stopOnInterrupt } from './terminal.ts'

interface EvaluateOptions extends SharedOptions {
  readonly data?: string
  readonly out: string
  readonly samples?: number
  readonly twice?: boolean
  readonly parzen?: boolean
}

interface BenchCommandOptions {
  readonly engines?: EngineKind[]
  readonly threads?: number[]
  readonly works?: string[]
  readonly torch?: boolean
  readonly quick?: boolean
  readonly host?: boolean
  readonly long?: boolean
  readonly json?: boolean
}

export function addEvaluateCommands(program: Command): void {
  const command = program
    .command('evaluate')
    .argument('<model>', 'a model')
    .description(
      'Measure a model on held-out pictures, beside what real pictures score; writes a report (JSON) and a sheet (PNG). ' +
        'Training never learns from these pictures, but chooses its best weights on up to 256 of them; the report says on how many.',
    )
    .option('--data <folder>', 'the pictures, or a data set of the project; what the model was trained on when absent')
    .option('--out <name>', 'writes NAME.json and NAME.png', 'evaluation')
    .option('--samples <n>', 'pictures to draw', wholeNumber(20, 50_000))
    .option('--twice', 'measure also after twice the Langevin steps')
    .option('--parzen', 'also the Parzen log-likelihood (class models; slow)')
  withProjectFile(withEngine(command), 'a .tandem file: <model> is the name of one of its runs', [
    'samples',
    'twice',
    'parzen',
  ])
    .option('--json', 'one JSON value instead of text')
    .action(async (model: string, options: EvaluateOptions) => {
      const terminal = createTerminal({ json: options.json === true })
      if (isForProject(options)) return evaluateRun(model, options, terminal, stopOnInterrupt())
      const names = { classifier: 'Training the measuring classifier', measuring: 'Measuring' }
      const order = { ...options, model, folder: options.data }
      const report = await evaluate(
        order,
        (stage, share) => terminal.progress(`${names[stage]}: ${(100 * share).toFixed(0)} %`),
        stopOnInterrupt(),
      )
      terminal.result(`${formatEvaluation(report)}\nWritten: ${options.out}.json, ${options.out}.png`, report)
    })

  program
    .command('bench')
    .description(
      'Time Langevin and cooperative steps on every engine here, as ratios against the stock backend and, with --torch, PyTorch.',
    )
    .option('--engines <names>', 'engines, separated by commas; all that are here when absent', commaSeparated)
    .option('--threads <counts>', 'thread counts, separated by commas', (text) =>
      commaSeparated(text).map(wholeNumber(1, 1024)),
    )
    .option('--works <names>', `works, separated by commas: ${workNames.join(', ')}`, commaSeparated)
    .option('--torch', 'also PyTorch, where Python has it')
    .option('--quick', 'fewer rounds, without the slowest work; the studio too, unless something is named')
    .option(
      '--host',
      'the studio instead: previews while it trains, strokes, gallery, import, on the first of the engines',
    )
    .addOption(new Option('--long', 'the studio, and checkpoints of 670 MB').implies({ host: true }))
    .option('--json', 'one JSON value instead of text')
    .action(async (options: BenchCommandOptions) => {
      const terminal = createTerminal({ json: options.json === true })
      const onLine = (line: string) => terminal.progress(line)
      const { engines: named, threads, works, torch, quick, long } = options
      const engines = options.host ? [] : await runBench({ ...options, onLine })
      const whole = quick && !named && !threads && !works && !torch
      const sizes = hostBenchSizes[long ? 'long' : quick ? 'quick' : 'full']
      const order = { fork: forkCompute, engine: named?.[0], threads: threads?.[0], sizes, onLine }
      const host = options.host || whole ? await runHostBench(order) : null
      const tables = [engines.length > 0 && formatBench(engines), host && formatHostBench(host)]
      terminal.result(tables.filter(Boolean).join('\n\n'), { engines, host })
    })
}

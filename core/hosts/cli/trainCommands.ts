/** `tandem train` and `tandem resume`. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { counted } from '../../domain/counted.ts'
import { assertNever } from '../../domain/errors.ts'
import { recipeOptions } from '../../domain/recipeOptions.ts'
import { RemainingTime } from '../../studio/remaining.ts'
import { resumeModel, type TrainingEnding, type TrainingNews, trainModel } from '../../studio/trainModel.ts'
import {
  collect,
  lengthOf,
  type LengthOptions,
  seedNumber,
  type SharedOptions,
  wholeNumber,
  withEngine,
  withLength,
} from './options.ts'
import { createTerminal, exitCodes, formatDuration, formatRange, stopOnInterrupt, type Terminal } from './terminal.ts'

interface TrainOptions extends SharedOptions, LengthOptions {
  readonly out: string
  readonly overwrite?: boolean
  readonly recipe: 'paper' | 'studio' | 'quick'
  readonly task?: 'class' | 'picture' | 'inpaint'
  readonly size?: number
  readonly seed: number
  readonly condition?: 'left' | 'right'
  readonly edges?: boolean
  readonly template?: boolean
  readonly early?: boolean
  readonly naive?: boolean
  readonly outputs?: 1 | 100
  readonly set?: string[]
  readonly listOptions?: boolean
}

interface ResumeOptions extends SharedOptions, LengthOptions {
  readonly data?: string
  readonly out?: string
  readonly overwrite?: boolean
}

export function addTrainCommands(program: Command): void {
  const train = program
    .command('train')
    .argument(
      '<folder>',
      'the pictures: class folders, A/B folders, side-by-side pairs, MNIST or CIFAR files, or photos',
    )
    .description('Train an initializer and a solver on a folder of pictures.')
    .option('--out <file>', 'model to write', 'model.safetensors')
    .option('--overwrite', 'replace a model that is already there')
    .addOption(
      new Option(
        '--recipe <name>',
        'quick (5 to 10 minutes), studio (half an hour for pictures, an hour for classes) or paper',
      )
        .choices(['quick', 'studio', 'paper'])
        .default('quick'),
    )
    .addOption(
      new Option('--task <name>', 'what the pictures suggest when absent').choices(['class', 'picture', 'inpaint']),
    )
    .option('--size <pixels>', 'side of the square pictures', wholeNumber(8, 1024))
    .option('--seed <n>', 'all randomness follows from it', seedNumber, 1)
    .addOption(new Option('--condition <side>', 'which half or folder is the condition').choices(['left', 'right']))
    .option('--edges', 'make the conditions from the pictures with the built-in extractor')
    .option('--template', "P2's template solver (paper recipe, classes)")
    .option('--early', 'the label joins the initializer at its start, also from 32x32 on (paper recipe, classes)')
    .option('--naive', 'latent vector at the bottleneck instead of dropout (paper recipe, pictures)')
    .addOption(
      new Option('--outputs <n>', "outputs of the solver's head, 1 or 100 (paper recipe)").argParser(oneOrHundred),
    )
    .option('--set <path=value>', 'one number of the recipe, listed below; repeat for more', collect)
  withLength(withEngine(train))
    .option('--json', 'one JSON value instead of text')
    .addHelpText('after', () => `\nNumbers of a recipe for --set:\n${listOptions()}`)
    .action(async (folder: string, options: TrainOptions) => {
      const terminal = createTerminal({ json: options.json === true })
      const { out, overwrite, recipe, task, size, seed, template, early, naive, outputs, engine, threads } = options
      const ending = await trainModel(
        {
          folder,
          out,
          overwrite,
          recipe,
          task,
          size,
          seed,
          engine,
          threads,
          length: lengthOf(options),
          conditionSide: options.condition,
          conditionFromPhoto: options.edges ? 'edges' : undefined,
          variant: { template, early, naive, outputs },
          set: options.set,
        },
        narrate(terminal),
        stopOnInterrupt(),
      )
      conclude(terminal, ending)
    })

  const resume = program
    .command('resume')
    .argument('<model>', 'a model that train wrote')
    .description(
      'Go on with a training that was stopped, exactly where it was; with a new length, also with one that had finished. ' +
        'On the same engine the numbers are those of a run without the break, with two exceptions: a length in minutes follows ' +
        'the clock, and the watch for divergence begins anew.',
    )
    .option('--data <folder>', 'where the pictures are now, when they have moved')
    .option('--out <file>', 'model to write; the same file when absent')
    .option('--overwrite', 'replace another model that is already there')
  withLength(withEngine(resume))
    .option('--json', 'one JSON value instead of text')
    .action(async (file: string, options: ResumeOptions) => {
      const terminal = createTerminal({ json: options.json === true })
      const order = { ...options, file, folder: options.data, until: lengthOf(options) }
      conclude(terminal, await resumeModel(order, narrate(terminal), stopOnInterrupt()))
    })
}

function oneOrHundred(text: string): 1 | 100 {
  if (text !== '1' && text !== '100') throw new InvalidArgumentError('It is 1 or 100.')
  return text === '1' ? 1 : 100
}

function listOptions(): string {
  return Object.entries(recipeOptions)
    .map(([path, { about, source }]) => `  ${path.padEnd(30)} ${about} [${source}]`)
    .join('\n')
}

/** Turns the news of a run into lines. */
export function narrate(terminal: Terminal): (news: TrainingNews) => void {
  const remaining = new RemainingTime()
  return (news) => {
    switch (news.kind) {
      case 'opened': {
        const { data, recipe, engine, resumedAt, progress, enginesBefore, scoredOn } = news
        terminal.say(data.description)
        if (data.problems.length > 0) terminal.say(`Files left out: ${data.problems.length} (see "tandem data").`)
        terminal.say(
          `Recipe ${recipe.name}, ${recipe.task}, ${recipe.size}x${recipe.size}; engine ${engine.kind} (${engine.detail}).`,
        )
        if (scoredOn === 0)
          terminal.say(
            `Too few pictures are held out (${data.count.heldOut}) to choose the best weights by: the last ones are used.`,
          )
        if (enginesBefore !== undefined && enginesBefore.split(' ')[0] !== engine.kind)
          terminal.say(`Until now it was computed with ${enginesBefore}: this engine rounds differently.`)
        if (progress >= 1)
          terminal.say('It has reached its length; to go on, give --minutes, --steps-total or --epochs.')
        else if (resumedAt > 0) terminal.say(`Going on at step ${resumedAt}.`)
        return
      }
      case 'stepped': {
        const { report, progress, elapsedMs } = news
        remaining.add(performance.now(), progress)
        if (report.kind === 'rolledBack') return terminal.say(report.message)
        const numbers =
          report.kind === 'prelude'
            ? `head start, error ${report.observedError.toFixed(3)}`
            : `value gap ${report.metrics.gap.toFixed(2)}, move ${report.metrics.move.toFixed(3)}, mapping ${report.metrics.mappingError.toFixed(4)}`
        const percent = `${(100 * progress).toFixed(0)} %`
        return terminal.progress(
          `${percent.padStart(5)}  step ${report.step}  ${numbers}  ${formatDuration(elapsedMs)}, ${formatRange(remaining.range())}`,
        )
      }
      case 'scored':
        if (news.best)
          terminal.say(
            `Step ${news.step}: best so far on held-out pictures (score ${news.score.toPrecision(3)}, lower is better).`,
          )
        return
      case 'leftOut':
        for (const { file, message } of news.problems) terminal.say(`Left out from now on: ${file}: ${message}.`)
        return
      case 'saved':
        return
      default:
        return assertNever(news)
    }
  }
}

function conclude(terminal: Terminal, ending: TrainingEnding): void {
  const { kind, file, step, elapsedMs } = ending
  const spent = `${counted(step, 'step')} in ${formatDuration(elapsedMs)}`
  const text =
    kind === 'finished'
      ? `Finished: ${spent}. Saved as ${file}.`
      : `Stopped after ${spent}. Saved as ${file}; go on with: npx tandem resume ${file}`
  terminal.result(text, ending)
  process.exitCode = kind === 'finished' ? exitCodes.done : exitCodes.cancelled
}

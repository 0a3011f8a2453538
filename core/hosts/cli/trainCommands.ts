/** `tandem train` and `tandem resume`. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { assertNever } from '../../domain/errors.ts'
import { recipeOptions } from '../../domain/recipeOptions.ts'
import { RemainingTime } from '../../studio/remaining.ts'
import { resumeModel, type TrainingEnding, type TrainingNews, trainModel } from '../../studio/trainModel.ts'
import {
  collect,
  isForProject,
  lengthOf,
  seedNumber,
  wholeNumber,
  withEngine,
  withLength,
  withProjectFile,
} from './options.ts'
import { resumeRun, trainOnDataSet } from './project/training.ts'
import { createTerminal, exitCodes, stopOnInterrupt, type Terminal } from './terminal.ts'
import { lengthReached, recipeLine, stepLine, stepsIn } from './trainingLines.ts'
import { recipeOrder, type ResumeOptions, type TrainOptions } from './trainOptions.ts'

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
  withProjectFile(withLength(withEngine(train)), 'a .tandem file: <folder> is the name of one of its data sets', [
    'out',
    'overwrite',
    'condition',
  ])
    .option('--json', 'one JSON value instead of text')
    .addHelpText('after', () => `\nNumbers of a recipe for --set:\n${listOptions()}`)
    .action(async (folder: string, options: TrainOptions) => {
      const terminal = createTerminal({ json: options.json === true })
      if (isForProject(options)) return trainOnDataSet(folder, options, terminal, stopOnInterrupt())
      const { out, overwrite, engine, threads, condition: conditionSide } = options
      const order = { ...recipeOrder(options), folder, out, overwrite, engine, threads, conditionSide }
      conclude(terminal, await trainModel(order, narrate(terminal), stopOnInterrupt()))
    })

  const resume = program
    .command('resume')
    .argument('[model]', 'a model that train wrote')
    .description(
      'Go on with a training that was stopped, exactly where it was; with a new length, also with one that had finished. ' +
        'On the same engine the numbers are those of a run without the break, with two exceptions: a length in minutes follows ' +
        'the clock, and the watch for divergence begins anew.',
    )
    .option('--data <folder>', 'where the pictures are now, when they have moved')
    .option('--out <file>', 'model to write; the same file when absent')
    .option('--overwrite', 'replace another model that is already there')
  withProjectFile(withLength(withEngine(resume)), 'a .tandem file: [model] is the name of one of its runs', [
    'data',
    'out',
    'overwrite',
  ])
    .option('--json', 'one JSON value instead of text')
    .action(async (file: string | undefined, options: ResumeOptions) => {
      const terminal = createTerminal({ json: options.json === true })
      if (isForProject(options)) return resumeRun(file, options, terminal, stopOnInterrupt())
      if (file === undefined) return resume.error("error: missing required argument 'model'")
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
        terminal.say(recipeLine(recipe, engine.kind, engine.detail))
        if (scoredOn === 0)
          terminal.say(
            `Too few pictures are held out (${data.count.heldOut}) to choose the best weights by: the last ones are used.`,
          )
        if (enginesBefore !== undefined && enginesBefore.split(' ')[0] !== engine.kind)
          terminal.say(`Until now it was computed with ${enginesBefore}: this engine rounds differently.`)
        if (progress >= 1) terminal.say(lengthReached)
        else if (resumedAt > 0) terminal.say(`Going on at step ${resumedAt}.`)
        return
      }
      case 'stepped': {
        const { report, progress, elapsedMs } = news
        remaining.add(performance.now(), progress)
        if (report.kind === 'rolledBack') return terminal.say(report.message)
        const { step } = report
        const measured =
          report.kind === 'prelude' ? { observedError: report.observedError, mappingError: null } : report.metrics
        return terminal.progress(stepLine({ step, measured, progress, elapsedMs, remaining: remaining.range() }))
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
  const spent = stepsIn(step, elapsedMs)
  const text =
    kind === 'finished'
      ? `Finished: ${spent}. Saved as ${file}.`
      : `Stopped after ${spent}. Saved as ${file}; go on with: npx tandem resume ${file}`
  terminal.result(text, ending)
  process.exitCode = kind === 'finished' ? exitCodes.done : exitCodes.cancelled
}

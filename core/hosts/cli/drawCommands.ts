/** `tandem sample`, `translate`, `inpaint`, `infer` and `interpolate`: pictures from a trained model. */
import { type Command, Option } from 'commander'
import { counted } from '../../domain/counted.ts'
import {
  borrowStyle,
  drawLabels,
  type Drawn,
  type DrawOrder,
  inpaintPicture,
  interpolateSketches,
  translatePictures,
} from '../../studio/drawing.ts'
import { assertPlaceFor } from '../../studio/outputPlace.ts'
import { saveDrawing } from '../../studio/saveDrawing.ts'
import { commaSeparated, realNumber, type SharedOptions, wholeNumber, withDrawing, withProjectFile } from './options.ts'
import { drawInProject } from './project/drawInProject.ts'
import type { Desk } from './project/drawJobs.ts'
import {
  borrowStyleWithRun,
  drawRunLabels,
  inpaintWithRun,
  interpolateWithRun,
  translateWithRun,
} from './project/drawings.ts'
import { createTerminal, stopOnInterrupt } from './terminal.ts'

/** Pictures side by side in the sheet. */
const COLUMNS = 10

interface DrawOptions extends SharedOptions {
  readonly seed: number
  readonly steps?: number
  readonly beyond?: boolean
  readonly noise?: boolean
  readonly guidance?: number
  readonly out: string
  readonly pictures?: string
  readonly columns?: number
  readonly count: number
}

/** One drawing, with a model file and with a run of a project. */
interface Ways<Options, Result extends Drawn> {
  readonly file: (order: Options & DrawOrder, signal: AbortSignal) => Promise<Result>
  readonly run: (order: Options, desk: Desk) => Promise<Result>
}

const several = (command: Command, about: string, count: number) =>
  command.option('--count <n>', about, wholeNumber(1, 10_000), count)
const withJson = (command: Command) =>
  withProjectFile(withDrawing(command), 'a .tandem file: <model> is the name of one of its runs').option(
    '--json',
    'one JSON value instead of text',
  )

export function addDrawCommands(program: Command): void {
  const sample = program
    .command('sample')
    .argument('<model>', 'a class model')
    .description('Draw pictures of labels.')
    .option('--labels <names>', 'labels, separated by commas; all when absent', commaSeparated)
    .addOption(
      new Option('--blend <share>', 'blend two labels: 0 is the first, 1 the second')
        .argParser(realNumber(0, 1))
        .conflicts('between'),
    )
    .option(
      '--between <n>',
      'so many pictures on the way from the first of two labels to the second',
      wholeNumber(2, 100),
    )
  withJson(several(sample, 'variations of each label, or ways between two', 8)).action(
    (model: string, options: DrawOptions & { labels?: string[]; blend?: number; between?: number }) =>
      carryOut(
        model,
        { ...options, columns: options.columns ?? options.between ?? options.count },
        { file: drawLabels, run: drawRunLabels },
      ),
  )

  const translate = program
    .command('translate')
    .argument('<model>', 'a picture-to-picture model')
    .argument('<files...>', 'sketches, label maps, or with --edges photos')
    .description('Draw pictures from sketches.')
    .option('--edges', 'draw the sketch from the photo with the built-in extractor')
  withJson(several(translate, 'variations of each file', 1)).action(
    (model: string, files: string[], options: DrawOptions & { edges?: boolean }) =>
      carryOut(model, { ...options, files }, { file: translatePictures, run: translateWithRun }, { inputs: files }),
  )

  const inpaint = program
    .command('inpaint')
    .argument('<model>', 'an inpainting model')
    .argument('<picture>', 'the picture; its middle square in the size of the model')
    .argument('<mask>', 'a picture of the same size: white is painted anew')
    .description('Fill the hidden part of a picture; every other pixel stays as it is.')
  withJson(several(inpaint, 'variations', 4)).action(
    (model: string, file: string, mask: string, options: DrawOptions) =>
      carryOut(
        model,
        { ...options, file, mask },
        { file: inpaintPicture, run: inpaintWithRun },
        { conditionName: 'picture', inputs: [file, mask] },
      ),
  )

  const infer = program
    .command('infer')
    .argument('<model>', 'a class model')
    .argument('<picture>', 'the picture whose style is borrowed')
    .description('Infer the latent (and the label) of a picture and draw every class in its style.')
    .option('--label <name>', 'the label, when it is known')
    .option('--inference-steps <n>', 'Langevin steps of the inference', wholeNumber(1, 100_000))
  withJson(infer).action(
    (model: string, file: string, options: DrawOptions & { label?: string; inferenceSteps?: number }) =>
      carryOut(
        model,
        { ...options, file },
        { file: borrowStyle, run: borrowStyleWithRun },
        {
          conditionName: 'style',
          inputs: [file],
          about: ({ recipe, weights, latent }) => {
            const best = weights.indexOf(Math.max(...weights))
            const likely = `${recipe.labels[best]} (${(100 * weights[best]).toFixed(0)} %)`
            return { text: `Label: ${likely}.\n`, values: { likely, latent, weights } }
          },
        },
      ),
  )

  const interpolate = program
    .command('interpolate')
    .argument('<model>', 'a picture-to-picture model')
    .argument('<from>', 'the first sketch')
    .argument('<to>', 'the second sketch')
    .description('Draw the way from one sketch to another with one latent.')
    .option('--edges', 'draw the sketches from photos')
  withJson(several(interpolate, 'pictures on the way', 8)).action(
    (model: string, from: string, to: string, options: DrawOptions & { edges?: boolean }) =>
      carryOut(
        model,
        { ...options, from, to },
        { file: interpolateSketches, run: interpolateWithRun },
        { inputs: [from, to] },
      ),
  )
}

/** Draws, saves and tells. */
async function carryOut<Options extends DrawOptions, Result extends Drawn>(
  model: string,
  options: Options,
  ways: Ways<Options, Result>,
  show: {
    readonly conditionName?: string
    /** Pictures that it is drawn from. */
    readonly inputs?: readonly string[]
    /** What there is to tell besides the pictures. */
    readonly about?: (drawn: Result) => { text: string; values: Record<string, unknown> }
  } = {},
): Promise<void> {
  const terminal = createTerminal({ json: options.json === true })
  const signal = stopOnInterrupt()
  const { project } = options
  const inputs = [project ?? model, ...(show.inputs ?? [])]
  await assertPlaceFor(options.out, 'picture', inputs)
  const begin = (engine: string) => terminal.progress(`Drawing with ${model} on ${engine}`)
  const drawn =
    project === undefined
      ? await ways.file({ ...options, model, begin }, signal)
      : await drawInProject(project, model, { ...options, terminal, signal }, (desk) => ways.run(options, desk))
  const files = await saveDrawing(drawn, {
    sheet: options.out,
    pictures: options.pictures,
    model,
    inputs,
    columns: options.columns ?? COLUMNS,
    conditionName: show.conditionName,
  })
  const { seeds, sources, gain, steps, engine } = drawn
  const about = show.about?.(drawn)
  terminal.result(
    `${about?.text ?? ''}${counted(seeds.length, 'picture')}, ${counted(steps, 'Langevin step')}, ${engine}. Sheet: ${options.out}`,
    { files, seeds, sources, gain, steps, engine, ...about?.values },
  )
}

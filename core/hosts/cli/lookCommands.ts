/** `tandem devices` and `tandem data`: looking before doing. */
import { type Command, Option } from 'commander'
import { describeDevices, drawVesselData, formatDevices, openData, previewData } from '../../studio/describe.ts'
import { seedNumber, type SharedOptions, wholeNumber } from './options.ts'
import { createTerminal, stopOnInterrupt } from './terminal.ts'

/** Problems shown before the rest is only counted. */
const SHOWN = 20

interface DataOptions extends SharedOptions {
  readonly condition?: 'left' | 'right'
  readonly preview?: string
  readonly size: number
  readonly drawVessels?: number
  readonly seed: number
}

export function addLookCommands(program: Command): void {
  program
    .command('devices')
    .description('What this machine has to compute with, which engine will be used, and why the others will not.')
    .option('--json', 'one JSON value instead of text')
    .action(async (options: SharedOptions) => {
      const report = await describeDevices()
      createTerminal({ json: options.json === true }).result(formatDevices(report), report)
    })

  program
    .command('data')
    .argument('<folder>', 'the pictures')
    .description('Say what a folder of pictures is and what is wrong with it, or draw a data set into it.')
    .addOption(new Option('--condition <side>', 'which half or folder is the condition').choices(['left', 'right']))
    .option('--preview <file>', 'nine examples as a sheet (PNG)')
    .option('--size <pixels>', 'side of the previewed or drawn pictures', wholeNumber(16, 1024), 64)
    .option(
      '--draw-vessels <count>',
      'draw so many pairs of sketch and glazed vessel into the folder',
      wholeNumber(10, 100_000),
    )
    .option('--seed <n>', 'seed of the first vessel', seedNumber, 1)
    .option('--json', 'one JSON value instead of text')
    .action(async (folder: string, options: DataOptions) => {
      const terminal = createTerminal({ json: options.json === true })
      if (options.drawVessels !== undefined) {
        const count = options.drawVessels
        const tell = (drawn: number) => terminal.progress(`${drawn} of ${count} vessels drawn`)
        await drawVesselData({ folder, count, size: options.size, seed: options.seed }, tell, stopOnInterrupt())
      }
      const data = await openData(folder, { conditionSide: options.condition })
      if (options.preview !== undefined) await previewData(data, folder, options.preview, options.size)
      const { kind, layout, description, labels, count, problems, naturalSize, conditionSide } = data
      const listed = problems.slice(0, SHOWN).map(({ file, message }) => `  ${file}: ${message}`)
      const rest = problems.length > SHOWN ? [`  and ${problems.length - SHOWN} more`] : []
      const lines = [
        description,
        ...(labels ? [`Classes: ${labels.join(', ')}.`] : []),
        ...(problems.length > 0 ? [`Left out (${problems.length}):`, ...listed, ...rest] : ['No problems found.']),
        ...(options.preview === undefined ? [] : [`Nine examples: ${options.preview}`]),
      ]
      terminal.result(lines.join('\n'), {
        kind,
        layout,
        description,
        labels,
        count,
        naturalSize,
        conditionSide,
        problems,
      })
    })
}

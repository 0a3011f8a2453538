/** `tandem devices` and `tandem data`: looking before doing. */
import { type Command, Option } from 'commander'
import { describeDevices, drawVesselData, formatDevices, openData, previewData } from '../../studio/describe.ts'
import { describeFound } from './foundPictures.ts'
import {
  assertForProject,
  isForProject,
  seedNumber,
  type SharedOptions,
  wholeNumber,
  withProjectFile,
} from './options.ts'
import { importPictures } from './project/transfer.ts'
import { createTerminal, stopOnInterrupt } from './terminal.ts'

interface DataOptions extends SharedOptions {
  readonly condition?: 'left' | 'right'
  readonly preview?: string
  readonly size: number
  readonly drawVessels?: number
  readonly seed: number
  readonly name?: string
  readonly referenced?: boolean
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

  const data = program
    .command('data')
    .argument('<folder>', 'the pictures')
    .description(
      'Say what a folder of pictures is and what is wrong with it, draw a data set into it, or import it (or a zip file) into a project.',
    )
    .addOption(new Option('--condition <side>', 'which half or folder is the condition').choices(['left', 'right']))
    .option('--preview <file>', 'nine examples as a sheet (PNG)')
    .option('--size <pixels>', 'side of the previewed or drawn pictures', wholeNumber(16, 1024), 64)
    .option(
      '--draw-vessels <count>',
      'draw so many pairs of sketch and glazed vessel into the folder',
      wholeNumber(10, 100_000),
    )
    .option('--seed <n>', 'seed of the first vessel', seedNumber, 1)
  withProjectFile(data, 'a .tandem file to import the pictures into', ['preview', 'drawVessels', 'size', 'seed'])
    .option('--name <name>', 'what the data set is called in the project; like the folder when absent')
    .option('--referenced', 'leave the pictures where they are instead of keeping them in the project')
    .option('--json', 'one JSON value instead of text')
    .action(async (folder: string, options: DataOptions) => {
      const terminal = createTerminal({ json: options.json === true })
      if (isForProject(options)) return importPictures(folder, options, terminal, stopOnInterrupt())
      assertForProject(options, ['name', 'referenced'])
      if (options.drawVessels !== undefined) {
        const count = options.drawVessels
        const tell = (drawn: number) => terminal.progress(`${drawn} of ${count} vessels drawn`)
        await drawVesselData({ folder, count, size: options.size, seed: options.seed }, tell, stopOnInterrupt())
      }
      const data = await openData(folder, { conditionSide: options.condition })
      if (options.preview !== undefined) await previewData(data, folder, options.preview, options.size)
      const { kind, layout, description, labels, count, problems, naturalSize, conditionSide } = data
      const lines = [
        ...describeFound({ description, labels, problems }),
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

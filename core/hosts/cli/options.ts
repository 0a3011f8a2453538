/** Options that several commands share, and how their words become values. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { AppError } from '../../domain/errors.ts'
import type { RunLength } from '../../domain/recipe.ts'

export interface SharedOptions {
  readonly json?: boolean
  readonly engine?: 'tensorflow' | 'webgpu' | 'wasm'
  readonly threads?: number
  /** The project that the command works on, instead of files. */
  readonly project?: string
}

/** @param without names of options that are for files alone */
export function withProjectFile(command: Command, about: string, without: readonly string[] = []): Command {
  return command.addOption(new Option('--project <file>', about).conflicts([...without]))
}

export function isForProject<T extends SharedOptions>(options: T): options is T & { readonly project: string } {
  return options.project !== undefined
}

/** @throws AppError misuse for what would not be listened to without a project */
export function assertForProject<T extends SharedOptions>(options: T, names: readonly (keyof T & string)[]): void {
  const name = names.find((each) => options[each] !== undefined)
  if (name !== undefined) throw new AppError('misuse', `--${name} is for projects: it needs --project.`)
}

export function withEngine(command: Command): Command {
  return command
    .addOption(
      new Option('--engine <name>', 'engine; the fastest that works here when absent').choices([
        'tensorflow',
        'webgpu',
        'wasm',
      ]),
    )
    .option('--threads <n>', 'threads of one operation; all processors when absent', wholeNumber(1, 1024))
}

export function withDrawing(command: Command): Command {
  return withEngine(command)
    .option('--seed <n>', 'seed of the first picture; the others count up from it', seedNumber, 1)
    .option('--steps <n>', 'Langevin steps; as trained when absent', wholeNumber(0, 100_000))
    .option('--beyond', 'allow more than twice the trained steps')
    .option('--noise', 'add the Langevin noise term')
    .option('--guidance <weight>', 'exaggerate the label; needs a model trained with label dropout', realNumber(0, 100))
    .option('--out <file>', 'contact sheet to write (PNG)', 'sheet.png')
    .option('--pictures <folder>', 'also write every refined picture, with its seed inside')
    .option(
      '--columns <n>',
      'pictures side by side in the sheet; 10, or the variations of one label',
      wholeNumber(1, 100),
    )
}

/** A whole number in a range, or one clear refusal. */
export function wholeNumber(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^-?\d+$/.test(text) || value < minimum || value > maximum)
      throw new InvalidArgumentError(`It is a whole number from ${minimum} to ${maximum}.`)
    return value
  }
}

/** A seed from which others can count up: beyond the largest safe integer neighbours would be the same number. */
export const seedNumber = wholeNumber(0, Number.MAX_SAFE_INTEGER - 1_000_000)

export function realNumber(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (!(value >= minimum && value <= maximum))
      throw new InvalidArgumentError(`It is a number from ${minimum} to ${maximum}.`)
    return value
  }
}

/** Collects a repeated option. */
export function collect(text: string, earlier: readonly string[] = []): string[] {
  return [...earlier, text]
}

export function commaSeparated(text: string): string[] {
  return text.split(',').map((part) => part.trim())
}

export interface LengthOptions {
  readonly minutes?: number
  readonly stepsTotal?: number
  readonly epochs?: number
}

export function withLength(command: Command): Command {
  return command
    .addOption(
      new Option('--minutes <n>', 'length of the whole run in minutes')
        .argParser(realNumber(0.01, 1_000_000))
        .conflicts(['stepsTotal', 'epochs']),
    )
    .addOption(
      new Option('--steps-total <n>', 'length of the whole run in steps')
        .argParser(wholeNumber(1, 1_000_000_000))
        .conflicts(['epochs']),
    )
    .addOption(new Option('--epochs <n>', 'length of the whole run in epochs').argParser(realNumber(0.001, 1_000_000)))
}

export function lengthOf({ minutes, stepsTotal, epochs }: LengthOptions): RunLength | undefined {
  if (minutes !== undefined) return { minutes }
  if (stepsTotal !== undefined) return { steps: stepsTotal }
  return epochs === undefined ? undefined : { epochs }
}

/**
 * `npm run demo`: the program draws its own data set, learns to turn its sketches into pictures for about three minutes, and shows on
 * held-out sketches what it has learnt. Everything lands in ./demo.
 */
import { mkdir } from 'node:fs/promises'
import { Command } from 'commander'
import { drawVesselData } from '../studio/describe.ts'
import { evaluate, type EvaluationReport } from '../studio/evaluate.ts'
import { trainModel } from '../studio/trainModel.ts'
import { realNumber, type SharedOptions, withEngine } from './cli/options.ts'
import { createTerminal, exitCodes, formatDuration, reportError, stopOnInterrupt } from './cli/terminal.ts'
import { narrate } from './cli/trainCommands.ts'

const FOLDER = 'demo'
const PAIRS = 550
const SIZE = 64

const program = withEngine(new Command('npm run demo --'))
  .description('Draw a data set, learn from it for a few minutes, show the result.')
  .option('--minutes <n>', 'how long to learn', realNumber(0.1, 600), 3)
  .action((options: SharedOptions & { minutes: number }) => demonstrate(options))

async function demonstrate({ minutes, engine, threads }: SharedOptions & { minutes: number }): Promise<void> {
  const terminal = createTerminal({ json: false })
  const signal = stopOnInterrupt()
  const started = performance.now()
  const vessels = `${FOLDER}/vessels`
  const model = `${FOLDER}/model.safetensors`
  await mkdir(FOLDER, { recursive: true })

  const drawn = (count: number) => terminal.progress(`Drawing vessels and their sketches: ${count} of ${PAIRS}`)
  await drawVesselData({ folder: vessels, count: PAIRS, size: SIZE, seed: 1 }, drawn, signal)
  terminal.say(
    `Drew ${PAIRS} pairs of sketch and vessel into ${vessels} in ${formatDuration(performance.now() - started)}.`,
  )

  const order = {
    folder: vessels,
    out: model,
    overwrite: true,
    recipe: 'quick',
    seed: 1,
    length: { minutes },
    engine,
    threads,
  } as const
  const ending = await trainModel(order, narrate(terminal), signal)
  if (ending.kind === 'cancelled') {
    terminal.say(`Stopped. Go on with: npx tandem resume ${model}`)
    process.exitCode = exitCodes.cancelled
    return
  }
  const measuring = (_: string, share: number) =>
    terminal.progress(`Measuring on held-out sketches: ${(100 * share).toFixed(0)} %`)
  const report = await evaluate({ model, out: `${FOLDER}/sheet`, engine, threads }, measuring, signal)
  terminal.say(summarise(report))
  terminal.say(
    `Done in ${formatDuration(performance.now() - started)}. Look at ${FOLDER}/sheet.png: condition (the sketch), initial (the fast guess), refined, observed.`,
  )
}

/** One line of numbers: texture distance and sharpness of fast guess and refined, beside what real pictures have. */
function summarise({ measures }: EvaluationReport): string {
  const row = (name: string) => measures.find((measure) => measure.name === name)?.values ?? {}
  const texture = row('slicedWasserstein64')
  const sharpness = row('gradientMagnitude')
  const number = (value: number | null | undefined, digits: number) => value?.toFixed(digits) ?? 'unknown'
  return (
    `Held-out sketches: texture distance (lower is better) initial ${number(texture.initial, 0)}, refined ${number(texture.refined, 0)}, ` +
    `real pictures ${number(texture.training, 0)}; sharpness (as near to real as possible) initial ${number(sharpness.initial, 3)}, ` +
    `refined ${number(sharpness.refined, 3)}, real ${number(sharpness.observed, 3)}.`
  )
}

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = reportError(error, { json: false })
}

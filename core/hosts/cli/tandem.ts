#!/usr/bin/env node
/** The command line: `tandem --help`. */
import { Command, CommanderError } from 'commander'
import { programVersion } from '../../studio/programVersion.ts'
import { addDrawCommands } from './drawCommands.ts'
import { addEvaluateCommands } from './evaluateCommands.ts'
import { addLookCommands } from './lookCommands.ts'
import { addModelCommands } from './modelCommands.ts'
import { addProjectCommands } from './projectCommands.ts'
import { addServeCommand } from './serveCommand.ts'
import { exitCodes, reportError, tellProgram } from './terminal.ts'
import { addTrainCommands } from './trainCommands.ts'

const program = new Command('tandem')
  .description('Conditional generative models by cooperative learning: a fast initializer and a slow solver.')
  .version(programVersion)
  .showHelpAfterError('(add --help for all options)')
  .exitOverride()

addLookCommands(program)
addTrainCommands(program)
addDrawCommands(program)
addEvaluateCommands(program)
addModelCommands(program)
addProjectCommands(program)
addServeCommand(program)
// Each command ends by throwing, like the program itself, so that exit codes are decided in one place.
for (const command of program.commands) command.exitOverride().showHelpAfterError('(add --help for all options)')

// A reader that left (tandem train ... | head) is no reason to lose a training.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = exitCodeOf(error)
}

function exitCodeOf(error: unknown): number {
  const json = process.argv.includes('--json')
  if (!(error instanceof CommanderError)) return reportError(error, { json })
  if (error.exitCode === 0) return exitCodes.done
  // Commander has already told people what is wrong.
  if (json) tellProgram({ code: 'misuse', message: error.message.replace(/^error: /, ''), hint: 'See --help.' })
  return exitCodes.misuse
}

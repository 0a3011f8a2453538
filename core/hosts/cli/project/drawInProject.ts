/** One drawing in a project, also in one that another program writes to. */
import { counted } from '../../../domain/counted.ts'
import type { SharedOptions } from '../options.ts'
import type { Terminal } from '../terminal.ts'
import { computingWith } from './computing.ts'
import type { Desk } from './drawJobs.ts'
import { findRun } from './names.ts'
import { withView } from './session.ts'

export interface DrawingPlace extends Pick<SharedOptions, 'engine' | 'threads'> {
  readonly terminal: Terminal
  readonly signal: AbortSignal
}

/** @param name of a run @throws AppError, CancelledError */
export function drawInProject<T>(
  project: string,
  name: string,
  { terminal, signal, engine, threads }: DrawingPlace,
  draw: (desk: Desk) => Promise<T>,
): Promise<T> {
  return withView(project, { terminal, spawn: computingWith({ engine, threads }) }, async (studio) => {
    const run = await findRun(studio, name)
    const progressed = (done: number, total: number) =>
      terminal.progress(`Drawing with “${run.name}”: ${done} of ${counted(total, 'picture')}`)
    return draw({ studio, run, signal, progressed })
  })
}

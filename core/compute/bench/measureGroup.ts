/** One work, measured by several contestants in turns. */
import { AppError } from '../../domain/errors.ts'
import { type BenchRow, type Configuration, createRow, type Measurement } from './benchRow.ts'
import type { Contestant } from './contestant.ts'
import type { BenchMachine } from './contestants.ts'
import type { Work } from './works.ts'

export interface Pace {
  readonly rounds: number
  /** How long one turn goes on; one run at least. */
  readonly turnMs: number
  /** Whose turns took longer on one work gets no more of them; a first run that takes longer is the measurement. */
  readonly limitMs: number
}

/** Beside the work: Node and the engine's library. */
const PROGRAM_MEGABYTES = 300

/** All at the start line first, then round by round. */
export async function measureGroup(
  group: readonly Configuration[],
  work: Work,
  pace: Pace,
  machine: BenchMachine,
): Promise<BenchRow[]> {
  const entries: Entry[] = []
  try {
    for (const configuration of group) entries.push(await enter(configuration, work, pace, machine))
    for (let round = 0; round < pace.rounds; round++) for (const entry of entries) await takeTurn(entry, pace)
    return entries.map(({ configuration, best, note }) => createRow(configuration, work, best, note))
  } finally {
    for (const { contestant } of entries) contestant?.close()
  }
}

interface Entry {
  readonly configuration: Configuration
  /** Until it has failed or was too slow for another turn. */
  contestant?: Contestant
  /** About how long its turns took. */
  spentMs: number
  best?: Measurement
  note?: string
}

async function enter(configuration: Configuration, work: Work, pace: Pace, machine: BenchMachine): Promise<Entry> {
  const free = machine.freeMegabytes()
  const needed = work.needsMegabytes + PROGRAM_MEGABYTES
  if (free < needed)
    return {
      configuration,
      spentMs: 0,
      note: `Not measured: it needs about ${needed} MB of free memory, and there are ${Math.floor(free)}`,
    }
  try {
    const contestant = await machine.start(configuration, work)
    const { milliseconds, peakMegabytes, threads } = contestant.ready
    const note =
      threads === configuration.threads ? undefined : `computed with ${threads} ${threads === 1 ? 'thread' : 'threads'}`
    if (milliseconds <= pace.limitMs) return { configuration, contestant, spentMs: 0, note }
    contestant.close()
    return {
      configuration,
      spentMs: 0,
      best: { milliseconds, peakMegabytes, runs: 1 },
      note: 'one run only, without warm-up',
    }
  } catch (error) {
    return { configuration, spentMs: 0, note: reasonOf(error) }
  }
}

async function takeTurn(entry: Entry, { turnMs, limitMs }: Pace): Promise<void> {
  // It did not start, failed in an earlier round, or its first run was the measurement.
  if (entry.contestant === undefined || entry.spentMs > limitMs) return
  try {
    const { milliseconds, runs, peakMegabytes } = await entry.contestant.measure(turnMs)
    entry.best = {
      milliseconds: Math.min(milliseconds, entry.best?.milliseconds ?? Number.POSITIVE_INFINITY),
      runs: runs + (entry.best?.runs ?? 0),
      peakMegabytes,
    }
    entry.spentMs += milliseconds * runs
  } catch (error) {
    entry.note = reasonOf(error)
    entry.best = undefined
    entry.contestant.close()
    entry.contestant = undefined
  }
}

/** A failed measurement is a result; anything else is a defect of the program. */
function reasonOf(error: unknown): string {
  if (!(error instanceof AppError)) throw error
  return error.message.replace(/\.$/, '')
}

/** The result of the host's bench for a terminal. */
import type { HostRow } from './figure.ts'
import type { HostReport } from './runHostBench.ts'

const titles = ['', 'median', 'range', '', 'runs', 'target', ''] as const

/** A line about the machine and an aligned table, without a final line break. */
export function formatHostBench({ engine, processors, load, rows }: HostReport): string {
  const cells = [titles, ...rows.map(cellsOf)]
  const widths = titles.map((_, column) => Math.max(...cells.map((row) => row[column].length)))
  const isText = (column: number) => column === 0 || column === 3 || column === titles.length - 1
  const lines = cells.map((row) =>
    row
      .map((cell, column) => (isText(column) ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  )
  const machine = `${engine}; ${processors} processors, load ${load.before.toFixed(1)} before and ${load.after.toFixed(1)} after`
  return [`The studio on ${machine}`, ...lines].join('\n')
}

function cellsOf({ what, unit, median, lowest, highest, runs, target, met }: HostRow): string[] {
  const range = `${show(lowest)} - ${show(highest)}`
  const verdict = met === null ? '' : met ? 'met' : 'MISSED'
  return [what, show(median), range, unit, String(runs), target ? `<= ${target.atMost}` : '', verdict]
}

/** About three digits. */
function show(value: number): string {
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)
}

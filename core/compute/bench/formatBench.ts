/** The bench's result for a terminal. */
import type { BenchRow } from './benchRow.ts'

const columns: readonly { readonly title: string; readonly show: (row: BenchRow) => string }[] = [
  { title: 'engine', show: ({ engine, gpu }) => (gpu ? `${engine} GPU` : engine) },
  { title: 'threads', show: ({ threads, gpu }) => (gpu ? '-' : String(threads)) },
  { title: 'ms/step', show: (row) => showNumber(row.milliseconds) },
  { title: 'steps/s', show: (row) => showNumber(row.stepsPerSecond) },
  { title: 'ms/Langevin', show: (row) => showNumber(row.millisecondsPerLangevinStep) },
  { title: 'GFLOP/s', show: (row) => showNumber(row.gigaflops) },
  { title: 'peak MB', show: ({ peakMegabytes }) => (peakMegabytes === null ? '-' : peakMegabytes.toFixed(0)) },
  { title: 'x stock', show: (row) => showRatio(row.ratioToStock) },
  { title: 'x PyTorch', show: (row) => showRatio(row.ratioToTorch) },
  { title: 'best of', show: ({ runs }) => (runs === 0 ? '-' : String(runs)) },
]

/** An aligned table per work, without a final line break. Columns in which no row has a number are left out. */
export function formatBench(rows: readonly BenchRow[]): string {
  const shown = columns.filter(({ show }, index) => index < 2 || rows.some((row) => show(row) !== '-'))
  const widths = shown.map(({ title, show }) => Math.max(title.length, ...rows.map((row) => show(row).length)))
  const align = (cells: readonly string[]): string =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[index]) : cell.padStart(widths[index]))).join('  ')
  const works = [...new Set(rows.map(({ work }) => work))]
  const tables = works.map((work) => {
    const lines = rows
      .filter((row) => row.work === work)
      .map((row) => `${align(shown.map(({ show }) => show(row)))}${row.note ? `  ${row.note}` : ''}`)
    return [work, align(shown.map(({ title }) => title)), ...lines].map((line) => line.trimEnd()).join('\n')
  })
  return tables.join('\n\n')
}

/** About three digits. */
function showNumber(value: number | null): string {
  if (value === null) return '-'
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)
}

function showRatio(value: number | null): string {
  return value === null ? '-' : `${value.toFixed(value >= 10 ? 1 : 2)}x`
}

/** What the command line shows: one living line on a terminal, plain lines elsewhere, JSON for programs. */
import { AppError, CancelledError } from '../../domain/errors.ts'

/** Between two plain lines where there is no terminal. */
const PLAIN_EVERY_MS = 10_000
/** Between two updates of the living line. */
const LIVE_EVERY_MS = 200

export const exitCodes = { done: 0, failed: 1, misuse: 2, cancelled: 130 } as const

export interface Terminal {
  /** A lasting line for the person. With --json all but the result goes to stderr. */
  say(line: string): void
  /** Progress: replaced by the next one. */
  progress(line: string): void
  /** The result: as text for a person, as one JSON value with --json. */
  result(text: string, value: unknown): void
}

export function createTerminal(options: { json: boolean }): Terminal {
  const live = process.stderr.isTTY && !options.json
  const forPeople = options.json ? process.stderr : process.stdout
  let shownAt = Number.NEGATIVE_INFINITY
  let open = false
  const clear = () => {
    if (open) process.stderr.write('\r\u001b[K')
    open = false
  }
  return {
    say(line) {
      clear()
      forPeople.write(`${line}\n`)
    },
    progress(line) {
      const now = performance.now()
      if (now - shownAt < (live ? LIVE_EVERY_MS : PLAIN_EVERY_MS)) return
      shownAt = now
      if (live) process.stderr.write(`\r\u001b[K${line.slice(0, (process.stderr.columns || 120) - 1)}`)
      else forPeople.write(`${line}\n`)
      open = live
    },
    result(text, value) {
      clear()
      process.stdout.write(
        options.json ? `${JSON.stringify(value)}\n` : text.endsWith('\n') || text === '' ? text : `${text}\n`,
      )
    },
  }
}

/** Tells what went wrong, as a sentence and what to do, and gives the exit code. */
export function reportError(error: unknown, options: { json: boolean }): number {
  // Leaves the living line as it is.
  const lineBreak = process.stderr.isTTY ? '\n' : ''
  if (error instanceof CancelledError) {
    if (options.json) tellProgram({ code: 'cancelled', message: 'Cancelled.' })
    process.stderr.write(`${lineBreak}Cancelled.\n`)
    return exitCodes.cancelled
  }
  const known = error instanceof AppError
  const code = known ? error.code : 'internal'
  const message = known
    ? error.message
    : `Something unexpected happened: ${error instanceof Error ? error.message : String(error)}`
  const hint = known ? error.hint : 'Nothing that was saved is lost. Run again with TANDEM_TRACE=1 to see where.'
  if (options.json) tellProgram({ code, message, hint })
  process.stderr.write(`${lineBreak}${message}\n${hint ? `${hint}\n` : ''}`)
  if (process.env.TANDEM_TRACE && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`)
  return code === 'misuse' ? exitCodes.misuse : exitCodes.failed
}

/** An error as the one JSON value of a --json command. */
export function tellProgram(error: { code: string; message: string; hint?: string }): void {
  process.stdout.write(`${JSON.stringify({ error })}\n`)
}

/** Ctrl-C: the first asks to stop, the second stops at once. */
export function stopOnInterrupt(): AbortSignal {
  const controller = new AbortController()
  const stop = () => {
    if (controller.signal.aborted) process.exit(exitCodes.cancelled)
    controller.abort()
    process.stderr.write(`${process.stderr.isTTY ? '\n' : ''}Stopping. Once more to stop at once.\n`)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  // The terminal was closed.
  process.on('SIGHUP', stop)
  return controller.signal
}

/** 75 s -> "1 min 15 s" */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** "2-3 min left": coarse on purpose. */
export function formatRange(range: { low: number; high: number } | undefined): string {
  if (range === undefined) return 'measuring'
  const unit = range.high > 90_000 ? { ms: 60_000, name: 'min' } : { ms: 1000, name: 's' }
  const [low, high] = [Math.floor(range.low / unit.ms), Math.ceil(range.high / unit.ms)]
  return low === high ? `${high} ${unit.name} left` : `${low}-${high} ${unit.name} left`
}

/** 1234567 -> "1.2 MB" */
export function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}

/** Rows in columns of one width; a row may end early. */
export function formatTable(rows: readonly (readonly string[])[], { indent = 0 } = {}): string {
  const count = Math.max(...rows.map((row) => row.length))
  const widths = Array.from({ length: count }, (_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  return rows
    .map((row) => ' '.repeat(indent) + row.map((cell, at) => cell.padEnd(widths[at])).join('  '))
    .map((line) => line.trimEnd())
    .join('\n')
}

/** A name as a shell takes it. */
export function quoted(name: string): string {
  return /^[\w./-]+$/.test(name) ? name : `"${name}"`
}

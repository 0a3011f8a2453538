/** What nobody foresaw, in full, in a few files of bounded size on this machine. Nothing is sent anywhere. */
import { randomInt } from 'node:crypto'
import { appendFileSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'

export interface Log {
  /** @returns the reference under which it can be found */
  error(error: unknown): string
  note(text: string): void
  /** The newest lines of this session, the oldest of them first. */
  lines(): readonly string[]
}

const FILE = 'tandem.log'
const MOST_FILES = 3
const MOST_ENTRY_CHARACTERS = 20_000
const MOST_LINES = 200
/** Read aloud without doubt: no O and 0, no I and 1. */
const REFERENCE_DIGITS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** @param mostBytes of one file; there are three */
export function openLog(folder: string, mostBytes = 1_000_000): Log {
  const newest: string[] = []
  const place = (age: number) => join(folder, age === 0 ? FILE : `${FILE}.${age}`)

  /** A log that cannot be written must never be what stops the work. */
  function tryTo(work: () => void): void {
    try {
      work()
    } catch {
      // The newest lines are in memory and still reach the diagnostics.
    }
  }

  function turnOver(): void {
    rmSync(place(MOST_FILES - 1), { force: true })
    for (let age = MOST_FILES - 2; age >= 0; age--) tryTo(() => renameSync(place(age), place(age + 1)))
  }

  function write(text: string): void {
    const entry = `${new Date().toISOString()} ${text.slice(0, MOST_ENTRY_CHARACTERS)}`
    newest.push(...entry.split('\n'))
    newest.splice(0, newest.length - MOST_LINES)
    tryTo(() => {
      mkdirSync(folder, { recursive: true })
      const size = statSync(place(0), { throwIfNoEntry: false })?.size ?? 0
      if (size > 0 && size + entry.length > mostBytes) turnOver()
      appendFileSync(place(0), `${entry}\n`)
    })
  }

  return {
    error(error) {
      const reference = Array.from({ length: 6 }, () => REFERENCE_DIGITS[randomInt(REFERENCE_DIGITS.length)]).join('')
      write(`[${reference}] ${inspect(error, { depth: 4, maxStringLength: 2000, maxArrayLength: 20 })}`)
      return reference
    },
    note: write,
    lines: () => [...newest],
  }
}

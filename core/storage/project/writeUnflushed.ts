/** Writes that only clear away: they may be lost when the power fails, so nobody waits for the disk. */
import type { ProjectFile } from '../sqlite/projectFile.ts'

/** Pages of the log after which SQLite plays it back: few, because that happens within one turn; and what it takes otherwise. */
const playback = { short: 250, usual: 1000 } as const

/** As `write`, whole or not at all; it reaches the disk with the next write that is flushed, or when the log is played back. */
export function writeUnflushed<T>({ db, write }: Pick<ProjectFile, 'db' | 'write'>, work: () => T): T {
  // Inside another write it is flushed with that one.
  if (db.inTransaction) return write(work)
  db.pragma('synchronous = NORMAL')
  db.pragma(`wal_autocheckpoint = ${playback.short}`)
  try {
    return write(work)
  } finally {
    db.pragma('synchronous = FULL')
    db.pragma(`wal_autocheckpoint = ${playback.usual}`)
  }
}

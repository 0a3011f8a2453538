/** Brings what is committed from the log into the file itself, where nobody waits for it: else somebody's stroke would, sooner or later. */
import SQLite from 'better-sqlite3'
import type { ProjectFile } from '../sqlite/projectFile.ts'

/** As far as nobody else is in the way. What cannot be played back now stays in the log, where it is as safe. */
export function playBackLog({ db }: Pick<ProjectFile, 'db'>): void {
  try {
    db.pragma('wal_checkpoint(PASSIVE)')
  } catch (error) {
    if (!(error instanceof SQLite.SqliteError)) throw error
  }
}

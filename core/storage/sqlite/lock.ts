/**
 * One program at a time writes to a project: the row of `lock` names it, with a nonce that only it and its computing process know. Every
 * write asks first whether the row still holds the nonce, so a process that was left behind can never write after a take-over.
 */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { basename } from 'node:path'
import SQLite from 'better-sqlite3'
import type { Timestamp } from '../../domain/records.ts'
import type { Database } from './connection.ts'
import { StorageError } from './sqliteErrors.ts'

/** Part of every project's first migration. */
export const lockTableSql = `
CREATE TABLE lock (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  holder TEXT NOT NULL,
  program TEXT NOT NULL,
  pid INTEGER NOT NULL,
  machine TEXT NOT NULL,
  taken_at TEXT NOT NULL,
  heartbeat_at TEXT NOT NULL
) STRICT;
`

/** Who wants to write. */
export interface LockOwner {
  /** As a person knows it: `Tandem Studio`, `tandem train`. */
  readonly program: string
  readonly pid: number
  readonly machine: string
}

interface LockRow extends LockOwner {
  readonly holder: string
  readonly taken_at: Timestamp
  readonly heartbeat_at: Timestamp
}

/** The holder beats every 5 s; after six silent beats it is taken for gone, even where its process cannot be asked. */
export const heartbeatMs = 5000
const silenceMs = 30_000
/** Nonces of this process that it needs no more, though a full disk kept them in their rows. */
const givenBack = new Set<string>()

export function thisOwner(program: string): LockOwner {
  return { program, pid: process.pid, machine: hostname() }
}

/**
 * Takes the lock if nobody living has it. Within a transaction of its own.
 * @returns the nonce to write with
 * @throws StorageError `locked`, naming who has it
 */
export function takeLock(db: Database, path: string, owner: LockOwner, now: Timestamp): string {
  const holder = randomUUID()
  db.transaction(() => {
    const row = db.prepare<[], LockRow>('SELECT holder, program, pid, machine, taken_at, heartbeat_at FROM lock').get()
    if (row !== undefined && !givenBack.has(row.holder) && isAlive(row, owner.machine, now))
      throw locked(path, row, owner.machine)
    db.prepare('INSERT OR REPLACE INTO lock VALUES (1, ?, ?, ?, ?, ?, ?)').run(
      holder,
      owner.program,
      owner.pid,
      owner.machine,
      now,
      now,
    )
  }).immediate()
  return holder
}

/** Says whether the lock is still ours; prepared once, because every write asks. */
export function createLockCheck(db: Database, path: string, holder: string): () => void {
  const current = db.prepare<[], string>('SELECT holder FROM lock').pluck()
  return () => {
    if (current.get() !== holder) throw lostLock(path)
  }
}

/** Within the holder's transaction. */
export function beatLock(db: Database, now: Timestamp): void {
  db.prepare('UPDATE lock SET heartbeat_at = ?').run(now)
}

/** Gives the lock back; where another has taken it, or the disk refuses, it stays in the row: whoever comes next sees that this process is gone, or silent. */
export function releaseLock(db: Database, holder: string): void {
  try {
    db.prepare('DELETE FROM lock WHERE holder = ?').run(holder)
  } catch (error) {
    if (!(error instanceof SQLite.SqliteError)) throw error
    givenBack.add(holder)
  }
}

function lostLock(path: string): StorageError {
  return new StorageError(
    'lost-lock',
    `Another program has taken over ${basename(path)}; this one stopped writing, what it saved before is safe.`,
    { hint: 'Close the project here, or open it again to look only.' },
  )
}

function isAlive(row: LockRow, machine: string, now: Timestamp): boolean {
  // A heartbeat from the future is a clock that was set back: as silent as one from long ago.
  const silent = !(Math.abs(Date.parse(now) - Date.parse(row.heartbeat_at)) <= silenceMs)
  if (silent) return false
  return row.machine !== machine || processExists(row.pid)
}

function processExists(pid: number): boolean {
  // 0 and below would ask about whole groups of processes.
  if (pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function locked(path: string, row: LockRow, machine: string): StorageError {
  const where = row.machine === machine ? 'on this computer' : `on ${row.machine.slice(0, 60)}`
  const since = new Date(row.taken_at)
  const when = Number.isNaN(since.getTime())
    ? ''
    : ` since ${since.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })}`
  return new StorageError(
    'locked',
    `${basename(path)} is open in ${row.program.slice(0, 60)} ${where}${when} (process ${row.pid}).`,
    { hint: 'Close it there, or open it here to look only.' },
  )
}

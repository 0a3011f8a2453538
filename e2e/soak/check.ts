/** What must be in the file after a kill, looked at without any of the program's own code but SQLite. */
import Database from 'better-sqlite3'
import { createHash } from 'node:crypto'

export interface Expected {
  /** Strokes 1 .. strokes were acknowledged. */
  readonly strokes: number
  readonly results: ReadonlyMap<string, string>
  /** The newest acknowledged checkpoint to go on from. */
  readonly checkpointStep: number
}

/** @returns what is wrong, in words; empty when all holds */
export function findLosses(file: string, expected: Expected): string[] {
  const db = new Database(file, { readonly: true })
  try {
    return [...damage(db), ...lostStrokes(db, expected), ...lostResults(db, expected), ...lostCheckpoints(db, expected)]
  } finally {
    db.close()
  }
}

function damage(db: Database.Database): string[] {
  const integrity = db.pragma('integrity_check', { simple: true })
  const dangling = db.pragma('foreign_key_check') as unknown[]
  return [
    ...(integrity === 'ok' ? [] : [`integrity_check: ${String(integrity)}`]),
    ...(dangling.length === 0 ? [] : [`${dangling.length} dangling rows`]),
  ]
}

function lostStrokes(db: Database.Database, { strokes }: Expected): string[] {
  const rows = db.prepare('SELECT entry FROM document_entry ORDER BY number').pluck().all() as string[]
  const serials = rows.map((entry) => (JSON.parse(entry) as { serial: number }).serial)
  const firstWrong = serials.findIndex((serial, index) => serial !== index + 1)
  if (firstWrong >= 0) return [`stroke ${firstWrong + 1} is ${serials[firstWrong]}`]
  return serials.length >= strokes ? [] : [`${strokes} strokes were acknowledged, ${serials.length} are there`]
}

function lostResults(db: Database.Database, { results }: Expected): string[] {
  const find = db.prepare(
    'SELECT content.hash, content.data FROM result JOIN content ON content.hash = result.picture WHERE result.id = ?',
  )
  return [...results].flatMap(([id, hash]) => {
    const row = find.get(id) as { hash: string; data: Buffer } | undefined
    if (row === undefined) return [`result ${id} is gone`]
    return row.hash === hash && sha256(row.data) === hash ? [] : [`the picture of result ${id} is another one`]
  })
}

/** Every chunk of every checkpoint is there and is what it was, and the newest is not older than the newest acknowledged one. */
function lostCheckpoints(db: Database.Database, { checkpointStep }: Expected): string[] {
  const newest = db.prepare("SELECT max(step) FROM checkpoint WHERE content = 'training'").pluck().get() as
    number | null
  const chunks = db
    .prepare(
      'SELECT checkpoint_chunk.hash AS wanted, content.data AS data FROM checkpoint_chunk LEFT JOIN content ON content.hash = checkpoint_chunk.hash',
    )
    .all() as { wanted: string; data: Buffer | null }[]
  const broken = chunks.filter(({ wanted, data }) => data === null || sha256(data) !== wanted)
  return [
    ...((newest ?? -1) >= checkpointStep
      ? []
      : [`checkpoint ${checkpointStep} was acknowledged, ${newest} is the newest`]),
    ...(broken.length === 0 ? [] : [`${broken.length} chunks of checkpoints are broken`]),
  ]
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

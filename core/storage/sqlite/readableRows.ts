/**
 * All rows of a table that can still be read, around the pages that cannot. A b-tree is read upwards to the first damage and
 * downwards to the last; what lies between is halved again and again, so that a damaged page costs its own rows and no others. Tables without
 * rowid have no key that could be halved: there, rows between the first and the last damaged page are lost.
 */
import SQLite from 'better-sqlite3'
import type { Statement } from 'better-sqlite3'
import type { Database } from './connection.ts'

export type Value = string | bigint | number | Buffer | null

export interface TableShape {
  readonly name: string
  readonly columns: readonly string[]
  /** In the order of the key; used where there is no rowid. */
  readonly key: readonly string[]
  readonly hasRowid: boolean
}

/** A large damaged region would be asked about row by row; beyond this it is given up. */
const failuresAllowed = 200_000
const largestRowid = 2n ** 63n - 1n

/**
 * Yields rows as values in the order of the columns, whole numbers as bigint.
 * @returns whether every row was read
 */
export function* readableRows(db: Database, table: TableShape): Generator<Value[], boolean> {
  return table.hasRowid ? yield* byRowid(db, table) : yield* fromBothEnds(db, table)
}

function* byRowid(db: Database, { name, columns }: TableShape): Generator<Value[], boolean> {
  const prepare = (order: string) =>
    db
      .prepare<[bigint, bigint], Value[]>(
        `SELECT rowid, ${columns.map(quoted).join(', ')} FROM ${quoted(name)} NOT INDEXED WHERE rowid BETWEEN ? AND ? ORDER BY rowid ${order}`,
      )
      .raw()
      .safeIntegers()
  const upwards = prepare('ASC')
  const downwards = prepare('DESC')
  let failures = 0
  let whole = true
  const regions: [low: bigint, high: bigint][] = [[0n, largestRowid]]
  for (let region = regions.pop(); region !== undefined && failures < failuresAllowed; region = regions.pop()) {
    const [low, high] = region
    const last = yield* readRegion(upwards, low, high)
    if (last === 'end') continue
    whole = false
    failures++
    const bottom = last === undefined ? low : last + 1n
    const first = yield* readRegion(downwards, bottom, high)
    if (first === 'end') continue
    failures++
    const top = first === undefined ? high : first - 1n
    if (top <= bottom) continue
    // Nobody knows where the rows end when the last page is damaged: look further and further up for one that can be read.
    const middle = top === largestRowid ? nextReadable(upwards, bottom) : (bottom + top + 1n) / 2n
    if (middle === undefined) continue
    regions.push([middle, top], [bottom, middle - 1n])
  }
  return whole && regions.length === 0
}

/** Yields rows; returns 'end' when it came to the end of the region, or the last rowid before the damage. */
function* readRegion(
  statement: Statement<[bigint, bigint], Value[]>,
  low: bigint,
  high: bigint,
): Generator<Value[], 'end' | bigint | undefined> {
  let last: bigint | undefined
  const isDownwards = statement.source.endsWith('DESC')
  try {
    for (const [rowid, ...row] of statement.iterate(low, high)) {
      if (typeof rowid !== 'bigint') return last
      // A pointer that leads back would go round and round.
      if (last !== undefined && rowid < last !== isDownwards) return last
      last = rowid
      yield row
    }
    return 'end'
  } catch (error) {
    if (error instanceof SQLite.SqliteError) return last
    throw error
  }
}

function nextReadable(upwards: Statement<[bigint, bigint], Value[]>, low: bigint): bigint | undefined {
  for (let step = 1n; low + step < largestRowid; step += step / 10n + 1n) {
    const rows = readRegion(upwards, low + step, largestRowid)
    const isReadable = rows.next().done === false
    rows.return(undefined)
    if (isReadable) return low + step
  }
  return undefined
}

function* fromBothEnds(db: Database, { name, columns, key }: TableShape): Generator<Value[], boolean> {
  for (const order of ['ASC', 'DESC']) {
    const by = key.map((column) => `${quoted(column)} ${order}`).join(', ')
    try {
      yield* db
        .prepare<[], Value[]>(`SELECT ${columns.map(quoted).join(', ')} FROM ${quoted(name)} ORDER BY ${by}`)
        .raw()
        .safeIntegers()
        .iterate()
      return order === 'ASC'
    } catch (error) {
      if (!(error instanceof SQLite.SqliteError)) throw error
    }
  }
  return false
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

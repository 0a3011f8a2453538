/**
 * Deleting is a move to the bin; only emptying it is for good. What is deleted for good is first hidden in one write, then taken apart in
 * small portions, and recovery goes on with it after a crash: nothing ever comes back in halves. A sweep then gives the space back.
 */
import type { Id, Timestamp } from '../../domain/records.ts'
import type { ProjectFile } from '../sqlite/projectFile.ts'
import type { Clock } from './clock.ts'
import { notFound } from './notFound.ts'
import { portionsOf } from './portions.ts'

export type BinnedKind = 'dataSet' | 'run' | 'document' | 'result'

export interface BinnedThing {
  readonly kind: BinnedKind
  readonly id: Id
  readonly name: string
  /** About what deleting it gives back. */
  readonly sizeBytes: number
  readonly binnedAt: Timestamp
}

export interface Deleting {
  /** Gives other work a turn; called between two short writes. */
  readonly pause: () => Promise<void>
}

interface Part {
  readonly table: string
  /** Refers to the thing. */
  readonly column: string
  readonly order: string
  /** Rows that go in one write. */
  readonly limit: number
}

const things: Record<BinnedKind, { table: string; name: string; size: string; what: string; parts: readonly Part[] }> =
  {
    dataSet: {
      table: 'data_set',
      name: 'name',
      size: 'size_bytes',
      what: 'data set',
      parts: [{ table: 'picture', column: 'data_set_id', order: 'number', limit: 1000 }],
    },
    run: {
      table: 'run',
      name: 'name',
      size: 'SELECT coalesce(sum(size_bytes), 0) FROM checkpoint WHERE run_id = run.id',
      what: 'run',
      parts: [
        { table: 'checkpoint', column: 'run_id', order: 'number', limit: 1 },
        { table: 'metric', column: 'run_id', order: 'step', limit: 5000 },
        { table: 'probe', column: 'run_id', order: 'step', limit: 1000 },
      ],
    },
    document: {
      table: 'document',
      name: 'name',
      size: 'SELECT coalesce(sum(length(entry)), 0) FROM document_entry WHERE document_id = document.id',
      what: 'drawing',
      parts: [{ table: 'document_entry', column: 'document_id', order: 'number', limit: 1000 }],
    },
    result: {
      table: 'result',
      name: 'title',
      size: 'SELECT size FROM content WHERE hash = picture',
      what: 'result',
      parts: [],
    },
  }
const kinds = Object.keys(things) as BinnedKind[]

export type Bin = ReturnType<typeof openBin>

export function openBin(file: ProjectFile, clock: Clock) {
  const { db } = file
  const visible = 'id NOT IN (SELECT id FROM unfinished)'
  const list = db.prepare<[], BinnedThing>(
    `${kinds
      .map((kind) => {
        const { table, name, size } = things[kind]
        return `SELECT '${kind}' AS kind, id, ${name} AS name, (${size}) AS sizeBytes, binned_at AS binnedAt FROM ${table}
          WHERE binned_at IS NOT NULL AND ${visible}`
      })
      .join(' UNION ALL ')} ORDER BY binnedAt DESC, id`,
  )
  const mark = db.prepare(
    `INSERT INTO unfinished (id, kind, doing) VALUES (?, ?, 'deleting') ON CONFLICT DO UPDATE SET doing = 'deleting'`,
  )
  const markAll = db.prepare("UPDATE unfinished SET doing = 'deleting'")
  const unmark = db.prepare('DELETE FROM unfinished WHERE id = ?')
  const marked = db.prepare<[BinnedKind], Id>("SELECT id FROM unfinished WHERE kind = ? AND doing = 'deleting'").pluck()

  const prepare = (kind: BinnedKind) => {
    const { table, parts } = things[kind]
    return {
      exists: db.prepare<[Id], number>(`SELECT 1 FROM ${table} WHERE id = ?`).pluck(),
      put: db.prepare(`UPDATE ${table} SET binned_at = ? WHERE id = ? AND binned_at IS NULL AND ${visible}`),
      restore: db.prepare(`UPDATE ${table} SET binned_at = NULL WHERE id = ? AND ${visible}`),
      remove: db.prepare(`DELETE FROM ${table} WHERE id = ?`),
      removeParts: parts.map(({ table, column, order, limit }) =>
        db.prepare<[{ id: Id }]>(
          `DELETE FROM ${table} WHERE ${column} = @id AND ${order} <= (SELECT max(${order}) FROM
             (SELECT ${order} FROM ${table} WHERE ${column} = @id ORDER BY ${order} LIMIT ${limit}))`,
        ),
      ),
    }
  }
  const statements = Object.fromEntries(kinds.map((kind) => [kind, prepare(kind)])) as Record<
    BinnedKind,
    ReturnType<typeof prepare>
  >

  async function deleteMarked({ pause }: Deleting): Promise<void> {
    for (const kind of kinds) {
      const { remove, removeParts } = statements[kind]
      for (const portion of portionsOf(marked.all(kind), () => 0)) {
        for (const id of portion)
          for (const part of removeParts) while (file.write(() => part.run({ id })).changes > 0) await pause()
        file.write(() => {
          for (const id of portion) {
            remove.run(id)
            unmark.run(id)
          }
        })
        await pause()
      }
    }
  }

  return {
    /** Moves something to the bin; what is there already stays as it is. */
    put(kind: BinnedKind, id: Id): void {
      file.write(() => {
        if (statements[kind].put.run(clock(), id).changes === 0 && statements[kind].exists.get(id) === undefined)
          throw notFound(things[kind].what)
      })
    },

    restore(kind: BinnedKind, id: Id): void {
      if (file.write(() => statements[kind].restore.run(id)).changes === 0) throw notFound(things[kind].what)
    },

    /** Everything in it, last binned first. */
    list(): BinnedThing[] {
      return list.all()
    },

    /** Deletes everything in it for good. @returns how many things */
    async empty({ pause }: Deleting): Promise<number> {
      const binned = file.write(() => {
        const all = list.all()
        for (const { kind, id } of all) mark.run(id, kind)
        return all
      })
      await deleteMarked({ pause })
      return binned.length
    },

    /** Deletes one thing for good, in the bin or not; also a data set whose import was given up. */
    async remove(kind: BinnedKind, id: Id, { pause }: Deleting): Promise<void> {
      file.write(() => {
        if (statements[kind].exists.get(id) === undefined) throw notFound(things[kind].what)
        mark.run(id, kind)
      })
      await deleteMarked({ pause })
    },

    /** Deletes what a crash has left unfinished: only while nothing is being imported. */
    async removeUnfinished({ pause }: Deleting): Promise<void> {
      file.write(() => markAll.run())
      await deleteMarked({ pause })
    },
  }
}

/**
 * Data sets: begin, put the pictures in (pictures.ts), finish. Until it is finished nobody sees it, and a crash leaves nothing of it; an
 * import that is cancelled ends with bin.remove.
 */
import { randomUUID } from 'node:crypto'
import type { DataSetRecord, Id } from '../../domain/records.ts'
import type { ProjectFile } from '../sqlite/projectFile.ts'
import type { Clock } from './clock.ts'
import { notFound } from './notFound.ts'

/** All that is known before the first picture is in. */
export interface DataSetDraft extends Omit<DataSetRecord, 'id' | 'count' | 'sizeBytes' | 'createdAt' | 'binnedAt'> {
  /** The folder or file on this machine that it came from; referenced pictures are found there again. */
  readonly source: string | null
}

interface DataSetRow {
  id: Id
  name: string
  kind: DataSetRecord['kind']
  layout: string
  description: string
  labels: string
  channels: 1 | 3
  condition_channels: 1 | 3 | null
  condition_side: 'left' | 'right' | null
  natural_width: number
  natural_height: number
  keeping: DataSetRecord['keeping']
  size_bytes: number
  created_at: string
  binned_at: string | null
}
interface CountRow {
  train: number
  held_out: number
  skipped: number
  problems: number
}

export type DataSets = ReturnType<typeof openDataSets>

export function openDataSets(file: ProjectFile, clock: Clock) {
  const { db } = file
  const finished = 'id NOT IN (SELECT id FROM unfinished)'
  const insert = db.prepare(
    `INSERT INTO data_set (id, name, kind, layout, description, labels, channels, condition_channels, condition_side,
       natural_width, natural_height, keeping, source, created_at)
     VALUES (@id, @name, @kind, @layout, @description, @labels, @channels, @condition_channels, @condition_side,
       @natural_width, @natural_height, @keeping, @source, @created_at)`,
  )
  const insertUnfinished = db.prepare("INSERT INTO unfinished (id, kind, doing) VALUES (?, 'dataSet', 'importing')")
  const removeUnfinished = db.prepare("DELETE FROM unfinished WHERE id = ? AND doing = 'importing'")
  const describe = db.prepare('UPDATE data_set SET description = ? WHERE id = ?')
  const update = db.prepare(
    `UPDATE data_set SET name = @name, description = @description, labels = @labels, channels = @channels,
       condition_channels = @condition_channels, condition_side = @condition_side,
       natural_width = @natural_width, natural_height = @natural_height WHERE id = @id`,
  )
  const find = db.prepare<[Id], DataSetRow>(`SELECT * FROM data_set WHERE id = ? AND ${finished}`)
  const list = db.prepare<[], DataSetRow>(
    `SELECT * FROM data_set WHERE binned_at IS NULL AND ${finished} ORDER BY number DESC`,
  )
  const source = db.prepare<[Id], string | null>('SELECT source FROM data_set WHERE id = ?').pluck()
  const count = db.prepare<[Id], CountRow>(
    `SELECT count(*) FILTER (WHERE skipped = 0 AND split = 'train') AS train,
       count(*) FILTER (WHERE skipped = 0 AND split = 'heldOut') AS held_out,
       count(*) FILTER (WHERE skipped = 1) AS skipped,
       count(problem) AS problems
     FROM picture WHERE data_set_id = ?`,
  )

  function rowToDataSet(row: DataSetRow): DataSetRecord {
    const counts = count.get(row.id)
    return {
      id: row.id,
      name: row.name,
      kind: row.kind,
      layout: row.layout,
      description: row.description,
      labels: JSON.parse(row.labels) as string[],
      channels: row.channels,
      conditionChannels: row.condition_channels,
      conditionSide: row.condition_side,
      naturalSize: { width: row.natural_width, height: row.natural_height },
      keeping: row.keeping,
      count: {
        train: counts?.train ?? 0,
        heldOut: counts?.held_out ?? 0,
        skipped: counts?.skipped ?? 0,
        problems: counts?.problems ?? 0,
      },
      sizeBytes: row.size_bytes,
      createdAt: row.created_at,
      binnedAt: row.binned_at,
    }
  }

  return {
    /** An empty data set that pictures can be put into; it appears when it is finished. */
    begin(draft: DataSetDraft): Id {
      const id = randomUUID()
      file.write(() => {
        const { kind, layout, keeping, source } = draft
        insert.run({ id, kind, layout, keeping, source, created_at: clock(), ...looksToRow(draft) })
        insertUnfinished.run(id)
      })
      return id
    },

    /** @param description what came out, now that it is known */
    finish(id: Id, description?: string): DataSetRecord {
      file.write(() => {
        if (removeUnfinished.run(id).changes === 0) throw new RangeError(`data set ${id} is not being imported`)
        if (description !== undefined) describe.run(description, id)
      })
      // Counting takes a while where there are many, and nobody has to wait for it.
      return this.get(id)
    },

    find(id: Id): DataSetRecord | undefined {
      const row = find.get(id)
      return row && rowToDataSet(row)
    },

    get(id: Id): DataSetRecord {
      const found = this.find(id)
      if (found === undefined) throw notFound('data set')
      return found
    },

    /** Newest first, without those in the bin. */
    list(): DataSetRecord[] {
      return list.all().map(rowToDataSet)
    },

    /**
     * Where it came from on this machine; null when that is not known (any more). Never leaves the host. A place on the network is not gone
     * to: in a project that a stranger made it would have this machine sign in there.
     */
    source(id: Id): string | null {
      const place = source.get(id) ?? null
      return place !== null && /^[\\/]{2}/.test(place) ? null : place
    },

    /** Replaces what it is called and how it looks; its kind, its pictures and the bin have ways of their own. */
    update(record: DataSetRecord): void {
      if (file.write(() => update.run({ id: record.id, ...looksToRow(record) })).changes === 0)
        throw notFound('data set')
    },
  }
}

type Looks = Pick<
  DataSetRecord,
  'name' | 'description' | 'labels' | 'channels' | 'conditionChannels' | 'conditionSide' | 'naturalSize'
>

function looksToRow({ name, description, labels, channels, naturalSize, ...condition }: Looks) {
  return {
    ...{ name, description, channels },
    labels: JSON.stringify(labels),
    condition_channels: condition.conditionChannels,
    condition_side: condition.conditionSide,
    natural_width: naturalSize.width,
    natural_height: naturalSize.height,
  }
}

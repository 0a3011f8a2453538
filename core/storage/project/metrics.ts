/** The chart of a run: a row for every step, read back in as many points as a chart can show. */
import type { Id, MetricPoint } from '../../domain/records.ts'
import type { ProjectFile } from '../sqlite/projectFile.ts'
import { notFound } from './notFound.ts'

export interface MetricRange {
  /** First and last step, both included; from the beginning to the end unless given. */
  readonly from?: number
  readonly to?: number
  /** At most so many points come back. */
  readonly points: number
}

interface MetricRow {
  step: number
  elapsed_ms: number
  gap: number | null
  move: number | null
  gradient_size: number | null
  mapping_error: number | null
  observed_error: number | null
  mean_picture_error: number | null
  solver_gradient: number | null
  saturation: number | null
}

const columns = [
  'step',
  'elapsed_ms',
  'gap',
  'move',
  'gradient_size',
  'mapping_error',
  'observed_error',
  'mean_picture_error',
  'solver_gradient',
  'saturation',
] as const satisfies readonly (keyof MetricRow)[]

export type Metrics = ReturnType<typeof openMetrics>

export function openMetrics(file: ProjectFile) {
  const { db } = file
  const insert = db.prepare(
    `INSERT OR REPLACE INTO metric (run_id, ${columns.join(', ')})
     VALUES (@run_id, ${columns.map((column) => `@${column}`).join(', ')})`,
  )
  const extent = db.prepare<[Id, number, number], { count: number; first: number; last: number }>(
    'SELECT count(*) AS count, min(step) AS first, max(step) AS last FROM metric WHERE run_id = ? AND step BETWEEN ? AND ?',
  )
  const range = db.prepare<[Id, number, number], MetricRow>(
    `SELECT ${columns.join(', ')} FROM metric WHERE run_id = ? AND step BETWEEN ? AND ? ORDER BY step`,
  )
  const bucketsOf = (extreme: 'min' | 'max') =>
    db.prepare<[object], MetricRow>(
      `SELECT ${columns.map((column) => `${extreme}(${column}) AS ${column}`).join(', ')}
       FROM metric WHERE run_id = @id AND step BETWEEN @first AND @last
       GROUP BY CAST((step - @first) * @buckets / (@last - @first + 1) AS INTEGER) ORDER BY 1`,
    )
  const lows = bucketsOf('min')
  const highs = bucketsOf('max')
  const truncate = db.prepare('DELETE FROM metric WHERE run_id = ? AND step > ?')
  const hasRun = db.prepare<[Id], number>('SELECT 1 FROM run WHERE id = ?').pluck()

  return {
    /** In one short write. A step that is there already is replaced; numbers that are not finite become null. */
    append(runId: Id, points: readonly MetricPoint[]): void {
      file.write(() => {
        if (hasRun.get(runId) === undefined) throw notFound('run')
        for (const point of points) insert.run({ run_id: runId, ...pointToRow(point) })
      })
    },

    /**
     * The points themselves where they are few enough. Otherwise the range is cut into equal buckets of steps, and each gives two points: the
     * least of every number with the bucket's first step, and the greatest of every number with its last, so that no peak is lost.
     */
    read(runId: Id, { from = 0, to = Number.MAX_SAFE_INTEGER, points }: MetricRange): MetricPoint[] {
      if (!Number.isInteger(points) || points < 2) throw new RangeError(`points is ${points}, must be 2 or more`)
      const found = extent.get(runId, from, to)
      if (found === undefined || found.count === 0) return []
      if (found.count <= points) return range.all(runId, from, to).map(rowToPoint)
      const bounds = { id: runId, first: found.first, last: found.last, buckets: Math.floor(points / 2) }
      const high = highs.all(bounds)
      return lows
        .all(bounds)
        .flatMap((low, bucket) => (low.step === high[bucket].step ? [low] : [low, high[bucket]]))
        .map(rowToPoint)
    },

    /** Forgets what came after a step, for a run that goes on from there. */
    truncateAfter(runId: Id, step: number): void {
      file.write(() => truncate.run(runId, step))
    },
  }
}

function pointToRow(point: MetricPoint): MetricRow {
  const measured = (value: number | null) => (value !== null && Number.isFinite(value) ? value : null)
  return {
    step: point.step,
    elapsed_ms: point.elapsedMs,
    gap: measured(point.gap),
    move: measured(point.move),
    gradient_size: measured(point.gradientSize),
    mapping_error: measured(point.mappingError),
    observed_error: measured(point.observedError),
    mean_picture_error: measured(point.meanPictureError),
    solver_gradient: measured(point.solverGradient),
    saturation: measured(point.saturation),
  }
}

function rowToPoint(row: MetricRow): MetricPoint {
  return {
    step: row.step,
    elapsedMs: row.elapsed_ms,
    gap: row.gap,
    move: row.move,
    gradientSize: row.gradient_size,
    mappingError: row.mapping_error,
    observedError: row.observed_error,
    meanPictureError: row.mean_picture_error,
    solverGradient: row.solver_gradient,
    saturation: row.saturation,
  }
}

/**
 * The form of a project, as numbered migrations (by tens, forward only). Closed sets of words, ranges and JSON are CHECKed, because
 * `quick_check` then proves them for a file that comes from a stranger; nothing but tables and indexes is ever in a project.
 */
import { lockTableSql } from '../sqlite/lock.ts'
import type { Migration } from '../sqlite/migrate.ts'
import { bytes } from './version10/bytes.ts'
import { checkpoints } from './version10/checkpoints.ts'
import { dataSets } from './version10/dataSets.ts'
import { drawings } from './version10/drawings.ts'
import { jobs } from './version10/jobs.ts'
import { runs } from './version10/runs.ts'

export const migrations: readonly Migration[] = [
  {
    version: 10,
    up: (db) => db.exec([lockTableSql, bytes, dataSets, runs, checkpoints, drawings, jobs].join('\n')),
  },
]

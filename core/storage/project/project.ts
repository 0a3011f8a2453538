/** The project itself: one row, and the file around it. */
import { randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import type { Id, ProjectRecord, Timestamp } from '../../domain/records.ts'
import { logBytes } from '../sqlite/placeFile.ts'
import type { ProjectFile } from '../sqlite/projectFile.ts'
import { notFound } from './notFound.ts'

interface ProjectRow {
  id: Id
  name: string
  created_at: Timestamp
}

export type Project = ReturnType<typeof openProject>

export function openProject(file: ProjectFile) {
  const { db, path, readOnly } = file
  const get = db.prepare<[], ProjectRow>('SELECT id, name, created_at FROM project')
  const rename = db.prepare('UPDATE project SET name = ?')
  const setId = db.prepare('UPDATE project SET id = ?')
  const pragma = (name: string) => Number(db.pragma(name, { simple: true }))
  const sizeBytes = () =>
    db.memory
      ? pragma('page_count') * pragma('page_size')
      : (statSync(path, { throwIfNoEntry: false })?.size ?? 0) + logBytes(path)

  return {
    get(): ProjectRecord {
      const row = get.get()
      if (row === undefined) throw notFound('project')
      return {
        id: row.id,
        name: row.name,
        createdAt: row.created_at,
        sizeBytes: sizeBytes(),
        freeBytes: pragma('freelist_count') * pragma('page_size'),
        readOnly,
      }
    },

    /** For a copy that is to be a project of its own. */
    renew(): void {
      const id = randomUUID()
      file.write(() => setId.run(id))
    },

    rename(name: string): void {
      file.write(() => rename.run(name))
    },
  }
}
